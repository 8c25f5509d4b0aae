/** What the store does by itself while it is open: learns what others write, and makes buckets anew that somebody has deleted. */
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { InfluxConnection } from './connection.ts';
import { isMissing } from './failure.ts';
import type { Buckets } from './layout.ts';
import type { Others } from './others.ts';
import { checkBuckets } from './provision.ts';

const LEARN_EVERY_MS = 2_000;
/** Learning finds out that readings have no bucket; that roll-ups have none, only asking does. */
const CHECK_EVERY_MS = 30_000;

export interface UpkeepOptions {
  readonly connection: InfluxConnection;
  readonly buckets: Buckets;
  readonly others: Others;
  /** Makes what is missing; resolves to the buckets that were. */
  readonly makeAnew: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Goes on until it is disposed of. */
export function startUpkeep({ connection, buckets, others, makeAnew, clock, log }: UpkeepOptions): Disposable {
  let failing: string | undefined;

  async function restore(): Promise<void> {
    try {
      const made = await makeAnew();
      if (made.length > 0) log.warn({ buckets: made }, 'buckets of InfluxDB were gone and have been made anew, empty');
      failing = undefined;
    } catch (error) {
      const code = codeOf(error);
      if (failing !== code)
        log.error({ error }, 'a bucket of InfluxDB is gone and cannot be made anew; will try again');
      failing = code;
    }
  }

  async function unlessMissing(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (isMissing(error)) return await restore();
      // What others wrote is asked for again; meanwhile the newest values are as old as the last answer.
      log.debug({ error }, 'could not ask InfluxDB for what is new');
    }
  }

  const periodic = [
    clock.every(LEARN_EVERY_MS, () => unlessMissing(others.learn)),
    clock.every(CHECK_EVERY_MS, () => unlessMissing(() => checkBuckets(connection, buckets))),
  ];
  return {
    [Symbol.dispose]() {
      for (const one of periodic) one[Symbol.dispose]();
    },
  };
}

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : 'unknown');
