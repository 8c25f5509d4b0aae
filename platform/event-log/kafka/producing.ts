/**
 * Writes to a topic so that sending again never doubles. The client's own `send` takes another identity after a failure, and what it then sends again
 * is new to the brokers; here the same bytes go, to whoever leads the partition by then, until they are acknowledged or given up.
 */
import { type Connection, type Producer, produceV9, Writer } from '@platformatic/kafka';
import type { Clock } from '../../clock/port.ts';
import { isRefusal, protocolNames } from './connection.ts';
import type { RecordBatch } from './record-batch.ts';

const RETRY_DELAY_MS = 200;
const ANSWER_WITHIN_MS = 10_000;
const PRODUCE = 0;
const PRODUCE_VERSION = 9;
const ALL_IN_SYNC = -1;
/** Sequence numbers begin anew behind the largest one. */
const SEQUENCES = 2 ** 31;
/** Nothing that sending again would change: the records are too much, or the brokers no longer know where this producer stands. */
const HOPELESS = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'POLICY_VIOLATION',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
];

export interface ProducingOptions {
  /** Made at the first call, so that a topic that is never written has no connection. */
  readonly newClient: () => Producer;
  /** Of the topic, as the cluster knows it. */
  readonly name: string;
  /** So long records are sent again before they are given up. */
  readonly withinMs: number;
  readonly clock: Clock;
}

export interface Producing {
  /**
   * Resolves when all in-sync replicas have the batches, one for each partition, to the offset of the first record in each. One call at a time. When it
   * rejects, some may be in the log; what is sent afterwards comes from another producer, as the brokers see it.
   */
  send(records: ReadonlyMap<number, RecordBatch>): Promise<ReadonlyMap<number, number>>;
  /** What fails from now on is not sent again. */
  stop(): void;
  /** Ends the connection, after the last call. */
  close(): Promise<void>;
}

interface Identity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Next number of each partition. */
  readonly sequences: Map<number, number>;
}

interface State extends ProducingOptions {
  client: Producer | undefined;
  identity: Identity | undefined;
  readonly stop: AbortController;
}

/** Nothing is sent before the first call. */
export function openProducing(options: ProducingOptions): Producing {
  const state: State = { ...options, client: undefined, identity: undefined, stop: new AbortController() };
  return {
    send: (records) => send(state, records),
    stop: () => state.stop.abort(),
    close: async () => await state.client?.close().catch(() => undefined),
  };
}

async function send(state: State, records: ReadonlyMap<number, RecordBatch>) {
  const { clock, stop } = state;
  state.client ??= state.newClient();
  const { client } = state;
  const deadlineMs = performance.now() + state.withinMs;
  const offsets = new Map<number, number>();
  let batches: Map<number, Buffer> | undefined;
  for (;;) {
    try {
      state.identity ??= await newIdentity(client);
      batches ??= finishAll(state.identity, records, clock.nowMs());
      await produceAll(client, state.name, { batches, offsets });
      advance(state.identity, records);
      return offsets;
    } catch (error) {
      if (isHopeless(error) || performance.now() > deadlineMs || stop.signal.aborted) {
        state.identity = undefined;
        throw error;
      }
    }
    client.clearMetadata();
    await clock.sleep(RETRY_DELAY_MS, stop.signal);
  }
}

function isHopeless(error: unknown): boolean {
  const names = protocolNames(error);
  return isRefusal(error) || HOPELESS.some((name) => names.has(name));
}

async function newIdentity(client: Producer): Promise<Identity> {
  const { producerId, producerEpoch } = await client.initIdempotentProducer({});
  return { producerId, producerEpoch, sequences: new Map() };
}

function finishAll(
  { sequences, ...identity }: Identity,
  all: ReadonlyMap<number, RecordBatch>,
  atMs: number,
): Map<number, Buffer> {
  return new Map(
    [...all].map(([partition, batch]): [number, Buffer] => {
      const firstSequence = sequences.get(partition) ?? 0;
      return [partition, batch.finish({ ...identity, firstSequence }, atMs)];
    }),
  );
}

function advance({ sequences }: Identity, all: ReadonlyMap<number, RecordBatch>): void {
  for (const [partition, { records }] of all)
    sequences.set(partition, ((sequences.get(partition) ?? 0) + records) % SEQUENCES);
}

interface Round {
  /** Of each partition. */
  readonly batches: ReadonlyMap<number, Buffer>;
  /** Of what has been acknowledged. */
  readonly offsets: Map<number, number>;
}

/** Sends what has no offset yet to the brokers that lead; rejects when some of it is not acknowledged. */
async function produceAll(client: Producer, name: string, { batches, offsets }: Round): Promise<void> {
  const left = [...batches].filter(([partition]) => !offsets.has(partition));
  const { topics } = await client.metadata({ topics: [name] });
  const partitions = topics.get(name)?.partitions ?? [];
  const byLeader = Map.groupBy(left, ([partition]) => partitions[partition]?.leader ?? -1);
  const sent = [...byLeader].map(async ([leader, ofLeader]) => {
    const connection = (await client.connectToBrokers([leader])).get(leader);
    if (!connection) throw new Error(`broker ${leader}, which leads ${name}, is not known`);
    await produce(connection, { name, batches: ofLeader, offsets });
  });
  const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

interface Request {
  readonly name: string;
  readonly batches: readonly (readonly [number, Buffer])[];
  readonly offsets: Map<number, number>;
}

type Answer = ReturnType<typeof produceV9.parseResponse>;

/** One request; notes the offsets of what was acknowledged, also when the rest was not. */
async function produce(connection: Connection, { name, batches, offsets }: Request): Promise<void> {
  const note = (answer: Answer | undefined) => {
    for (const { partitionResponses } of answer?.responses ?? []) {
      for (const { index, errorCode, baseOffset } of partitionResponses)
        if (errorCode === 0) offsets.set(index, Number(baseOffset));
    }
  };
  try {
    note(await sendRequest(connection, () => requestOf(name, batches)));
  } catch (error) {
    note((error as { readonly response?: Answer }).response);
    throw error;
  }
}

function requestOf(name: string, batches: Request['batches']): Writer {
  return Writer.create()
    .appendString(null)
    .appendInt16(ALL_IN_SYNC)
    .appendInt32(ANSWER_WITHIN_MS)
    .appendArray([name], (topic, ofName) => {
      topic.appendString(ofName).appendArray([...batches], (writer, [partition, batch]) => {
        writer.appendInt32(partition).appendBytes(batch);
      });
    })
    .appendTaggedFields();
}

function sendRequest(connection: Connection, createPayload: () => Writer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    connection.send(PRODUCE, PRODUCE_VERSION, createPayload, produceV9.parseResponse, true, true, (error, answer) => {
      if (error) reject(error);
      else resolve(answer as Answer);
    });
  });
}
