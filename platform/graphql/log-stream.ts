/** Subscriptions whose events are records of the event log: their cursors, and what was missed after one. */
import { AppError } from '../errors.ts';
import type { EventLog, LogRecord, Topic } from '../event-log/port.ts';
import { NOTHING, type PlacedEvents, type StreamEvent } from './port.ts';

/** One of the things that a record tells; `index` numbers the things that any record may tell, in order, from 0. */
export interface Told<T> {
  readonly index: number;
  readonly value: T;
}

export interface LogStreamOptions<E> {
  readonly eventLog: EventLog;
  /** One that is not spread over partitions. */
  readonly topic: Topic;
  /** One letter, by which a cursor of another stream is known. */
  readonly mark: string;
  /** A moment that the record itself names, Unix ms: a record of the same offset in another log, as one restored from a backup, has another. */
  readonly momentMs: (event: E) => number;
}

export interface LogStream<E> {
  /** The cursor of a thing that a record tells. */
  cursor(offset: number, event: E, index?: number): string;
  /** The cursor that everything up to now has, and nothing after it. */
  endCursor(): Promise<string>;
  /** Live events that say where they begin, when that is wanted. Where the log does not say it, they are given without. */
  live<T extends object>(listen: () => T, part: { readonly placed?: boolean }): Promise<T & PlacedEvents>;
  /**
   * What records told after a cursor, up to now, in order. Ends by itself; records that are no JSON are passed over.
   * @throws AppError BAD_CURSOR for text that is none of this stream, CURSOR_EXPIRED when something after it is gone, or it is too long ago
   */
  after<T>(cursor: string, toldBy: (event: E) => readonly Told<T>[]): Promise<AsyncIterableIterator<StreamEvent<T>>>;
}

/** More records than this are not gone through for one client: at 5 µs each that is some seconds. */
const RECORDS_MAX = 500_000;
const BATCH_RECORDS_MAX = 500;

/** Streams are made of topics with one partition (`SPREAD_TOPICS` of the port has the others), so that a place in it is a place in all of it. */
const PARTITION = 0;
const OFFSET_DIGITS = 10;
const INDEX_DIGITS = 2;
const MOMENT_DIGITS = 6;
const RADIX = 36;
const INDEX_LAST = RADIX ** INDEX_DIGITS - 1;
const CURSOR = /^([a-z])([0-9a-z]{10})([0-9a-z]{2})([0-9a-z]{6})$/;
/** Stands in cursors of a log that has no record yet. */
const BEFORE_ALL = 0;

interface Position {
  readonly offset: number;
  readonly index: number;
  readonly moment: string;
}

function digits(value: number, length: number): string {
  return value.toString(RADIX).padStart(length, '0');
}

function momentDigits(momentMs: number): string {
  return digits(Math.abs(Math.trunc(momentMs || 0)) % RADIX ** MOMENT_DIGITS, MOMENT_DIGITS);
}

/** Offsets are written one higher, so that the place before the first record has a cursor as well. */
function encode(mark: string, { offset, index, moment }: Position): string {
  return `${mark}${digits(offset + 1, OFFSET_DIGITS)}${digits(index, INDEX_DIGITS)}${moment}`;
}

function decode(mark: string, cursor: string): Position {
  const [, ofStream, offset = '', index = '', moment = ''] = CURSOR.exec(cursor) ?? [];
  if (ofStream !== mark) throw new AppError('BAD_CURSOR', 'extensions.cursor');
  return {
    offset: Number.parseInt(offset, RADIX) - 1,
    index: Number.parseInt(index, RADIX),
    moment,
  };
}

