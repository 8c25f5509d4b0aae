/** Opens a topic's folder after whatever happened to the last process: finds the segments and cuts off a write that was not finished. */
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Logger } from '../../log/port.ts';
import type { Counter } from '../../metrics/port.ts';
import { type LogFile, type OpenFile, syncFolder } from './log-file.ts';
import { laterGroupFollows } from './record-format.ts';
import { emptySegment, listSegments, type Segment } from './segment.ts';
import { corrupt, loadIndex, type Scan, saveIndex, scanSegment } from './segment-scan.ts';

export interface RecoveryOptions {
  readonly folder: string;
  /** No offset below it is given again, even if records were lost: some group has already handled it. */
  readonly nextOffsetMin: number;
  readonly openFile: OpenFile;
  readonly log: Logger;
  readonly cutBytes: Counter;
}

/**
 * Segments of a topic, the newest ready to be appended to. Only the newest is read and checked; older ones were synced before it was begun and
 * are checked when they are read.
 * @throws AppError LOG_CORRUPT when a record does not check and one of a later group does
 */
export async function recoverSegments(options: RecoveryOptions): Promise<Segment[]> {
  const { folder, openFile } = options;
  await mkdir(folder, { recursive: true });
  const segments = await listSegments(folder);
  for (const [at, segment] of segments.entries()) {
    const last = at === segments.length - 1;
    await measure(segment, openFile);
    if (last && !segment.compacted) await recoverNewest(segment, options);
    else await loadIndex(segment);
    const next = segments[at + 1];
    if (next && segment.endOffset === segment.firstOffset) segment.endOffset = next.firstOffset;
  }
  const newest = segments.at(-1);
  const nextOffset = Math.max(newest?.endOffset ?? 0, options.nextOffsetMin);
  if (!newest || newest.compacted || newest.endOffset < nextOffset) {
    const begun = emptySegment(folder, nextOffset);
    await (await openFile(begun.path, 'w')).close();
    await syncFolder(folder);
    if (newest && !newest.compacted) await saveIndex(newest);
    segments.push(begun);
  }
  return segments;
}

async function measure(segment: Segment, openFile: OpenFile): Promise<void> {
  const file = await openFile(segment.path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    segment.bytes = size;
    segment.lastAppendedAtMs = mtimeMs;
  } finally {
    await file.close();
  }
}

async function recoverNewest(segment: Segment, options: RecoveryOptions): Promise<void> {
  const file = await options.openFile(segment.path, 'r+');
  try {
    const scan = await scanSegment(file, segment.bytes);
    const lastOffset = scan.lastOffset ?? segment.firstOffset - 1;
    if (scan.goodBytes < segment.bytes) await cut(file, { segment, scan, lastOffset, options });
    segment.bytes = scan.goodBytes;
    segment.endOffset = lastOffset + 1;
    segment.index = scan.index;
    segment.firstAppendedAtMs = scan.firstAppendedAtMs;
    segment.lastAppendedAtMs = scan.lastAppendedAtMs;
  } finally {
    await file.close();
  }
}

interface Torn {
  readonly segment: Segment;
  readonly scan: Scan;
  readonly lastOffset: number;
  readonly options: RecoveryOptions;
}

async function cut(file: LogFile, { segment, scan, lastOffset, options }: Torn): Promise<void> {
  const tornBytes = segment.bytes - scan.goodBytes;
  const torn = Buffer.allocUnsafe(tornBytes);
  const { bytesRead } = await file.read(torn, 0, tornBytes, scan.goodBytes);
  if (laterGroupFollows(torn.subarray(0, bytesRead), lastOffset)) throw corrupt(segment.path, scan.goodBytes);
  await file.truncate(scan.goodBytes);
  await file.datasync();
  options.cutBytes.add(tornBytes);
  options.log.warn(
    { file: basename(segment.path), byte: scan.goodBytes, cutBytes: tornBytes, lastOffset },
    'unfinished write cut off the end of the log',
  );
}
