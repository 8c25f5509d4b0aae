import type { Clock } from './port.ts';

/** Time that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time on, running in order whatever falls due; waits for what that started, which therefore must not sleep on this clock from within `every`. */
  advance(ms: number): Promise<void>;
  /** Sets the time of day; no time passes. */
  set(nowMs: number): void;
  /** Periodic calls and sleeps that have not ended. */
  waiting(): number;
}

interface Due {
  atMs: number;
  run(): void | Promise<void>;
  readonly intervalMs: number | undefined;
}

/** A clock for tests. */
export function manualClock(startMs: number): ManualClock {
  let elapsedMs = startMs;
  let setByMs = 0;
  const timers = new Set<Due>();

  function next(untilMs: number): Due | undefined {
    let first: Due | undefined;
    for (const due of timers) if (due.atMs <= untilMs && (!first || due.atMs < first.atMs)) first = due;
    return first;
  }

  return {
    nowMs: () => elapsedMs + setByMs,
    elapsedMs: () => elapsedMs,
    set(nowMs) {
      setByMs = nowMs - elapsedMs;
    },
    waiting: () => timers.size,
    every(intervalMs, run) {
      const due: Due = { atMs: elapsedMs + intervalMs, run, intervalMs };
      timers.add(due);
      return { [Symbol.dispose]: () => void timers.delete(due) };
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const due: Due = { atMs: elapsedMs + delayMs, run: resolve, intervalMs: undefined };
        timers.add(due);
        signal?.addEventListener('abort', () => timers.delete(due) && resolve(), { once: true });
      }),
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      for (let due = next(untilMs); due; due = next(untilMs)) {
        elapsedMs = due.atMs;
        if (due.intervalMs === undefined) timers.delete(due);
        else due.atMs += due.intervalMs;
        await due.run();
        await settled();
      }
      elapsedMs = untilMs;
    },
  };
}

/** Resolves when the continuations of everything that is settled by now have run, so that a sleeper can ask for its next sleep. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