/** A topic as a stream that clients can take up again after any of its events. */
export function logStream<E>(options: LogStreamOptions<E>): LogStream<E> {
  const { eventLog, topic, mark, momentMs } = options;
  const momentOf = (record: LogRecord): string => {
    const event = parsed<E>(record);
    return momentDigits(event === undefined ? BEFORE_ALL : momentMs(event));
  };
  const endCursor = async (): Promise<string> => {
    const offset = (await eventLog.endOffset(topic, PARTITION)) - 1;
    const [record] = offset < 0 ? [] : await eventLog.read(topic, PARTITION, offset, 1);
    return encode(mark, { offset, index: INDEX_LAST, moment: record ? momentOf(record) : momentDigits(BEFORE_ALL) });
  };
  return {
    endCursor,
    async live(listen, { placed = false }) {
      if (!placed) return listen();
      // Asked for before listening: what comes between the two is told by the one or found after the other.
      const startCursor = await endCursor().catch(() => undefined);
      return Object.assign(listen(), { startCursor });
    },
    cursor: (offset, event, index = 0) => encode(mark, { offset, index, moment: momentDigits(momentMs(event)) }),
    async after(cursor, toldBy) {
      const from = decode(mark, cursor);
      const endOffset = await eventLog.endOffset(topic, PARTITION);
      await checkPosition(options, from, { endOffset, momentOf });
      return missed({ ...options, from, endOffset, toldBy });
    },
  };
}

function parsed<E>(record: LogRecord): E | undefined {
  try {
    return JSON.parse(record.value) as E;
  } catch {
    return undefined;
  }
}

/** The record of the cursor must still be there, and be the one that it was: otherwise something in between may be gone. */
async function checkPosition<E>(
  { eventLog, topic }: LogStreamOptions<E>,
  { offset, moment }: Position,
  { endOffset, momentOf }: { readonly endOffset: number; readonly momentOf: (record: LogRecord) => string },
): Promise<void> {
  const expired = (why: string) =>
    new AppError('CURSOR_EXPIRED', `${why}; begin again, with a snapshot for the present state`);
  if (endOffset - offset > RECORDS_MAX) throw expired('too much has happened since');
  const [record] = await eventLog.read(topic, PARTITION, Math.max(0, offset), 1);
  if (offset < 0) {
    if (record && record.offset !== 0) throw expired('what came after it is no longer kept');
  } else if (record?.offset !== offset) {
    throw expired(offset >= endOffset ? 'the log is another one' : 'what came after it is no longer kept');
  } else if (momentOf(record) !== moment) throw expired('the log is another one');
}

interface Missed<E, T> extends LogStreamOptions<E> {
  readonly from: Position;
  readonly endOffset: number;
  readonly toldBy: (event: E) => readonly Told<T>[];
}

async function* missed<E, T>({ eventLog, topic, mark, momentMs, from, endOffset, toldBy }: Missed<E, T>) {
  for (let next = Math.max(0, from.offset); next < endOffset; ) {
    const records = await eventLog.read(topic, PARTITION, next, Math.min(BATCH_RECORDS_MAX, endOffset - next));
    if (records.length === 0) return;
    for (const record of records) {
      if (record.offset > next) throw new AppError('CURSOR_EXPIRED', 'events were removed while they were read');
      next = record.offset + 1;
      const event = parsed<E>(record);
      if (event === undefined) continue;
      const { offset } = record;
      const moment = momentDigits(momentMs(event));
      for (const { index, value } of toldBy(event)) {
        if (offset === from.offset && index <= from.index) continue;
        yield { value, cursor: encode(mark, { offset, index, moment }) } satisfies StreamEvent<T>;
      }
    }
  }
}

/** The present state as events; the last one carries the cursor, so that whoever has it has all. Without values it is one of `NOTHING`. */
export async function* snapshotStream<T>(
  values: Iterable<T>,
  cursor: string,
): AsyncGenerator<StreamEvent<T>, undefined, undefined> {
  let held: { readonly value: T } | undefined;
  for (const value of values) {
    if (held) yield held;
    held = { value };
  }
  yield { ...(held ?? { value: NOTHING }), cursor };
}
