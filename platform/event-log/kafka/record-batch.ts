/**
 * Records of one partition in the form in which brokers keep them. Source: Apache Kafka, Message Format, "Record Batch" (magic 2).
 * Written into one buffer as they come: the client's own writer makes a buffer for each field of each record, which cost five times as much, and records
 * that wait as objects until they are sent are copied by the collector meanwhile.
 */
import { crc32c } from '@platformatic/kafka';

/** By what the brokers know a batch that comes twice. */
export interface BatchIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Number of the first record among all that this producer has sent to the partition. */
  readonly firstSequence: number;
}

const HEAD_BYTES = 61;
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_AT = 23;
const FIRST_TIME_AT = 27;
const LAST_TIME_AT = 35;
const PRODUCER_AT = 43;
const EPOCH_AT = 51;
const SEQUENCE_AT = 53;
const COUNT_AT = 57;
const MAGIC = 2;
/** Attributes, time and number of headers, which are all 0. */
const FIXED_BYTES = 3;
/** Room for some dozen records. */
const FIRST_BYTES = 16_384;
/** Lengths are at most so many bytes each. */
const VARINT_BYTES_MAX = 5;

/** Bytes of a number that is not negative, as a zigzag varint. */
function varintBytes(value: number): number {
  if (value < 64) return 1;
  if (value < 8_192) return 2;
  if (value < 1_048_576) return 3;
  return value < 134_217_728 ? 4 : VARINT_BYTES_MAX;
}

function writeVarint(buffer: Buffer, value: number, at: number): number {
  let rest = value * 2;
  let place = at;
  while (rest > 127) {
    buffer[place++] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  buffer[place++] = rest;
  return place;
}

/** Records of one partition, uncompressed, in the order in which they were added. */
export interface RecordBatch {
  readonly records: number;
  /** Puts a record behind the others, and returns how many bytes it takes. @param key in UTF-8 */
  add(key: Uint8Array, value: string): number;
  /** The whole batch, of one record or more, to which nothing may be added afterwards. @param atMs time of all its records, Unix ms */
  finish(identity: BatchIdentity, atMs: number): Buffer;
  /** What it was written in, for another batch once this one is of no more use. */
  memory(): Buffer;
}

/** A batch without records. @param memory written over, and left for a larger one where it is too small */
export function recordBatch(memory: Buffer = Buffer.allocUnsafe(FIRST_BYTES)): RecordBatch {
  let buffer = memory;
  let end = HEAD_BYTES;
  let records = 0;

  function makeRoom(bytes: number): void {
    if (end + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, end + bytes));
    buffer.copy(larger, 0, 0, end);
    buffer = larger;
  }

  return {
    get records() {
      return records;
    },
    add(key, value) {
      const valueBytes = Buffer.byteLength(value);
      const bytes =
        FIXED_BYTES +
        varintBytes(records) +
        varintBytes(key.length) +
        key.length +
        varintBytes(valueBytes) +
        valueBytes;
      makeRoom(bytes + VARINT_BYTES_MAX);
      let at = writeVarint(buffer, bytes, end);
      buffer[at++] = 0;
      buffer[at++] = 0;
      at = writeVarint(buffer, records, at);
      at = writeVarint(buffer, key.length, at);
      buffer.set(key, at);
      at = writeVarint(buffer, valueBytes, at + key.length);
      // In ASCII, as nearly all records are, a letter is a byte, and is copied without being looked at.
      buffer.write(value, at, valueBytes, valueBytes === value.length ? 'latin1' : 'utf8');
      at += valueBytes;
      buffer[at++] = 0;
      const added = at - end;
      end = at;
      records += 1;
      return added;
    },
    finish(identity, atMs) {
      const whole = buffer.subarray(0, end);
      writeHead(whole, { ...identity, records, atMs });
      return whole;
    },
    memory: () => buffer,
  };
}

function writeHead(
  buffer: Buffer,
  { producerId, producerEpoch, firstSequence, records, atMs }: BatchIdentity & { records: number; atMs: number },
): void {
  buffer.fill(0, 0, HEAD_BYTES);
  buffer.writeInt32BE(buffer.length - LENGTH_AT - 4, LENGTH_AT);
  buffer[MAGIC_AT] = MAGIC;
  buffer.writeInt32BE(records - 1, LAST_OFFSET_AT);
  buffer.writeBigInt64BE(BigInt(atMs), FIRST_TIME_AT);
  buffer.writeBigInt64BE(BigInt(atMs), LAST_TIME_AT);
  buffer.writeBigInt64BE(producerId, PRODUCER_AT);
  buffer.writeInt16BE(producerEpoch, EPOCH_AT);
  buffer.writeInt32BE(firstSequence, SEQUENCE_AT);
  buffer.writeInt32BE(records, COUNT_AT);
  buffer.writeUInt32BE(crc32c(buffer.subarray(ATTRIBUTES_AT)), CRC_AT);
}
