/**
 * Rewrites all closed segments of a topic into one that keeps the newest record of each key, at its old offset.
 * The outcome's name says which offsets it replaces; it appears by a rename, and whatever it replaces is removed then or at the next opening,
 * so that a crash at any moment leaves a folder with all newest records.
 */
import { rename, rm } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import { type LogFile, type OpenFile, syncFolder, writeAll, writeError } from './log-file.ts';
import { frameKey } from './record-format.ts';
import {
  compactedPath,
  noteInIndex,
  removeSegment,
  type Segment,
  type SparseIndex,
  TEMPORARY_SUFFIX,
} from './segment.ts';
import { type Chunk, corrupt, readChunk, saveIndex } from './segment-scan.ts';

export interface CompactOptions {
  readonly folder: string;
  /** In order, the newest last; closed ones are replaced by the outcome. */
  readonly segments: Segment[];
  readonly openFile: OpenFile;
}

/** Compacts when at least one segment was closed since the last time. @throws AppError LOG_FULL, LOG_UNWRITABLE, LOG_CORRUPT; nothing is changed then */
export async function compactSegments({ folder, segments, openFile }: CompactOptions): Promise<void> {
  const closed = segments.slice(0, -1);
  const first = closed[0];
  const last = closed.at(-1);
  if (!first || !last || closed.every((segment) => segment.compacted || segment.bytes === 0)) return;
  const newestOffsets = await newestOffsetOfEachKey(closed, openFile);
  const range = { firstOffset: first.firstOffset, endOffset: last.endOffset };
  const path = compactedPath(folder, range);
  const temporary = `${path}${TEMPORARY_SUFFIX}`;
  try {
    const file = await openFile(temporary, 'w');
    let copied: Copied;
    try {
      copied = await copyNewest(file, { closed, openFile, newestOffsets });
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
    const outcome: Segment = { path, ...range, ...copied, compacted: true };
    segments.splice(0, closed.length, outcome);
    await saveIndex(outcome);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause instanceof AppError ? cause : writeError(path, cause);
  }
  for (const segment of closed) if (segment.path !== path) await removeSegment(segment);
}

async function* chunksOf(segment: Segment, openFile: OpenFile): AsyncGenerator<Chunk> {
  const file = await openFile(segment.path, 'r');
  try {
    for (let position = 0; position < segment.bytes; ) {
      const chunk = await readChunk(file, position, segment.bytes);
      if (chunk.frames.length === 0) throw corrupt(segment.path, chunk.nextPosition);
      yield chunk;
      position = chunk.nextPosition;
    }
  } finally {
    await file.close();
  }
}

async function newestOffsetOfEachKey(closed: readonly Segment[], openFile: OpenFile): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  for (const segment of closed) {
    for await (const chunk of chunksOf(segment, openFile)) {
      for (const frame of chunk.frames) newest.set(frameKey(chunk.bytes, frame), frame.offset);
    }
  }
  return newest;
}

interface Copied {
  readonly bytes: number;
  readonly index: SparseIndex;
  readonly firstAppendedAtMs: number | undefined;
  readonly lastAppendedAtMs: number | undefined;
}

interface CopyOptions {
  readonly closed: readonly Segment[];
  readonly openFile: OpenFile;
  readonly newestOffsets: ReadonlyMap<string, number>;
}

async function copyNewest(target: LogFile, { closed, openFile, newestOffsets }: CopyOptions): Promise<Copied> {
  const index: SparseIndex = { offsets: [], positions: [] };
  let bytes = 0;
  let firstAppendedAtMs: number | undefined;
  let lastAppendedAtMs: number | undefined;
  for (const segment of closed) {
    for await (const chunk of chunksOf(segment, openFile)) {
      const parts: Buffer[] = [];
      let partBytes = 0;
      for (const frame of chunk.frames) {
        if (newestOffsets.get(frameKey(chunk.bytes, frame)) !== frame.offset) continue;
        noteInIndex(index, frame.offset, bytes + partBytes);
        parts.push(chunk.bytes.subarray(frame.at, frame.end));
        partBytes += frame.end - frame.at;
        firstAppendedAtMs ??= frame.appendedAtMs;
        lastAppendedAtMs = frame.appendedAtMs;
      }
      await writeAll(target, { source: Buffer.concat(parts), bytes: partBytes, position: bytes });
      bytes += partBytes;
    }
  }
  return { bytes, index, firstAppendedAtMs, lastAppendedAtMs };
}
