import { AppError } from '@greencity/platform/errors';
import { openClientLine } from '../client-line.ts';
import { isLocal } from '../http/client-address.ts';
import { afterRounds, QUICK_ROUNDS } from '../rounds.ts';

/**
 * Lets few ranges be read at a time, of clients in turn; the others wait in line. What a range holds is read, written and read again, some tens of milliseconds for
 * each answer: with fifty of them at once whatever else is asked for waits for all of them.
 */
export interface RangeLanes {
  /** @throws AppError RATE_LIMITED when too many of this client wait already. Programs on this machine itself may have as many as they like: behind them may stand everybody */
  read<T>(from: string | undefined, work: () => Promise<T>): Promise<T>;
}

/** More are no faster where the work is this process's own. */
export const RANGES_AT_A_TIME = 2;
export const RANGES_WAITING_MAX = 100;

export function openRangeLanes(): RangeLanes {
  const line = openClientLine();
  let read = 0;
  const lane = (from: string): Promise<void> | undefined => {
    if (read < RANGES_AT_A_TIME) {
      read += 1;
      return undefined;
    }
    if (line.waitingOf(from) >= RANGES_WAITING_MAX && !isLocal(from))
      throw new AppError('RATE_LIMITED', `at most ${RANGES_WAITING_MAX} ranges of one client wait at a time`);
    return new Promise((resolve) => line.add(from, resolve));
  };
  // The lane passes to the next in line as it is, once whatever is quick has been answered.
  const pass = (): void => {
    const next = line.next();
    if (next) afterRounds(QUICK_ROUNDS, next);
    else read -= 1;
  };
  return {
    async read(from, work) {
      if (from === undefined) return await work();
      await lane(from);
      try {
        return await work();
      } finally {
        pass();
      }
    },
  };
}
