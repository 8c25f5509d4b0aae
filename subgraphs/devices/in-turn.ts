import { AppError } from '@greencity/platform/errors';

/** Runs one piece of work at a time, in the order asked for. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Pieces of work that may wait; one more is refused. */
const WAITING_MAX = 10_000;

/** A queue of one worker: what one change decides by, no other changes meanwhile. @throws AppError UNAVAILABLE when too many wait. */
export function createInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= WAITING_MAX) throw new AppError('UNAVAILABLE', 'too many changes at once');
    waiting += 1;
    const mine = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = mine.catch(() => undefined);
    return await mine;
  };
}
