import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@greencity/platform/errors';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { describe, expect, it } from 'vitest';
import { healthRoutes } from './health.ts';

/** What `/ready` answers each time that it is asked, with a store whose trouble can be set. */
function readiness() {
  const log = memoryLog();
  let trouble: Error | undefined;
  const store = () => {
    if (trouble) throw trouble;
  };
  const routes = healthRoutes({ metrics: memoryMetrics(), log, ready: { store } });
  return {
    log,
    setTrouble: (error: Error | undefined) => {
      trouble = error;
    },
    ask: () =>
      new Promise<{ readonly status: number; readonly body: unknown }>((resolve) => {
        let status = 0;
        const response = {
          writeHead: (given: number) => (status = given),
          end: (text: string) => resolve({ status, body: JSON.parse(text) }),
        };
        void routes['/ready']?.({ method: 'GET' } as IncomingMessage, response as unknown as ServerResponse);
      }),
  };
}

describe('/ready', () => {
  it('names what a part lacks by its code, and says only that it is not ready where there is none', async () => {
    const { ask, setTrouble } = readiness();
    expect(await ask()).toEqual({ status: 200, body: { status: 'ready', checks: { store: 'ready' } } });
    setTrouble(new AppError('STORE_REFUSED', 'db:27017'));
    expect(await ask()).toEqual({ status: 503, body: { status: 'not ready', checks: { store: 'STORE_REFUSED' } } });
    setTrouble(new Error('still reading'));
    expect(await ask()).toEqual({ status: 503, body: { status: 'not ready', checks: { store: 'not ready' } } });
  });

  it('tells the log of a part when its state changes, however often it is asked', async () => {
    const { ask, setTrouble, log } = readiness();
    setTrouble(new AppError('UNAVAILABLE', 'db:27017'));
    for (const _ of [1, 2, 3]) await ask();
    setTrouble(new AppError('STORE_REFUSED', 'db:27017'));
    for (const _ of [1, 2, 3]) await ask();
    setTrouble(undefined);
    for (const _ of [1, 2, 3]) await ask();
    expect(log.entries.map(({ level }) => level)).toEqual(['warn', 'warn', 'info']);
  });
});
