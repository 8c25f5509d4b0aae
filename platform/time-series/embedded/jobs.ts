/** Long work in the store's thread, a slice at a time and in turn, so that a write never waits behind more than one slice. */
export interface Jobs {
  add<T>(work: Generator<void, T, void>, ended: (outcome: Outcome<T>) => void): void;
  /** Runs one slice of the job whose turn it is. False when there is none left. */
  slice(): boolean;
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** Steps are much shorter than a slice; the time is looked at after so many. */
const STEPS_PER_LOOK = 8;

/** Runs work in slices of about `sliceMs`. */
export function openJobs(sliceMs: number): Jobs {
  const waiting: (() => boolean)[] = [];
  return {
    add: (work, ended) => {
      waiting.push(() => {
        const untilMs = performance.now() + sliceMs;
        try {
          do {
            for (let step = 0; step < STEPS_PER_LOOK; step++) {
              const { done, value } = work.next();
              if (!done) continue;
              ended({ kind: 'done', result: value });
              return true;
            }
          } while (performance.now() < untilMs);
        } catch (cause) {
          ended({ kind: 'failed', cause });
          return true;
        }
        return false;
      });
    },
    slice: () => {
      const job = waiting.shift();
      if (job && !job()) waiting.push(job);
      return waiting.length > 0;
    },
  };
}
