/**
 * Records of one partition in the form in which brokers keep them. Source: Apache Kafka, Message Format, "Record Batch" (magic 2).
 * Written into one buffer: the client's own writer makes a buffer for each field of each record, which cost five times as much.
 */
import { crc32c } from '@platformatic/kafka';

export interface BatchRecord {
  readonly key: string;
  /** Length in UTF-8. */
  readonly keyBytes: number;
  readonly value: string;
  readonly valueBytes: number;
}

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

/** In ASCII, as nearly all records are, a letter is a byte, and is copied without being looked at. */
function writeText(buffer: Buffer, text: string, bytes: number, at: number): number {
  buffer.write(text, at, bytes, bytes === text.length ? 'latin1' : 'utf8');
  return at + bytes;
}

function recordBytes({ keyBytes, valueBytes }: BatchRecord, place: number): number {
  return FIXED_BYTES + varintBytes(place) + varintBytes(keyBytes) + keyBytes + varintBytes(valueBytes) + valueBytes;
}

/** A batch, uncompressed, of one record or more. @param atMs time of all its records, Unix ms */
export function encodeBatch(records: readonly BatchRecord[], identity: BatchIdentity, atMs: number): Buffer {
  let bytes = HEAD_BYTES;
  const lengths = records.map((record, place) => recordBytes(record, place));
  for (const length of lengths) bytes += varintBytes(length) + length;
  const buffer = Buffer.allocUnsafe(bytes);
  let at = HEAD_BYTES;
  records.forEach(({ key, keyBytes, value, valueBytes }, place) => {
    at = writeVarint(buffer, lengths[place] ?? 0, at);
    buffer[at++] = 0;
    buffer[at++] = 0;
    at = writeVarint(buffer, place, at);
    at = writeText(buffer, key, keyBytes, writeVarint(buffer, keyBytes, at));
    at = writeText(buffer, value, valueBytes, writeVarint(buffer, valueBytes, at));
    buffer[at++] = 0;
  });
  writeHead(buffer, { ...identity, records: records.length, atMs });
  return buffer;
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
