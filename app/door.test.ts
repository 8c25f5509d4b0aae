import { systemClock } from '@greencity/platform/clock/system-clock';
import { AppError } from '@greencity/platform/errors';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Door, openDoor } from './door.ts';

const waiting = new Map<string, AppError>();
let door: Door;
beforeEach(async () => {
  waiting.clear();
  const basics = { clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() };
  door = await openDoor({ ...basics, host: '127.0.0.1', port: 0, waiting });
});
afterEach(() => door.close());

const get = (path: string) => fetch(`http://127.0.0.1:${door.port}${path}`);

describe('the port of a process that starts', () => {
  it('is live, not ready, and names what it waits for', async () => {
    expect((await get('/live')).status).toBe(200);
    expect(await (await get('/ready')).json()).toEqual({ status: 'not ready', checks: { start: 'not ready' } });
    waiting.set('documents', new AppError('STORE_REFUSED', 'db:27017'));
    const answer = await get('/ready');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ checks: { documents: 'STORE_REFUSED' } });
  });

  it('puts off everything else, as UNAVAILABLE', async () => {
    for (const path of ['/', '/graphql', '/devices/graphql', '/constructor']) {
      const answer = await get(path);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await answer.json()).toMatchObject({ code: 'UNAVAILABLE' });
    }
  });

  it('leads to what is behind it from then on', async () => {
    const handler = (_: unknown, response: { end(text: string): void }) => response.end('open');
    door.lead({ handler, upgrade: (_request, socket) => socket.destroy(), closing: async () => undefined });
    expect(await (await get('/ready')).text()).toBe('open');
  });
});
