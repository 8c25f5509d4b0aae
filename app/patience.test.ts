import { type ManualClock, manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError, type ErrorCode } from '@greencity/platform/errors';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { describe, expect, it } from 'vitest';
import { openPatience } from './patience.ts';

/** Until it sleeps, which it does some turns after it was refused. */
async function asleep(clock: ManualClock): Promise<void> {
  while (clock.waiting() === 0) await Promise.resolve();
}

function patience(waits = true) {
  const clock = manualClock(0);
  const log = memoryLog();
  return { clock, log, ...openPatience({ clock, log, waits }) };
}

/** Fails with each of these in turn, and then opens. */
function failing(...codes: readonly ErrorCode[]) {
  const left = [...codes];
  return async () => {
    const code = left.shift();
    if (code) throw new AppError(code, 'db:27017');
    return 'open';
  };
}

describe('an engine that is opened', () => {
  it('is tried after 0.5 s, 1 s, 2 s and so on, and never more than 15 s apart', async () => {
    const { clock, untilItOpens } = patience();
    const opened = untilItOpens('documents', failing(...Array<ErrorCode>(7).fill('UNAVAILABLE')));
    for (const delayMs of [500, 1_000, 2_000, 4_000, 8_000, 15_000]) {
      await asleep(clock);
      await clock.advance(delayMs - 1);
      expect(clock.waiting()).toBe(1);
      await clock.advance(1);
    }
    await asleep(clock);
    await clock.advance(15_000);
    expect(await opened).toBe('open');
  });

  it.each<ErrorCode>(['STORE_REFUSED', 'STORE_MISSING', 'ENGINE_REFUSED', 'ENGINE_UNTRUSTED', 'ENGINE_UNREACHABLE'])(
    'with %s is named while it is waited for, and no longer when it opens',
    async (code) => {
      const { clock, waiting, untilItOpens } = patience();
      const opened = untilItOpens('documents', failing(code));
      await asleep(clock);
      expect([...waiting].map(([name, error]) => [name, error.code])).toEqual([['documents', code]]);
      await clock.advance(500);
      await opened;
      expect(waiting.size).toBe(0);
    },
  );

  it('is told of at a growing distance, at once when the reason is another, and when it opens', async () => {
    const { clock, log, untilItOpens } = patience();
    const codes: ErrorCode[] = [...Array<ErrorCode>(84).fill('UNAVAILABLE'), 'STORE_REFUSED'];
    let open = false;
    const opened = untilItOpens('documents', failing(...codes)).then(() => {
      open = true;
    });
    while (!open) {
      if (clock.waiting() > 0) await clock.advance(15_000);
      else await Promise.resolve();
    }
    await opened;
    const told = log.entries.map(({ level, attributes }) => [level, attributes['tries']]);
    const unavailable = [1, 2, 4, 8, 16, 32, 40, 80].map((tries) => ['warn', tries]);
    expect(told).toEqual([...unavailable, ['error', 85], ['info', 86]]);
  });

  it.each<ErrorCode>(['BAD_SETTING', 'LOG_CORRUPT', 'DATA_DIR_IN_USE'])(
    'with %s is not waited for: that does not pass',
    async (code) => {
      await expect(patience().untilItOpens('documents', failing(code))).rejects.toMatchObject({ code });
    },
  );

  it('is waited for no longer when the process is to end', async () => {
    const ending = new AbortController();
    const clock = manualClock(0);
    const { untilItOpens } = openPatience({ clock, log: memoryLog(), waits: true, signal: ending.signal });
    const opened = untilItOpens('documents', failing('UNAVAILABLE'));
    await asleep(clock);
    ending.abort();
    await expect(opened).rejects.toBe(ending.signal.reason);
  });

  it('is not waited for where everything lies in this process', async () => {
    const opened = patience(false).untilItOpens('documents', failing('STORE_UNWRITABLE'));
    await expect(opened).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
  });
});
