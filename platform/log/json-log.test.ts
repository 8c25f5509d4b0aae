import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { type JsonLogOptions, jsonLog } from './json-log.ts';
import { memoryLog } from './memory-log.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 10);

function aLog(options: Partial<JsonLogOptions> = {}) {
  const lines: string[] = [];
  const log = jsonLog({ level: 'info', write: (line) => lines.push(line), nowMs: () => NOW_MS, ...options });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') };
}

describe('the JSON log', () => {
  it('writes one line per event: time, level, message, attributes', () => {
    const { log, lines } = aLog();
    log.warn({ deviceId: 'd1', lagMs: 12.5 }, 'device is late');
    expect(lines).toEqual([
      '{"time":"2026-11-23T10:00:00.000Z","level":"warn","msg":"device is late","deviceId":"d1","lagMs":12.5}\n',
    ]);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = aLog({ level: 'warn' });
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(lines).toHaveLength(2);
  });

  it('gives the lines of a child the attributes of its parents', () => {
    const { log, last } = aLog();
    log.child({ part: 'alerts' }).child({ topic: 'devices' }).info({ offset: 3 }, 'read');
    expect(last()).toMatchObject({ part: 'alerts', topic: 'devices', offset: 3 });
  });

  it.each(['password', 'secret', 'accessToken', 'Authorization', 'SECRET_KEY', 'api_key', 'cookie', 'credentials'])(
    'never writes the value of %s, however deep',
    (key) => {
      const { log, lines } = aLog();
      log.info({ [key]: 'hunter2', request: { headers: [{ [key]: 'hunter2' }] } }, 'asked');
      expect(lines.join('')).not.toContain('hunter2');
      expect(lines.join('')).toContain('[redacted]');
    },
  );

  it('shows an error with its code, its stack and its cause', () => {
    const { log, last } = aLog();
    log.error({ error: new AppError('CONFLICT', 'users.email', { cause: new Error('inner') }) }, 'failed');
    expect(last().error).toMatchObject({
      name: 'AppError',
      code: 'CONFLICT',
      subject: 'users.email',
      cause: { message: 'inner' },
    });
    expect(last().error.stack).toContain('json-log.test.ts');
  });

  it('survives what JSON cannot hold, and bounds what is long or deep', () => {
    const { log, last, lines } = aLog();
    const circle: Record<string, unknown> = { big: 10n, nan: Number.NaN, bytes: new Uint8Array(3), left: undefined };
    circle['self'] = circle;
    log.info({ circle, text: 'x'.repeat(100_000), when: new Date(Number.NaN), map: new Map([['a', 1]]) }, 'odd');
    expect(last()).toMatchObject({ circle: { big: '10', nan: 'NaN', bytes: '[3 bytes]' }, map: { a: 1 } });
    expect(lines[0]?.length).toBeLessThan(12_000);
  });

  it('lets no attribute pass for the time, the level or the message', () => {
    const { log, last } = aLog();
    log.info({ level: 'error', msg: 'forged', time: 'never' }, 'true');
    expect(last()).toEqual({ time: '2026-11-23T10:00:00.000Z', level: 'info', msg: 'true' });
  });
});

describe('the text log', () => {
  it('writes one line that a person reads', () => {
    const { log, lines } = aLog({ format: 'text' });
    log.info({ port: 4000, url: 'http://localhost:4000', note: 'two\nlines' }, 'listening');
    expect(lines).toEqual(['10:00:00.000 INFO  listening port=4000 url=http://localhost:4000 note="two\\nlines"\n']);
  });
});

it('the memory log keeps events, those of children too', () => {
  const log = memoryLog();
  log.child({ part: 'a' }).warn({ n: 1 }, 'odd');
  expect(log.entries).toEqual([{ level: 'warn', message: 'odd', attributes: { part: 'a', n: 1 } }]);
});
