/**
 * The event log: what happened, in order, durable, read by consumer groups at their own pace.
 *
 * Promises, tested by `contract.ts` on every adapter:
 * - `append` resolves only when the records would survive a power cut, and rejects with LOG_UNWRITABLE otherwise.
 * - A topic has one partition or more, numbered from 0; a key belongs to one of them. Offsets number the records of a partition, without gaps but for what
 *   retention removes. Records of one partition, so of one key, are read in the order they were appended; between partitions there is no order.
 * - At least once: a group that stops anywhere resumes at its last commit; nothing after it is skipped.
 * - A group's offset moves only after `handle`, and then `flush`, have resolved.
 */

export const TOPICS = [
  'raw.measurements',
  'processed.measurements',
  'alerts',
  'raw.measurements.dlq',
  'devices',
  'device.status',
  'device.status.changes',
] as const;
export type Topic = (typeof TOPICS)[number];

/**
 * Topics that an engine may spread over several partitions, so that several processes share the work. All others have one partition, and with it one
 * order of all their records: what is told to clients goes on after a record's offset.
 */
export const SPREAD_TOPICS: readonly Topic[] = ['raw.measurements'];

/** How long a topic keeps records: by age and size, or the newest of each key for ever. */
export type Retention =
  | { readonly kind: 'expire'; readonly ageMs: number; readonly bytesMax: number }
  | { readonly kind: 'compact' };

export interface NewRecord {
  /** Zone id for measurements and alerts, device id for devices: records of one key keep their order. */
  readonly key: string;
  /** JSON text of a versioned event (schema/events). */
  readonly value: string;
}

/** One record as read. Groups of one process may be handed the same object, so a parsed form can be kept beside it (WeakMap). */
export interface LogRecord extends NewRecord {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  /** When it was appended, Unix ms. */
  readonly appendedAtMs: number;
}

/** Where a consumer stands between runs: a group's offsets are kept; an ephemeral reader builds its view anew each start. */
export type ConsumerPosition =
  | { readonly kind: 'group'; readonly group: string; readonly startAt: 'earliest' | 'latest' }
  | { readonly kind: 'ephemeral'; readonly startAt: 'earliest' | 'latest' };

export interface ConsumeOptions {
  readonly topic: Topic;
  readonly position: ConsumerPosition;
  /**
   * Called when a partition becomes this consumer's, before its first batch: at the start, and again whenever it comes back from another member of the
   * group. What lies before its present end may have been handled before. A rejection is retried as that of `handle` is.
   */
  readonly onTaken?: (partition: number) => Promise<void>;
  /** Most records of one `handle` call. */
  readonly batchRecordsMax: number;
  /** Applies a batch; its records are of one partition, and the next batch comes after it has resolved. A rejection is retried with the same batch after a growing delay, for ever: a consumer that wants to give a record up sends it to the dead letters itself. */
  readonly handle: (batch: readonly LogRecord[]) => Promise<void>;
  /** Makes what `handle` applied durable. Called before each commit; without it, `handle` itself must have. */
  readonly flush?: () => Promise<void>;
  /** Offsets are committed at most this often, and on close. Default 1,000 ms. */
  readonly commitIntervalMs?: number;
}

/** A consumer of a group shares the topic's partitions with the group's other members, in this process or another; what follows is about its own. */
export interface LogConsumer extends AsyncDisposable {
  /** Resolves when everything appended before the call has been handled. */
  caughtUp(): Promise<void>;
  /** Records appended and not yet handled, as far as this process has heard of them. */
  lagRecords(): number;
  /** Handles what is in flight, flushes, commits and stops. */
  close(): Promise<void>;
}

export interface EventLog extends AsyncDisposable {
  /**
   * Resolves when all records are durable, to the offset of the first one in its partition. Order of calls is order in each partition. When it rejects,
   * some of the records may be in the log all the same: whoever appends again doubles them. @throws AppError LOG_UNWRITABLE, LOG_FULL
   */
  append(topic: Topic, records: readonly NewRecord[]): Promise<number>;
  consume(options: ConsumeOptions): Promise<LogConsumer>;
  /** How many partitions the topic has; it stays so while the log is open. */
  partitions(topic: Topic): number;
  /** Up to `recordsMax` records of a partition from `fromOffset` on, for browsing. Offsets that retention removed are passed over. */
  read(topic: Topic, partition: number, fromOffset: number, recordsMax: number): Promise<readonly LogRecord[]>;
  /** Offset that the next record of the partition will get. */
  endOffset(topic: Topic, partition: number): Promise<number>;
  /** Drops what retention no longer keeps. Called by the platform's housekeeping. */
  expire(nowMs: number): Promise<void>;
  /** Resolves when the engine answers, soon or never: whoever asks sets the deadline. @throws AppError that says why it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}
