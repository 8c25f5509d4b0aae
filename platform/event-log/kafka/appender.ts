/** Appends to a topic. What arrives while a group is being sent forms the next one, so that one group is on its way at a time and order is kept. */
import { compatibilityPartitioner, type Producer } from '@platformatic/kafka';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { NewRecord } from '../port.ts';
import { detailOf, isRefusal, protocolNames } from './connection.ts';

/** A group takes no further call beyond this: well below what a broker takes at once. */
const GROUP_BYTES_MAX = 1024 * 1024;
/** A single record beyond this is refused. */
const RECORD_BYTES_MAX = 2 * 1024 * 1024;
const OVERHEAD_BYTES = 64;
const RETRY_DELAY_MS = 200;
/** Nothing that sending again would change. */
const HOPELESS = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'POLICY_VIOLATION'];

export interface AppenderOptions {
  /** As the cluster knows it. */
  readonly name: string;
  readonly partitions: number;
  /** A producer with an identity of its own: idempotent, acknowledged by all in-sync replicas. */
  readonly newProducer: () => Producer;
  /** Most bytes that may wait, about; beyond it append rejects with LOG_UNWRITABLE. */
  readonly waitingBytesMax: number;
  /** So long a group is sent again before its callers are told that it failed. */
  readonly withinMs: number;
  readonly clock: Clock;
  readonly onAppended: (ends: ReadonlyMap<number, number>, records: number) => void;
  readonly onFailure: (error: AppError) => void;
}

export interface Appender {
  append(records: readonly NewRecord[]): Promise<number>;
  /** Waits for what was appended. */
  close(): Promise<void>;
}

interface Message {
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly partition: number;
}

interface Call {
  readonly messages: readonly Message[];
  readonly bytes: number;
  readonly resolve: (firstOffset: number) => void;
  readonly reject: (error: AppError) => void;
}

interface State extends AppenderOptions {
  producer: Producer | undefined;
  waiting: Call[];
  waitingBytes: number;
  draining: Promise<void> | undefined;
  readonly closing: AbortController;
}

/** The partition of a key: as Java's own client and kafkajs choose it. */
export function partitionOf(key: Buffer, partitions: number): number {
  return compatibilityPartitioner({ topic: '' }, key) % partitions;
}

/** An appender on a topic. */
export function openAppender(options: AppenderOptions): Appender {
  const state: State = {
    ...options,
    producer: undefined,
    waiting: [],
    waitingBytes: 0,
    draining: undefined,
    closing: new AbortController(),
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
      state.closing.abort();
      await state.draining;
      await state.producer?.close().catch(() => undefined);
    },
  };
}

/** A call's records as messages. @throws AppError LOG_UNWRITABLE for what cannot be taken */
function admit(
  { name, partitions, closing, waiting, waitingBytes, waitingBytesMax }: State,
  records: readonly NewRecord[],
) {
  if (closing.signal.aborted) throw new AppError('LOG_UNWRITABLE', `${name}: the log is closed`);
  let bytes = 0;
  const messages = records.map((record): Message => {
    const key = Buffer.from(record.key, 'utf8');
    const value = Buffer.from(record.value, 'utf8');
    if (key.length + value.length > RECORD_BYTES_MAX)
      throw new AppError('LOG_UNWRITABLE', `${name}: a record of more than ${RECORD_BYTES_MAX} bytes`);
    bytes += key.length + value.length + OVERHEAD_BYTES;
    return { topic: name, key, value, partition: partitionOf(key, partitions) };
  });
  if (waitingBytes + bytes > waitingBytesMax && waiting.length > 0)
    throw new AppError('LOG_UNWRITABLE', `${name}: ${waitingBytes} bytes wait already`);
  return { messages, bytes };
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
      for (const [partition, offset] of await send(state, part)) if (!next.has(partition)) next.set(partition, offset);
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
  for (const [index, { key, value }] of messages.entries()) {
    const size = key.length + value.length + OVERHEAD_BYTES;
    if (index > from && bytes + size > GROUP_BYTES_MAX) {
      yield messages.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += size;
  }
  yield messages.slice(from);
}

/**
 * Sends messages until all are acknowledged; resolves to the offset of the first in each partition. Sending again is safe as long as the producer is the
 * same: the brokers know its sequence numbers. Once it is given up, so is the producer: its numbers could stand for what was given up.
 */
async function send(state: State, messages: readonly Message[]): Promise<ReadonlyMap<number, number>> {
  const offsets = new Map<number, number>();
  const note = (produced: Produced | undefined) => {
    for (const { partition, offset } of produced?.offsets ?? []) offsets.set(partition, Number(offset));
  };
  const deadlineMs = performance.now() + state.withinMs;
  let left = messages;
  for (;;) {
    state.producer ??= state.newProducer();
    try {
      note(await state.producer.send({ messages: [...left] }));
      return offsets;
    } catch (error) {
      note((error as { readonly produced?: Produced }).produced);
      left = left.filter(({ partition }) => !offsets.has(partition));
      if (left.length === 0) return offsets;
      if (isHopeless(error) || performance.now() > deadlineMs || state.closing.signal.aborted) {
        await giveUp(state);
        throw error;
      }
    }
    await state.clock.sleep(RETRY_DELAY_MS, state.closing.signal);
  }
}

interface Produced {
  readonly offsets?: readonly { readonly partition: number; readonly offset: bigint }[];
}

function isHopeless(error: unknown): boolean {
  const names = protocolNames(error);
  return isRefusal(error) || HOPELESS.some((name) => names.has(name));
}

async function giveUp(state: State): Promise<void> {
  const { producer } = state;
  state.producer = undefined;
  await producer?.close().catch(() => undefined);
}

function appendError(name: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (isRefusal(cause)) return new AppError('ENGINE_REFUSED', `${name}: ${detailOf(cause)}`, { cause });
  return new AppError('LOG_UNWRITABLE', `${name}: ${detailOf(cause)}`, { cause });
}
