/** Time, passed in, so that a test moves it. */
export interface Clock {
  /** Unix ms. */
  nowMs(): number;
  /** Calls back every `intervalMs` until disposed; a call that is still running is not started again. */
  every(intervalMs: number, run: () => void | Promise<void>): Disposable;
  /** Resolves after `delayMs`; at once, without an error, when the signal is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
