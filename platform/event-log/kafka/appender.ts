/** Appends to a topic. What arrives while a group is being sent forms the next one, so that one group is on its way at a time and order is kept. */
import { compatibilityPartitioner } from '@platformatic/kafka';
import { AppError } from '../../errors.ts';
import type { NewRecord } from '../port.ts';
import { detailOf, isRefusal } from './connection.ts';
import type { Producing } from './producing.ts';
import { type RecordBatch, recordBatch } from './record-batch.ts';

/** A group takes no further record beyond this: well below what a broker takes at once. */
const GROUP_BYTES_MAX = 1024 * 1024;
/** A single record beyond this is refused. */
const RECORD_BYTES_MAX = 2 * 1024 * 1024;
const OVERHEAD_BYTES = 64;
/** A letter of a text is at most so many bytes of UTF-8. */
const LETTER_BYTES_MAX = 3;
const KEYS_KNOWN_MAX = 10_000;
/** Kept for the groups to come: memory that is made anew for each has the collector go through everything. */
const SPARE_BYTES_MAX = 4 * 1024 * 1024;

export interface AppenderOptions {
  /** As the cluster knows it. */
  readonly name: string;
  readonly partitions: number;
  readonly producing: Producing;
  /** Most bytes that may wait, about; beyond it append rejects with LOG_UNWRITABLE. */
  readonly waitingBytesMax: number;
  readonly onAppended: (ends: ReadonlyMap<number, number>, records: number) => void;
  readonly onFailure: (error: AppError) => void;
}

export interface Appender {
  append(records: readonly NewRecord[]): Promise<number>;
  /** Waits for what was appended. */
  close(): Promise<void>;
}

/** Records that go together, already in the form in which they are sent: as objects they would be collected long after. */
interface Group {
  /** By partition. */
  readonly batches: Map<number, RecordBatch>;
  /** About. */
  bytes: number;
  readonly sent: PromiseWithResolvers<ReadonlyMap<number, number>>;
}

interface Key {
  readonly bytes: Buffer;
  readonly partition: number;
}

interface State extends AppenderOptions {
  /** Groups that are still to be sent; the last one takes what comes. */
  readonly waiting: Group[];
  waitingBytes: number;
  draining: Promise<void> | undefined;
  closed: boolean;
  /** What batches that were sent had been written in. */
  readonly spare: Buffer[];
  spareBytes: number;
  /** Of the keys seen last: zones and devices come again and again. */
  readonly keys: Map<string, Key>;
}

/** The partition of a key: as Java's own client and kafkajs choose it. */
export function partitionOf(key: Buffer, partitions: number): number {
  return compatibilityPartitioner({ topic: '' }, key) % partitions;
}

/** An appender on a topic. */
export function openAppender(options: AppenderOptions): Appender {
  const state: State = {
    ...options,
    waiting: [],
    waitingBytes: 0,
    draining: undefined,
    closed: false,
    spare: [],
    spareBytes: 0,
    keys: new Map(),
  };
  return {
    // Nothing here may hold the records while they are on their way.
    append: (records) => new Promise((resolve) => resolve(settled(placed(state, records)))),
    async close() {
      state.closed = true;
      state.producing.stop();
      await state.draining;
      await state.producing.close();
    },
  };
}

/** Where the records of a call are: in one group, or in several when they are too many for one. */
interface Placed {
  readonly groups: ReadonlySet<Group>;
  /** Of the first record. */
  readonly partition: number;
  readonly place: number;
}

/** Puts a call's records behind those that wait. @throws AppError LOG_UNWRITABLE for what cannot be taken: then none of them was */
function placed(state: State, records: readonly NewRecord[]): Placed | undefined {
  admit(state, records);
  const groups = new Set<Group>();
  let first: Pick<Placed, 'partition' | 'place'> | undefined;
  for (const { key, value } of records) {
    const group = groupFor(state, key.length + value.length + OVERHEAD_BYTES);
    const { bytes, partition } = keyOf(state, key);
    const batch = group.batches.get(partition) ?? newBatch(state, group, partition);
    first ??= { partition, place: batch.records };
    const added = batch.add(bytes, value);
    group.bytes += added;
    state.waitingBytes += added;
    groups.add(group);
  }
  if (!first) return undefined;
  state.draining ??= drain(state);
  return { groups, ...first };
}

