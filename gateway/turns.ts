import { AppError } from '@greencity/platform/errors';
import { openClientLine } from './client-line.ts';
import { isLocal } from './http/client-address.ts';
import { afterRounds, QUICK_ROUNDS } from './rounds.ts';

/**
 * Turns at work that holds up everybody while it runs: reading a text that nobody sent before, planning it, executing what is dear. Next is the client who has been
 * worked for least, however much each of them asks for, and between two pieces everything that is quick goes on.
 */
export interface Turns {
  /** Resolves when it is this client's turn, to do one piece of work at once; nothing when that is now. @throws AppError RATE_LIMITED when too much of this client waits already */
  take(from: string | undefined): Promise<void> | undefined;
}

/** Pieces of one client that wait. Programs on this machine itself may have as many as they like: behind them may stand everybody. */
export const WAITING_PER_CLIENT_MAX = 100;
/** How long pieces may run one after another before the event loop goes on. Few wait then: what waits grows old, and the collector finds late what hangs on it. */
const SLICE_MS = 75;
/** Pieces that may begin in one round, of those who wait, as long as slices are not used up. */
const TOGETHER_MAX = 4;

export function openTurns(nowMs: () => number = () => performance.now()): Turns {
  const line = openClientLine();
  let state: 'idle' | 'slice' | 'pause' = 'idle';
  let sliceBeganMs = 0;
  let together = 1;
  /** Somebody's piece may have begun, so that nobody knows yet how long it takes. */
  let isUnderWay = false;
  /** Whose piece it is, or was last. */
  let current: { readonly from: string; readonly beganMs: number } | undefined;
  const note = (): void => {
    if (current) line.spent(current.from, nowMs() - current.beganMs);
    current = undefined;
  };
  const noteBegin = (from: string): void => {
    current = { from, beganMs: nowMs() };
  };
  const begin = (): void => {
    state = 'slice';
    sliceBeganMs = nowMs();
    setImmediate(end);
  };
  const isUsedUp = (): boolean => nowMs() - sliceBeganMs >= SLICE_MS;
  const end = (): void => {
    const usedUp = isUsedUp();
    together = usedUp ? 1 : Math.min(2 * together, TOGETHER_MAX);
    if (usedUp) {
      state = 'pause';
      afterRounds(QUICK_ROUNDS - 1, goOn);
    } else {
      goOn();
    }
  };
  const goOn = (): void => {
    state = 'idle';
    if (line.clients === 0) return;
    begin();
    several(together);
  };
  const several = (count: number): void => {
    line.next()?.();
    // Comes when the piece has been done, as far as it does not wait for something else.
    queueMicrotask(() => process.nextTick(noteAndGoOn, count - 1));
  };
  const noteAndGoOn = (count: number): void => {
    note();
    if (count > 0 && !isUsedUp()) several(count);
  };
  return {
    take(from) {
      if (from === undefined) return undefined;
      if (state === 'idle') begin();
      if (state === 'slice' && !isUnderWay && !isUsedUp()) {
        isUnderWay = true;
        noteBegin(from);
        // Comes when everything that is ready to go on has done so.
        process.nextTick(() => {
          note();
          isUnderWay = false;
        });
        return undefined;
      }
      if (line.waitingOf(from) >= WAITING_PER_CLIENT_MAX && !isLocal(from))
        return Promise.reject(
          new AppError(
            'RATE_LIMITED',
            `at most ${WAITING_PER_CLIENT_MAX} new or dear operations of one client wait at a time`,
          ),
        );
      return new Promise((resolve) => {
        line.add(from, () => {
          noteBegin(from);
          resolve();
        });
      });
    },
  };
}
