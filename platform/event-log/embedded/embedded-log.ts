/** The event log in one process on local files: a folder for each topic, segments of records, one writer and any number of consumers. */
import { join } from 'node:path';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import { type EventLog, type LogRecord, type Retention, TOPICS, type Topic } from '../port.ts';
import { openConsumers } from './consumers.ts';
import { lockFolder } from './folder-lock.ts';
import { type OpenFile, openDiskFile } from './log-file.ts';
import { type Offsets, openOffsets } from './offsets.ts';
import type { TailLimits } from './tail.ts';
import { openTopicLog, type TopicLog } from './topic-log.ts';

const MIB = 1024 * 1024;
const SEGMENT_BYTES_MAX = 64 * MIB;
/** Compacted topics are read from their start by each process, so that little of them may lie uncompacted. */
const COMPACTED_SEGMENT_BYTES_MAX = 4 * MIB;
const WAITING_BYTES_MAX = 64 * MIB;
const TAIL: TailLimits = { keptBytes: 1 * MIB, bytesMax: 16 * MIB };
/** Parts that the size limit of a topic is kept in at least: expiry removes one at a time. */
const SIZE_PARTS = 8;

export interface EmbeddedLogOptions {
  readonly folder: string;
  readonly retention: Readonly<Record<Topic, Retention>>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Default 64 MiB; 4 MiB for compacted topics. */
  readonly segmentBytesMax?: number;
  /** Newest records that each topic keeps in memory. Default 1 MiB, and up to 16 MiB while a consumer has not read them. */
  readonly tail?: TailLimits;
  /** Most that may wait to be written to one topic, in bytes; beyond it append rejects with LOG_UNWRITABLE. Default 64 MiB. */
  readonly waitingBytesMax?: number;
  readonly openFile?: OpenFile;
}

/**
 * Opens the log in a folder that this process alone uses. Each topic has one partition, so that all of its records are in order.
 * What a crash or a power cut left unfinished at the end of a topic is cut off, logged and counted; nobody was told that it is durable.
 * Damage before that is not repaired in silence: here or when it is read it is LOG_CORRUPT with file and byte, and a person decides.
 * @throws AppError DATA_DIR_IN_USE, LOG_CORRUPT, LOG_UNWRITABLE
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  await using stack = new AsyncDisposableStack();
  stack.use(await lockFolder(options.folder));
  const offsets = await openOffsets(options.folder, options.openFile ?? openDiskFile);
  const topics = new Map<Topic, TopicLog>();
  for (const topic of TOPICS) {
    const opened = await openTopic(topic, offsets, options);
    stack.defer(() => opened.close());
    topics.set(topic, opened);
  }
  return eventLog({ options, offsets, topics, stack: stack.move() });
}

function segmentBytes(options: EmbeddedLogOptions, retention: Retention): number {
  if (retention.kind === 'compact') return options.segmentBytesMax ?? COMPACTED_SEGMENT_BYTES_MAX;
  return Math.min(options.segmentBytesMax ?? SEGMENT_BYTES_MAX, Math.ceil(retention.bytesMax / SIZE_PARTS));
}

async function openTopic(topic: Topic, offsets: Offsets, options: EmbeddedLogOptions): Promise<TopicLog> {
  const { log, metrics, clock } = options;
  const retention = options.retention[topic];
  const labels = { topic };
  const expired = metrics.counter('event_log_expired_bytes_total', 'Bytes that retention removed.', labels);
  const appended = metrics.counter('event_log_appended_records_total', 'Records made durable.', labels);
  let failing: string | undefined;
  return await openTopicLog({
    topic,
    folder: join(options.folder, topic),
    retention,
    segmentBytesMax: segmentBytes(options, retention),
    waitingBytesMax: options.waitingBytesMax ?? WAITING_BYTES_MAX,
    tail: options.tail ?? TAIL,
    nextOffsetMin: offsets.furthest(topic),
    nowMs: () => clock.nowMs(),
    openFile: options.openFile ?? openDiskFile,
    log: log.child({ topic }),
    cutBytes: metrics.counter('event_log_cut_bytes_total', 'Bytes of unfinished writes cut off on opening.', labels),
    onDurable(records) {
      appended.add(records.length);
      if (failing !== undefined) log.info({ topic }, 'event log can be written again');
      failing = undefined;
    },
    onFailure(error) {
      metrics
        .counter('event_log_append_failures_total', 'Groups that could not be made durable.', {
          topic,
          code: error.code,
        })
        .add();
      if (failing !== error.code) log.error({ topic, code: error.code, error }, 'event log cannot be written');
      failing = error.code;
    },
    onExpired(segment) {
      expired.add(segment.bytes);
      log.info({ topic, endOffset: segment.endOffset, bytes: segment.bytes }, 'segment expired');
    },
  });
}

function onlyPartition(topic: Topic, partition: number): void {
  if (partition !== 0) throw new Error(`${topic} has the partition 0 only, not ${partition}`);
}

interface Opened {
  readonly options: EmbeddedLogOptions;
  readonly offsets: Offsets;
  readonly topics: ReadonlyMap<Topic, TopicLog>;
  readonly stack: AsyncDisposableStack;
}

function eventLog({ options, offsets, topics, stack }: Opened): EventLog {
  function topicLog(topic: Topic): TopicLog {
    const found = topics.get(topic);
    if (!found) throw new Error(`no topic ${topic}`);
    return found;
  }
  const consumers = openConsumers({ ...options, offsets, topicLog });
  let closing: Promise<void> | undefined;

  async function read(
    topic: Topic,
    partition: number,
    fromOffset: number,
    recordsMax: number,
  ): Promise<readonly LogRecord[]> {
    onlyPartition(topic, partition);
    const cursor = topicLog(topic).openCursor();
    const found: LogRecord[] = [];
    try {
      for (let offset = fromOffset; found.length < recordsMax; ) {
        const { records, nextOffset } = await cursor.next(offset, recordsMax - found.length);
        if (records.length === 0) break;
        for (const record of records) found.push(record);
        offset = nextOffset;
      }
      return found;
    } finally {
      await cursor.close();
    }
  }

  async function expire(nowMs: number): Promise<void> {
    const outcomes = await Promise.allSettled([...topics.values()].map((topic) => topic.expire(nowMs)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  function close(): Promise<void> {
    closing ??= consumers.close().then(() => stack.disposeAsync());
    return closing;
  }

  return {
    append: async (topic, records) => await topicLog(topic).append(records),
    consume: consumers.start,
    partitions: () => 1,
    read,
    async endOffset(topic, partition) {
      onlyPartition(topic, partition);
      return topicLog(topic).endOffset();
    },
    expire,
    async ping() {
      if (closing !== undefined) throw new AppError('UNAVAILABLE', 'the event log is closed');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
