import type { RemoteSettings } from './settings.ts';

/** Decides whether and when a query is sent again. */
export interface Retries {
  /** A fetch succeeded: something may be tried again. */
  earned(): void;
  /** Milliseconds to wait before try `number` (1 for the first repeat), or undefined when it is not to be made. */
  next(number: number): number | undefined;
}

/** Retries that can be saved up. */
const SAVED_MAX = 20;

/** @param random from 0 to 1, 1 left out */
export function retries({ retriesMax, retryMs, retryShare }: RemoteSettings, random: () => number): Retries {
  let saved = SAVED_MAX;
  return {
    earned() {
      saved = Math.min(SAVED_MAX, saved + retryShare);
    },
    next(number) {
      if (number > retriesMax || saved < 1) return undefined;
      saved -= 1;
      return retryMs * 2 ** (number - 1) * (0.5 + random() / 2);
    },
  };
}