function admit({ name, closed, waiting, waitingBytes, waitingBytesMax }: State, records: readonly NewRecord[]): void {
  if (closed) throw new AppError('LOG_UNWRITABLE', `${name}: the log is closed`);
  let bytes = 0;
  for (const { key, value } of records) {
    if (isTooLarge(key, value))
      throw new AppError('LOG_UNWRITABLE', `${name}: a record of more than ${RECORD_BYTES_MAX} bytes`);
    bytes += key.length + value.length + OVERHEAD_BYTES;
  }
  if (waitingBytes + bytes > waitingBytesMax && waiting.length > 0)
    throw new AppError('LOG_UNWRITABLE', `${name}: ${waitingBytes} bytes wait already`);
}

function isTooLarge(key: string, value: string): boolean {
  if ((key.length + value.length) * LETTER_BYTES_MAX <= RECORD_BYTES_MAX) return false;
  return Buffer.byteLength(key) + Buffer.byteLength(value) > RECORD_BYTES_MAX;
}

/** The last group while it has room, else a new one; the first record always belongs to it. */
function groupFor({ waiting }: State, bytes: number): Group {
  const last = waiting.at(-1);
  if (last && last.bytes + bytes <= GROUP_BYTES_MAX) return last;
  const group: Group = { batches: new Map(), bytes: 0, sent: Promise.withResolvers() };
  // Whoever waits is told of a failure; of a call of several groups nobody may wait for the later ones any more.
  group.sent.promise.catch(() => undefined);
  waiting.push(group);
  return group;
}

function newBatch(state: State, { batches }: Group, partition: number): RecordBatch {
  const memory = state.spare.pop();
  state.spareBytes -= memory?.length ?? 0;
  const batch = recordBatch(memory);
  batches.set(partition, batch);
  return batch;
}

function keepSpare(state: State, memory: Buffer): void {
  if (state.spareBytes + memory.length > SPARE_BYTES_MAX) return;
  state.spare.push(memory);
  state.spareBytes += memory.length;
}

function keyOf({ keys, partitions }: State, key: string): Key {
  const known = keys.get(key);
  if (known) return known;
  if (keys.size >= KEYS_KNOWN_MAX) keys.clear();
  const bytes = Buffer.from(key, 'utf8');
  const made = { bytes, partition: partitions === 1 ? 0 : partitionOf(bytes, partitions) };
  keys.set(key, made);
  return made;
}

/** Resolves when all groups are durable, to the offset of the first record. */
async function settled(where: Placed | undefined): Promise<number> {
  if (!where) return 0;
  const { groups, partition, place } = where;
  let first: number | undefined;
  for (const { sent } of groups) {
    const offsets = await sent.promise;
    first ??= (offsets.get(partition) ?? 0) + place;
  }
  return first ?? 0;
}

async function drain(state: State): Promise<void> {
  // One turn of the event loop, so that records which arrive together are sent together.
  await new Promise((resolve) => setImmediate(resolve));
  for (let group = state.waiting.shift(); group; group = state.waiting.shift()) {
    state.waitingBytes -= group.bytes;
    await send(state, group);
  }
  state.draining = undefined;
}

async function send(state: State, { batches, sent }: Group): Promise<void> {
  const { name, producing, onAppended, onFailure } = state;
  const ends = new Map<number, number>();
  let records = 0;
  try {
    const offsets = await producing.send(batches);
    for (const [partition, batch] of batches) {
      ends.set(partition, (offsets.get(partition) ?? 0) + batch.records);
      records += batch.records;
      // Of one that failed something may still be on its way.
      keepSpare(state, batch.memory());
    }
    sent.resolve(offsets);
  } catch (cause) {
    const error = appendError(name, cause);
    onFailure(error);
    sent.reject(error);
    return;
  }
  onAppended(ends, records);
}

function appendError(name: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (isRefusal(cause)) return new AppError('ENGINE_REFUSED', `${name}: ${detailOf(cause)}`, { cause });
  return new AppError('LOG_UNWRITABLE', `${name}: ${detailOf(cause)}`, { cause });
}
