/** Reads a segment in bounded pieces, so that neither memory nor the event loop notices how large it is. */
import { readFile, writeFile } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import type { LogFile, OpenFile } from './log-file.ts';
import { type Frame, readFrame } from './record-format.ts';
import { indexPath, noteInIndex, type Segment, type SparseIndex } from './segment.ts';

const CHUNK_BYTES = 256 * 1024;

/** Frames that lie one after the other in a file, and where the next one is. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly frames: readonly Frame[];
  /** Position in the file of the first byte of `bytes`. */
  readonly position: number;
  readonly nextPosition: number;
  /** True when a frame at `nextPosition` does not check or does not end before the limit. */
  readonly broken: boolean;
}

/** Reads frames from `position` on, not past `limit`. A frame that is longer than a chunk gets a longer chunk. */
export async function readChunk(file: LogFile, position: number, limit: number): Promise<Chunk> {
  let wantedBytes = CHUNK_BYTES;
  for (;;) {
    const bytes = await readBytes(file, position, Math.min(wantedBytes, limit - position));
    const frames: Frame[] = [];
    let at = 0;
    let more = 0;
    let broken = false;
    while (at < bytes.length) {
      const read = readFrame(bytes, at, bytes.length);
      if (read.kind === 'frame') {
        frames.push(read.frame);
        at = read.frame.end;
        continue;
      }
      if (read.kind === 'bad' || position + at + read.wantedBytes > limit) broken = true;
      else more = read.wantedBytes;
      break;
    }
    const stuck = frames.length === 0 && more > bytes.length && !broken;
    if (!stuck) return { bytes, frames, position, nextPosition: position + at, broken };
    wantedBytes = more;
  }
}

async function readBytes(file: LogFile, position: number, bytes: number): Promise<Buffer> {
  const target = Buffer.allocUnsafe(Math.max(bytes, 0));
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return target.subarray(0, done);
}

/** What a whole read of a segment found. */
export interface Scan {
  readonly index: SparseIndex;
  /** First byte that belongs to no good record. */
  readonly goodBytes: number;
  readonly lastOffset: number | undefined;
  readonly firstAppendedAtMs: number | undefined;
  readonly lastAppendedAtMs: number | undefined;
}

/** Reads and checks records up to the first that does not check. */
export async function scanSegment(file: LogFile, limit: number): Promise<Scan> {
  const index: SparseIndex = { offsets: [], positions: [] };
  let goodBytes = 0;
  let first: Frame | undefined;
  let last: Frame | undefined;
  while (goodBytes < limit) {
    const chunk = await readChunk(file, goodBytes, limit);
    for (const frame of chunk.frames) noteInIndex(index, frame.offset, chunk.position + frame.at);
    first ??= chunk.frames[0];
    last = chunk.frames.at(-1) ?? last;
    goodBytes = chunk.nextPosition;
    if (chunk.broken || chunk.frames.length === 0) break;
  }
  return {
    index,
    goodBytes,
    lastOffset: last?.offset,
    firstAppendedAtMs: first?.appendedAtMs,
    lastAppendedAtMs: last?.appendedAtMs,
  };
}

/** LOG_CORRUPT with the file and byte that a person has to look at. */
export function corrupt(path: string, byte: number): AppError {
  return new AppError('LOG_CORRUPT', `${path} at byte ${byte}`);
}

/** The index of a segment; built by reading the segment when it was lost. @throws AppError LOG_CORRUPT */
export async function indexOf(segment: Segment, openFile: OpenFile): Promise<SparseIndex> {
  if (segment.index) return segment.index;
  const file = await openFile(segment.path, 'r');
  try {
    const scan = await scanSegment(file, segment.bytes);
    if (scan.goodBytes < segment.bytes) throw corrupt(segment.path, scan.goodBytes);
    segment.index = scan.index;
    segment.firstAppendedAtMs = scan.firstAppendedAtMs;
    segment.lastAppendedAtMs = scan.lastAppendedAtMs;
    await saveIndex(segment);
    return scan.index;
  } finally {
    await file.close();
  }
}

/** Writes the index file of a closed segment. It only saves time: it is checked against the segment's size and can be lost. */
export async function saveIndex(segment: Segment): Promise<void> {
  const { bytes, endOffset, firstAppendedAtMs, lastAppendedAtMs, index } = segment;
  const text = JSON.stringify({ bytes, endOffset, firstAppendedAtMs, lastAppendedAtMs, ...index });
  await writeFile(indexPath(segment.path), text).catch(() => undefined);
}

interface SavedIndex extends SparseIndex {
  readonly bytes: number;
  readonly endOffset: number;
  readonly firstAppendedAtMs?: number;
  readonly lastAppendedAtMs?: number;
}

/** Takes over what the index file says, if it is whole and about this very segment. */
export async function loadIndex(segment: Segment): Promise<void> {
  const text = await readFile(indexPath(segment.path), 'utf8').catch(() => '');
  let saved: SavedIndex;
  try {
    saved = JSON.parse(text) as SavedIndex;
  } catch {
    return;
  }
  if (saved?.bytes !== segment.bytes) return;
  segment.endOffset = saved.endOffset;
  segment.firstAppendedAtMs = saved.firstAppendedAtMs;
  segment.lastAppendedAtMs = saved.lastAppendedAtMs;
  segment.index = { offsets: saved.offsets, positions: saved.positions };
}
