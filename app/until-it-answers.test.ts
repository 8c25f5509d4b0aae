import { type ManualClock, manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { describe, expect, it } from 'vitest';
import { untilItAnswers } from './until-it-answers.ts';

/** Until it sleeps, which it does some turns after it was refused. */
async function asleep(clock: ManualClock): Promise<void> {
  while (clock.waiting() === 0) await Promise.resolve();
}

describe('an engine that is opened', () => {
  it('is waited for while it does not answer, ever longer, and told of each time', async () => {
    const clock = manualClock(0);
    const log = memoryLog();
    let tries = 0;
    const opened = untilItAnswers({ engine: 'MongoDB', clock, log }, async () => {
      tries += 1;
      if (tries < 3) throw new AppError('UNAVAILABLE', 'db:27017');
      return 'open';
    });
    await asleep(clock);
    await clock.advance(500);
    await asleep(clock);
    expect(tries).toBe(2);
    await clock.advance(999);
    expect(tries).toBe(2);
    await clock.advance(1);
    expect(await opened).toBe('open');
    expect(log.entries.map(({ attributes }) => attributes['retryDelayMs'])).toEqual([500, 1_000]);
  });

  it('that refuses is not waited for', async () => {
    const opened = untilItAnswers({ engine: 'MongoDB', clock: manualClock(0), log: memoryLog() }, async () => {
      throw new AppError('STORE_REFUSED', 'db:27017');
    });
    await expect(opened).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
