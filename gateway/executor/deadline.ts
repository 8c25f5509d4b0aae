import type { Clock } from '@greencity/platform/clock/port';
import type { Deadline } from './run.ts';

/** Gives each request its deadline without a timer for each. */
export interface Deadlines extends Disposable {
  start(): StartedDeadline;
}

export interface StartedDeadline extends Deadline {
  /** To be called when the work is done. */
  end(): void;
}

/** How often requests are looked at: a deadline passes at most this much late. */
const CHECK_EVERY_MS = 250;

/**
 * What is handed out is this itself. A getter of an object literal is old from its making, and what it sees stays until the next full collection; so do the tables
 * that a Set leaves behind when it empties, each of which holds the next.
 */
interface Running extends StartedDeadline {
  passed: boolean;
  hasEnded: boolean;
  /** Missing while nothing has been waited for: then nobody looks whether the time is up. */
  waiting: Set<() => void> | undefined;
}

/** Deadlines that pass `afterMs` after their start, for those who wait. */
export function deadlines(clock: Clock, afterMs: number): Deadlines {
  let running: Running[] = [];
  const check = clock.every(CHECK_EVERY_MS, () => {
    const nowMs = clock.elapsedMs();
    running = running.filter((one) => {
      if (one.hasEnded) return false;
      if (one.endsMs > nowMs) return true;
      one.passed = true;
      for (const giveUp of one.waiting ?? []) giveUp();
      return false;
    });
  });
  const waitingOf = (one: Running): Set<() => void> => {
    if (one.waiting) return one.waiting;
    running.push(one);
    one.waiting = new Set();
    return one.waiting;
  };
  return {
    start() {
      const one: Running = {
        endsMs: clock.elapsedMs() + afterMs,
        passed: false,
        hasEnded: false,
        waiting: undefined,
        race: (work) => race(waitingOf(one), work),
        end() {
          one.hasEnded = true;
        },
      };
      return one;
    },
    [Symbol.dispose]: () => check[Symbol.dispose](),
  };
}

function race<T>(waiting: Set<() => void>, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    waiting.add(giveUp);
    work.then(resolve, reject).finally(() => waiting.delete(giveUp));
  });
}
