/** What a consumer knows of itself from step to step. */
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import type { Counter } from '../../metrics/port.ts';
import type { ConsumeOptions } from '../port.ts';
import { detailOf, type KafkaConnection } from './connection.ts';
import type { Source } from './fetching.ts';
import type { Handover } from './handover.ts';
import type { Membership } from './membership.ts';
import type { Prefetch } from './prefetch.ts';

const RETRY_DELAY_FIRST_MS = 100;
const RETRY_DELAY_MAX_MS = 30_000;

export interface ConsumerOptions {
  readonly consume: ConsumeOptions;
  readonly connection: KafkaConnection;
  readonly source: Source;
  readonly partitions: number;
  /** As the cluster knows it; undefined for an ephemeral reader. */
  readonly group: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failures: Counter;
  readonly skipped: Counter;
  readonly onClosed: () => void;
}

/** A partition that is this consumer's. */
export interface Owned {
  readonly partition: number;
  /** Next offset to handle. */
  position: number;
  committed: number;
  taken: boolean;
}

/** Changes in place. */
export interface ConsumerState extends ConsumerOptions {
  readonly commitIntervalMs: number;
  readonly stop: AbortController;
  membership: Membership | undefined;
  /** Of the present assignment; another assignment has another map. */
  owned: Map<number, Owned>;
  readonly ends: Map<number, number>;
  prefetch: Prefetch | undefined;
  commitDueMs: number;
  /** Settled when the newest assignment is in force. */
  assigning: Promise<void>;
  assignment: number;
  readonly handover: Handover;
  readonly caughtUp: Set<Waiter>;
}

/** Somebody who waits for the consumer to be there. */
export interface Waiter {
  readonly targets: ReadonlyMap<number, number>;
  readonly resolve: () => void;
}

/** Tries a step until it succeeds, with a growing delay; undefined when the consumer was closed, or the step lost its sense, before that. */
export async function persist<T>(
  state: ConsumerState,
  step: string,
  attempt: () => Promise<T>,
  still = () => true,
): Promise<T | undefined> {
  const { log, consume, group, clock, stop } = state;
  for (let delayMs = RETRY_DELAY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS)) {
    try {
      return await attempt();
    } catch (error) {
      state.failures.add();
      const { topic } = consume;
      log.warn(
        { topic, group, step, retryDelayMs: delayMs, detail: detailOf(error), error },
        'consumer failed, will try again',
      );
    }
    await clock.sleep(delayMs, stop.signal);
    if (stop.signal.aborted || !still()) return undefined;
  }
}

/** A step that gives nothing, told apart from one that was given up. */
export async function done(step: Promise<void>): Promise<true> {
  await step;
  return true;
}
