/**
 * Bytes of one record in a segment, little-endian. Frames follow each other without gaps.
 *
 *     0  u32  bytes of key and value
 *     4  u32  CRC-32 of all that follows
 *     8  f64  offset
 *    16  f64  appended at, Unix ms
 *    24  u32  place in the group that was written and synced as one, from 0
 *    28  u32  bytes of the key
 *    32       key, then value, UTF-8
 *
 * The offset is written out because compaction leaves gaps. The place in the group tells a group that a power cut
 * wrote in part (nobody was told that it is durable) from damage to records that had been synced.
 */
import { crc32 } from 'node:zlib';
import type { LogRecord, Topic } from '../port.ts';

export const HEADER_BYTES = 32;
/** Longest key and value together that the log takes. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;
const CHECKED_FROM = 8;
/** A UTF-16 unit takes at most this many bytes in UTF-8. */
const UTF8_BYTES_PER_UNIT_MAX = 3;

/** Where a record lies in a buffer, after its checksum was found right. */
export interface Frame {
  readonly at: number;
  readonly offset: number;
  readonly appendedAtMs: number;
  /** Offset of the first record of the group it was written with. */
  readonly groupFirstOffset: number;
  readonly valueAt: number;
  /** First byte after the frame. */
  readonly end: number;
}

/** `incomplete`: the buffer ends before the frame does; `wantedBytes` is what it takes from `at`. */
export type FrameRead =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'incomplete'; readonly wantedBytes: number }
  | { readonly kind: 'bad' };

/** Upper bound of a record's frame, without looking at its text. */
export function frameBytesMax(record: { readonly key: string; readonly value: string }): number {
  return HEADER_BYTES + UTF8_BYTES_PER_UNIT_MAX * (record.key.length + record.value.length);
}

/** Writes a frame at `at`; the buffer has room for `frameBytesMax`. Gives the first byte after it. */
export function writeFrame(target: Buffer, at: number, record: LogRecord, placeInGroup: number): number {
  const keyBytes = target.write(record.key, at + HEADER_BYTES);
  const valueBytes = target.write(record.value, at + HEADER_BYTES + keyBytes);
  const end = at + HEADER_BYTES + keyBytes + valueBytes;
  target.writeUInt32LE(keyBytes + valueBytes, at);
  target.writeDoubleLE(record.offset, at + 8);
  target.writeDoubleLE(record.appendedAtMs, at + 16);
  target.writeUInt32LE(placeInGroup, at + 24);
  target.writeUInt32LE(keyBytes, at + 28);
  target.writeUInt32LE(crc32(target.subarray(at + CHECKED_FROM, end)), at + 4);
  return end;
}

/** The frame at `at`; bytes from `limit` on are not looked at. */
export function readFrame(bytes: Buffer, at: number, limit: number): FrameRead {
  if (at + HEADER_BYTES > limit) return { kind: 'incomplete', wantedBytes: HEADER_BYTES };
  const bodyBytes = bytes.readUInt32LE(at);
  const keyBytes = bytes.readUInt32LE(at + 28);
  if (bodyBytes > BODY_BYTES_MAX || keyBytes > bodyBytes) return { kind: 'bad' };
  const end = at + HEADER_BYTES + bodyBytes;
  if (end > limit) return { kind: 'incomplete', wantedBytes: HEADER_BYTES + bodyBytes };
  if (crc32(bytes.subarray(at + CHECKED_FROM, end)) !== bytes.readUInt32LE(at + 4)) return { kind: 'bad' };
  const offset = bytes.readDoubleLE(at + 8);
  return {
    kind: 'frame',
    frame: {
      at,
      offset,
      appendedAtMs: bytes.readDoubleLE(at + 16),
      groupFirstOffset: offset - bytes.readUInt32LE(at + 24),
      valueAt: at + HEADER_BYTES + keyBytes,
      end,
    },
  };
}

/** Key of the record in a frame. */
export function frameKey(bytes: Buffer, frame: Frame): string {
  return bytes.toString('utf8', frame.at + HEADER_BYTES, frame.valueAt);
}

/** The record in a frame. */
export function frameRecord(topic: Topic, bytes: Buffer, frame: Frame): LogRecord {
  return {
    topic,
    partition: 0,
    offset: frame.offset,
    appendedAtMs: frame.appendedAtMs,
    key: frameKey(bytes, frame),
    value: bytes.toString('utf8', frame.valueAt, frame.end),
  };
}

/**
 * Looks behind a frame that does not check for one that was written by a later group. Such a group is only begun when the one
 * before is durable, so that finding it means damage, and not a write that was cut short.
 */
export function laterGroupFollows(bytes: Buffer, lastGoodOffset: number): boolean {
  const offsetMax = lastGoodOffset + bytes.length / HEADER_BYTES + 1;
  for (let at = 1; at + HEADER_BYTES <= bytes.length; at += 1) {
    const offset = bytes.readDoubleLE(at + 8);
    if (!(offset > lastGoodOffset && offset <= offsetMax) || !Number.isInteger(offset)) continue;
    const read = readFrame(bytes, at, bytes.length);
    if (read.kind !== 'frame') continue;
    if (read.frame.groupFirstOffset > lastGoodOffset + 1) return true;
    at = read.frame.end - 1;
  }
  return false;
}
