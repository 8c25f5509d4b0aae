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

interface Running {
  readonly endsMs: number;
  passed: boolean;
  waiting: Set<() => void> | undefined;
}

/** Deadlines that pass `afterMs` after their start. */
export function deadlines(clock: Clock, afterMs: number): Deadlines {
  const running = new Set<Running>();
  const check = clock.every(CHECK_EVERY_MS, () => {
    const nowMs = clock.nowMs();
    for (const one of running) {
      if (one.endsMs > nowMs) break;
      running.delete(one);
      one.passed = true;
      for (const giveUp of one.waiting ?? []) giveUp();
    }
  });
  return {
    start() {
      const one: Running = { endsMs: clock.nowMs() + afterMs, passed: false, waiting: undefined };
      running.add(one);
      return {
        endsMs: one.endsMs,
        get passed() {
          return one.passed;
        },
        race: (work) => race(one, work),
        end: () => running.delete(one),
      };
    },
    [Symbol.dispose]: () => check[Symbol.dispose](),
  };
}

function race<T>(one: Running, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    one.waiting ??= new Set();
    one.waiting.add(giveUp);
    work.then(resolve, reject).finally(() => one.waiting?.delete(giveUp));
  });
}
