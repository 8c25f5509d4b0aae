/** One topic: its segments, its writer, its newest records in memory, and whoever waits for more. */

import type { AppError } from '../../errors.ts';
import type { LogRecord, NewRecord, Retention, Topic } from '../port.ts';
import { compactSegments } from './compaction.ts';
import { type Cursor, openCursor } from './cursor.ts';
import { type RecoveryOptions, recoverSegments } from './recovery.ts';
import { expireSegments } from './retention.ts';
import type { Segment } from './segment.ts';
import { openTail, type Tail, type TailLimits } from './tail.ts';
import { openWriter } from './writer.ts';

export interface TopicLogOptions extends RecoveryOptions {
  readonly topic: Topic;
  readonly retention: Retention;
  readonly segmentBytesMax: number;
  readonly waitingBytesMax: number;
  readonly tail: TailLimits;
  readonly nowMs: () => number;
  readonly onDurable: (records: readonly LogRecord[]) => void;
  readonly onFailure: (error: AppError) => void;
  readonly onExpired: (segment: Segment) => void;
}

/** A reader of the tail, asked where it stands so that what it has read can go. */
export interface TailReader {
  position(): number;
}

export interface TopicLog {
  readonly topic: Topic;
  readonly retention: Retention;
  readonly tail: Tail;
  readonly readers: Set<TailReader>;
  append(records: readonly NewRecord[]): Promise<number>;
  /** Offset of the oldest record that retention has kept. */
  firstOffset(): number;
  /** Offset after the last durable record. */
  endOffset(): number;
  openCursor(): Cursor;
  /** Resolves when there is a record at or after the offset, or the signal is aborted. */
  more(offset: number, signal: AbortSignal): Promise<void>;
  expire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a topic. @throws AppError LOG_CORRUPT, LOG_UNWRITABLE */
export async function openTopicLog(options: TopicLogOptions): Promise<TopicLog> {
  const { topic, folder, retention, openFile } = options;
  const segments = await recoverSegments(options);
  const endOffset = () => segments.at(-1)?.endOffset ?? 0;
  const tail = openTail(endOffset(), options.tail);
  const readers = new Set<TailReader>();
  let arrival = Promise.withResolvers<void>();
  let housekeeping: Promise<void> = Promise.resolve();

  function slowest(): number {
    let offset = Number.POSITIVE_INFINITY;
    for (const reader of readers) {
      const position = reader.position();
      if (position >= tail.firstOffset()) offset = Math.min(offset, position);
    }
    return offset;
  }

  const writer = await openWriter({
    topic,
    folder,
    segmentBytesMax: options.segmentBytesMax,
    waitingBytesMax: options.waitingBytesMax,
    segments,
    nowMs: options.nowMs,
    openFile,
    onFailure: options.onFailure,
    onDurable(records: readonly LogRecord[]) {
      tail.add(records, slowest());
      options.onDurable(records);
      const arrived = arrival;
      arrival = Promise.withResolvers<void>();
      arrived.resolve();
    },
  });

  async function tidy(nowMs: number): Promise<void> {
    if (retention.kind === 'expire') {
      await expireSegments({ segments, retention, nowMs, roll: writer.roll, onExpired: options.onExpired });
    } else await compactSegments({ folder, segments, openFile });
  }

  return {
    topic,
    retention,
    tail,
    readers,
    append: (records) => (records.length === 0 ? Promise.resolve(endOffset()) : writer.append(records)),
    firstOffset: () => segments[0]?.firstOffset ?? 0,
    endOffset,
    openCursor: () => openCursor({ topic, segments: () => segments, openFile }),
    async more(offset, signal) {
      if (offset < endOffset() || signal.aborted) return;
      const aborted = Promise.withResolvers<void>();
      const stop = () => aborted.resolve();
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race([arrival.promise, aborted.promise]);
      signal.removeEventListener('abort', stop);
    },
    expire(nowMs) {
      const run = housekeeping.then(() => tidy(nowMs));
      housekeeping = run.catch(() => undefined);
      return run;
    },
    async close() {
      await housekeeping;
      await writer.close();
    },
  };
}
