/** What a consumer does before its group gives out the partitions anew: finish the batch in hand, commit, and stand still until it knows what is its own. */
import type { Clock } from '../../clock/port.ts';

/** Well within a member's session, which lapses without a sign of life. A batch that takes longer is handled again by whoever gets its partition. */
const WITHIN_MS = 8_000;

export interface Handover {
  /** Asks the consumer to stand still; resolves when it does, or when that takes too long. */
  request(): Promise<void>;
  readonly isRequested: boolean;
  /** The consumer stands still, with everything committed: resolves when it may go on. */
  standStill(): Promise<void>;
  /** The partitions have been given out, or the consumer ends. */
  finish(): void;
}

interface Requested {
  readonly stands: PromiseWithResolvers<void>;
  readonly finished: PromiseWithResolvers<void>;
}

/** No handover is asked for at first. @param wake lets a consumer that waits for records look up */
export function createHandover(clock: Clock, wake: () => void): Handover {
  let requested: Requested | undefined;
  return {
    async request() {
      requested ??= { stands: Promise.withResolvers(), finished: Promise.withResolvers() };
      wake();
      const inTime = new AbortController();
      await Promise.race([requested.stands.promise, clock.sleep(WITHIN_MS, inTime.signal)]);
      inTime.abort();
    },
    get isRequested() {
      return requested !== undefined;
    },
    async standStill() {
      requested?.stands.resolve();
      await requested?.finished.promise;
    },
    finish() {
      requested?.stands.resolve();
      requested?.finished.resolve();
      requested = undefined;
    },
  };
}
