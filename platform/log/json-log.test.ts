import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { jsonLog } from './json-log.ts';

function written(format: 'json' | 'text', level: 'debug' | 'warn' = 'debug') {
  const lines: string[] = [];
  return { lines, log: jsonLog({ level, format, write: (line) => lines.push(line), nowMs: () => 0 }) };
}

describe('the log', () => {
  it('writes one JSON object a line, with the attributes of its parents', () => {
    const { lines, log } = written('json');
    log.child({ part: 'ingest' }).warn({ lagMs: 5 }, 'device is late');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'warn',
      msg: 'device is late',
      part: 'ingest',
      lagMs: 5,
    });
  });

  it('drops what is below its level', () => {
    const { lines, log } = written('json', 'warn');
    log.info({}, 'state changed');
    log.error({}, 'someone must act');
    expect(lines).toHaveLength(1);
  });

  it.each(['json', 'text'] as const)('never prints a secret as %s', (format) => {
    const { lines, log } = written(format);
    log.info(
      { password: 'hunter2', nested: { accessToken: 'hunter2' }, headers: { authorization: 'Bearer hunter2' } },
      'signed in',
    );
    expect(lines[0]).not.toContain('hunter2');
  });

  it('prints the code of an error', () => {
    const { lines, log } = written('json');
    log.error({ error: new AppError('LOG_FULL', '/data/log') }, 'cannot append');
    expect(JSON.parse(lines[0] ?? '').error).toMatchObject({ code: 'LOG_FULL' });
  });

  it('writes a line for people', () => {
    const { lines, log } = written('text');
    log.info({ port: 4000, url: 'http://localhost:4000' }, 'ready');
    expect(lines[0]).toBe('1970-01-01T00:00:00.000Z info  ready port=4000 url=http://localhost:4000\n');
  });
});
