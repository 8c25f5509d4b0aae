/** Time, passed in, so that a test moves it. */
export interface Clock {
  /** Time of day, Unix ms. Somebody may set it, back an hour or a day ahead: good for what is told to others and kept, not for how long something takes. */
  nowMs(): number;
  /** Time that has passed since some moment, ms. It only ever goes forward, and evenly: for deadlines, pauses, and how long something is kept in memory. */
  elapsedMs(): number;
  /** Calls back every `intervalMs` until disposed; a call that is still running is not started again. */
  every(intervalMs: number, run: () => void | Promise<void>): Disposable;
  /** Resolves after `delayMs`; at once, without an error, when the signal is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
