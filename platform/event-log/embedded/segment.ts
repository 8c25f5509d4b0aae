/** A segment: one file of records with ascending offsets, and what is known about it without reading it. */
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Place of about every `INDEX_STRIDE_BYTES`-th record: reading from an offset starts at the nearest one before. */
export interface SparseIndex {
  readonly offsets: number[];
  readonly positions: number[];
}

export const INDEX_STRIDE_BYTES = 256 * 1024;

export interface Segment {
  readonly path: string;
  readonly firstOffset: number;
  /** Durable bytes; what lies behind them is not read. */
  bytes: number;
  /** Offset after its last; of the newest segment, the next that is given. */
  endOffset: number;
  /** When its first and last records were appended; undefined without records. */
  firstAppendedAtMs: number | undefined;
  lastAppendedAtMs: number | undefined;
  /** Undefined until somebody reads from the middle of a segment whose index was lost. */
  index: SparseIndex | undefined;
  /** True for the outcome of a compaction. */
  readonly compacted: boolean;
}

const OFFSET_DIGITS = 20;
const NAME = /^(\d{20})(?:-(\d{20}))?\.log$/;
export const TEMPORARY_SUFFIX = '.tmp';

const digits = (offset: number) => String(offset).padStart(OFFSET_DIGITS, '0');

/** Path of the segment that starts at an offset. */
export function segmentPath(folder: string, firstOffset: number): string {
  return join(folder, `${digits(firstOffset)}.log`);
}

/** Path of what a compaction made of all segments from `firstOffset` to before `endOffset`. */
export function compactedPath(
  folder: string,
  range: { readonly firstOffset: number; readonly endOffset: number },
): string {
  return join(folder, `${digits(range.firstOffset)}-${digits(range.endOffset - 1)}.log`);
}

/** Path of the index beside a segment. */
export function indexPath(path: string): string {
  return path.replace(/\.log$/, '.index');
}

/** A segment as its name says, its size and age still unknown. */
export function namedSegment(folder: string, name: string): Segment | undefined {
  const found = NAME.exec(name);
  if (!found?.[1]) return undefined;
  return {
    path: join(folder, name),
    firstOffset: Number(found[1]),
    bytes: 0,
    endOffset: found[2] ? Number(found[2]) + 1 : Number(found[1]),
    firstAppendedAtMs: undefined,
    lastAppendedAtMs: undefined,
    index: undefined,
    compacted: found[2] !== undefined,
  };
}

/** A segment without records. */
export function emptySegment(folder: string, firstOffset: number): Segment {
  return {
    path: segmentPath(folder, firstOffset),
    firstOffset,
    bytes: 0,
    endOffset: firstOffset,
    firstAppendedAtMs: undefined,
    lastAppendedAtMs: undefined,
    index: { offsets: [], positions: [] },
    compacted: false,
  };
}

/** Notes a record in the index when the last noted one is far enough away. */
export function noteInIndex(index: SparseIndex, offset: number, position: number): void {
  const last = index.positions.at(-1);
  if (last !== undefined && position - last < INDEX_STRIDE_BYTES) return;
  index.offsets.push(offset);
  index.positions.push(position);
}

/** Byte to start reading at for an offset: at or before its record. */
export function positionBefore(index: SparseIndex, offset: number): number {
  let low = 0;
  let high = index.offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index.offsets[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return index.positions[low - 1] ?? 0;
}

/** Segments of a folder in order. Removes what an interrupted compaction left: half-written files, and segments that its outcome replaces. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const names = await readdir(folder);
  for (const name of names.filter((found) => found.endsWith(TEMPORARY_SUFFIX))) await rm(join(folder, name));
  const segments = names.map((name) => namedSegment(folder, name)).filter((segment) => segment !== undefined);
  segments.sort((a, b) => a.firstOffset - b.firstOffset || b.endOffset - a.endOffset);
  const kept: Segment[] = [];
  let coveredTo = 0;
  for (const segment of segments) {
    if (segment.firstOffset < coveredTo) {
      await removeSegment(segment);
      continue;
    }
    kept.push(segment);
    if (segment.compacted) coveredTo = segment.endOffset;
  }
  const indexes = new Set(kept.map((segment) => basename(indexPath(segment.path))));
  for (const name of names.filter((found) => found.endsWith('.index') && !indexes.has(found)))
    await rm(join(folder, name), { force: true });
  return kept;
}

/** Removes a segment's files. Whoever has it open reads on to its end. */
export async function removeSegment(segment: Segment): Promise<void> {
  await rm(indexPath(segment.path), { force: true });
  await rm(segment.path, { force: true });
}
