import type { Clock } from './port.ts';

function fail(error: unknown): never {
  throw error;
}

/** The machine's own time. Timers do not keep the process alive. A periodic call that rejects is told to `onError` and made again at its next time. */
export function systemClock(onError: (error: unknown) => void = fail): Clock {
  return {
    nowMs: () => Date.now(),
    elapsedMs: () => performance.now(),
    every(intervalMs, run) {
      let running = false;
      const timer = setInterval(() => {
        if (running) return;
        running = true;
        const done = () => {
          running = false;
        };
        void Promise.resolve().then(run).catch(onError).finally(done);
      }, intervalMs);
      timer.unref();
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(done, delayMs);
        function done(): void {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        }
        signal?.addEventListener('abort', done, { once: true });
      }),
  };
}
