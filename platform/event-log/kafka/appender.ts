/** Appends to a topic. What arrives while a group is being sent forms the next one, so that one group is on its way at a time and order is kept. */
import { compatibilityPartitioner } from '@platformatic/kafka';
import { AppError } from '../../errors.ts';
import type { NewRecord } from '../port.ts';
import { detailOf, isRefusal } from './connection.ts';
import type { Producing } from './producing.ts';
import type { BatchRecord } from './record-batch.ts';

/** A group takes no further call beyond this: well below what a broker takes at once. */
const GROUP_BYTES_MAX = 1024 * 1024;
/** A single record beyond this is refused. */
const RECORD_BYTES_MAX = 2 * 1024 * 1024;
const OVERHEAD_BYTES = 64;
const KEYS_KNOWN_MAX = 10_000;

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

interface Message extends BatchRecord {
  readonly partition: number;
}

interface Call {
  readonly messages: readonly Message[];
  readonly bytes: number;
  readonly resolve: (firstOffset: number) => void;
  readonly reject: (error: AppError) => void;
}

interface State extends AppenderOptions {
  waiting: Call[];
  waitingBytes: number;
  draining: Promise<void> | undefined;
  closed: boolean;
  /** Of the keys seen last: zones and devices come again and again. */
  readonly partitionOfKey: Map<string, number>;
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
    partitionOfKey: new Map(),
  };
  return {
    append: (records) =>
      new Promise((resolve, reject) => {
        const { messages, bytes } = admit(state, records);
        if (messages.length === 0) return resolve(0);
        state.waitingBytes += bytes;
        state.waiting.push({ messages, bytes, resolve, reject });
        state.draining ??= drain(state);
      }),
    async close() {
      state.closed = true;
      state.producing.stop();
      await state.draining;
      await state.producing.close();
    },
  };
}

/** A call's records as messages. @throws AppError LOG_UNWRITABLE for what cannot be taken */
function admit(state: State, records: readonly NewRecord[]) {
  const { name, closed, waiting, waitingBytes, waitingBytesMax } = state;
  if (closed) throw new AppError('LOG_UNWRITABLE', `${name}: the log is closed`);
  let bytes = 0;
  const messages = records.map(({ key, value }): Message => {
    const keyBytes = Buffer.byteLength(key);
    const valueBytes = Buffer.byteLength(value);
    if (keyBytes + valueBytes > RECORD_BYTES_MAX)
      throw new AppError('LOG_UNWRITABLE', `${name}: a record of more than ${RECORD_BYTES_MAX} bytes`);
    bytes += keyBytes + valueBytes + OVERHEAD_BYTES;
    return { key, keyBytes, value, valueBytes, partition: knownPartitionOf(state, key) };
  });
  if (waitingBytes + bytes > waitingBytesMax && waiting.length > 0)
    throw new AppError('LOG_UNWRITABLE', `${name}: ${waitingBytes} bytes wait already`);
  return { messages, bytes };
}

function knownPartitionOf({ partitionOfKey, partitions }: State, key: string): number {
  if (partitions === 1) return 0;
  const known = partitionOfKey.get(key);
  if (known !== undefined) return known;
  if (partitionOfKey.size >= KEYS_KNOWN_MAX) partitionOfKey.clear();
  const partition = partitionOf(Buffer.from(key, 'utf8'), partitions);
  partitionOfKey.set(key, partition);
  return partition;
}

async function drain(state: State): Promise<void> {
  // One turn of the event loop, so that records which arrive together are sent together.
  await new Promise((resolve) => setImmediate(resolve));
  while (state.waiting.length > 0) await commit(state, takeGroup(state));
  state.draining = undefined;
}

/** Takes the calls of the next group out of the queue; the first always belongs to it. */
function takeGroup(state: State): readonly Call[] {
  let bytes = 0;
  let count = 0;
  for (const call of state.waiting) {
    if (count > 0 && bytes + call.bytes > GROUP_BYTES_MAX) break;
    bytes += call.bytes;
    count += 1;
  }
  state.waitingBytes -= bytes;
  return state.waiting.splice(0, count);
}

async function commit(state: State, calls: readonly Call[]): Promise<void> {
  const next = new Map<number, number>();
  let records = 0;
  try {
    const messages = calls.flatMap((call) => call.messages);
    for (const part of parts(messages)) {
      const sent = await state.producing.send(Map.groupBy(part, ({ partition }) => partition));
      for (const [partition, offset] of sent) if (!next.has(partition)) next.set(partition, offset);
    }
    records = messages.length;
  } catch (cause) {
    const error = appendError(state.name, cause);
    state.onFailure(error);
    for (const { reject } of calls) reject(error);
    return;
  }
  for (const call of calls) {
    const first = next.get(call.messages[0]?.partition ?? 0) ?? 0;
    for (const { partition } of call.messages) next.set(partition, (next.get(partition) ?? 0) + 1);
    call.resolve(first);
  }
  state.onAppended(next, records);
}

/** A call may be larger than what goes at once. */
function* parts(messages: readonly Message[]): Generator<readonly Message[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, { keyBytes, valueBytes }] of messages.entries()) {
    const size = keyBytes + valueBytes + OVERHEAD_BYTES;
    if (index > from && bytes + size > GROUP_BYTES_MAX) {
      yield messages.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += size;
  }
  yield messages.slice(from);
}

function appendError(name: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (isRefusal(cause)) return new AppError('ENGINE_REFUSED', `${name}: ${detailOf(cause)}`, { cause });
  return new AppError('LOG_UNWRITABLE', `${name}: ${detailOf(cause)}`, { cause });
}
