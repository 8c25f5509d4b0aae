/** Records of a topic, fetched from the leaders of its partitions. */
import type { Consumer, RecordsBatch } from '@platformatic/kafka';
import type { LogRecord, Topic } from '../port.ts';

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

/** Of one answer; the brokers may give one larger batch all the same. Records that wait long in memory grow old, and only a full collection finds them again. */
const FETCH_BYTES_MAX = 1024 * 1024;
const PARTITION_BYTES_MAX = 512 * 1024;
const IS_CONTROL = 0b10_0000;
const IS_APPEND_TIME = 0b1000;
const EPOCH_UNKNOWN = -1;
const OFFSET_OUT_OF_RANGE = 1;

export const EARLIEST = -2n;
export const LATEST = -1n;

export interface Source {
  readonly topic: Topic;
  /** As the cluster knows it. */
  readonly name: string;
  /** A client that is no member of any group. */
  readonly client: Consumer;
}

/** What one partition gave. */
export interface Fetched {
  readonly partition: number;
  /** A topic that was deleted and made anew has another. */
  readonly topicId: string;
  /** The offset that was asked for. */
  readonly fromOffset: number;
  readonly records: readonly LogRecord[];
  /** Where to go on; beyond the last record where there are records that are not ours to see. */
  readonly nextOffset: number;
  /** Offset after the newest record that all replicas have. */
  readonly endOffset: number;
  /** The offset asked for is no longer, or not yet, in the log, or belongs to another log. */
  readonly outOfRange: boolean;
}

/** Which broker leads each partition, by its id. */
export async function leaders({ client, name }: Source): Promise<readonly number[]> {
  const { topics } = await client.metadata({ topics: [name] });
  return topics.get(name)?.partitions.map(({ leader }) => leader) ?? [];
}

/** Offsets of every partition: the first, the end, or the first at or after a moment (-1 where there is none). */
export async function offsetsAt({ client, name }: Source, timestamp: bigint): Promise<readonly number[]> {
  const found = await client.listOffsets({ topics: [name], timestamp });
  return (found.get(name) ?? []).map(Number);
}

export interface FetchRequest {
  /** Id of the broker that leads them. */
  readonly node: number;
  /** Where to go on, by partition. */
  readonly positions: ReadonlyMap<number, number>;
  /** How long the broker may wait for something to give. */
  readonly waitMs: number;
}

/** Fetches from one broker. */
export async function fetchFrom(
  source: Source,
  { node, positions, waitMs }: FetchRequest,
): Promise<readonly Fetched[]> {
  const { client, name } = source;
  const { topics } = await client.metadata({ topics: [name] });
  const topicId = topics.get(name)?.id ?? '';
  const partitions = [...positions].map(([partition, offset]) => ({
    partition,
    currentLeaderEpoch: EPOCH_UNKNOWN,
    fetchOffset: BigInt(offset),
    lastFetchedEpoch: EPOCH_UNKNOWN,
    partitionMaxBytes: PARTITION_BYTES_MAX,
  }));
  const request = { node, maxWaitTime: waitMs, minBytes: 1, maxBytes: FETCH_BYTES_MAX, isolationLevel: 0 };
  const response = await client
    .fetch({ ...request, topics: [{ topicId, partitions }] })
    .catch((error: FetchFailure) => rangeErrors(error));
  return response.responses.flatMap((topic) =>
    topic.partitions.flatMap((answer) => {
      const position = positions.get(answer.partitionIndex);
      if (position === undefined) return [];
      const outOfRange = answer.errorCode === OFFSET_OUT_OF_RANGE;
      const { records, nextOffset } = readBatches(source, answer.partitionIndex, position, answer.records ?? []);
      const endOffset = Math.max(0, Number(answer.highWatermark));
      const place = { partition: answer.partitionIndex, topicId, fromOffset: position };
      return [{ ...place, records, nextOffset, endOffset, outOfRange }];
    }),
  );
}

interface FetchFailure extends Error {
  readonly response?: FetchResponse;
}

/** An answer in which nothing is wrong but an offset is an answer; anything else is thrown. */
function rangeErrors(error: FetchFailure): FetchResponse {
  const { response } = error;
  const codes = response?.responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)) ?? [];
  const understood = codes.length > 0 && codes.every((code) => code === 0 || code === OFFSET_OUT_OF_RANGE);
  if (!response || !understood) throw error;
  return response;
}

function readBatches(source: Source, partition: number, position: number, batches: readonly RecordsBatch[]) {
  const records: LogRecord[] = [];
  let nextOffset = position;
  for (const batch of batches) {
    const firstOffset = Number(batch.firstOffset);
    nextOffset = Math.max(nextOffset, firstOffset + batch.lastOffsetDelta + 1);
    if (batch.attributes & IS_CONTROL) continue;
    const appendTime = (batch.attributes & IS_APPEND_TIME) !== 0;
    const firstMs = Number(batch.firstTimestamp);
    const newestMs = Number(batch.maxTimestamp);
    for (const record of batch.records) {
      const offset = firstOffset + record.offsetDelta;
      // The broker gives whole batches, also those that began before the position.
      if (offset < position) continue;
      records.push({
        topic: source.topic,
        partition,
        offset,
        appendedAtMs: appendTime ? newestMs : firstMs + Number(record.timestampDelta),
        key: record.key?.toString('utf8') ?? '',
        // A record without a value, as other programs write to delete a key, is one that no format takes.
        value: record.value?.toString('utf8') ?? '',
      });
    }
  }
  return { records, nextOffset };
}
