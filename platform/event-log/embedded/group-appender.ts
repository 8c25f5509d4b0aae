/** Writes groups of records to the newest segment: all of a group is durable, or none of it counts. */
import type { LogRecord, NewRecord, Topic } from '../port.ts';
import { type LogFile, type OpenFile, syncFolder, writeAll } from './log-file.ts';
import { frameBytesMax, writeFrame } from './record-format.ts';
import { emptySegment, noteInIndex, type Segment, type SparseIndex } from './segment.ts';
import { saveIndex } from './segment-scan.ts';

/** Encoded and written at a time: about 2 ms of the event loop. */
const SLICE_BYTES = 1024 * 1024;
const BUFFER_BYTES_MIN = 16 * 1024;

export interface AppenderOptions {
  readonly topic: Topic;
  readonly folder: string;
  readonly segmentBytesMax: number;
  /** In order, the newest last; the appender adds to it and changes only the newest. */
  readonly segments: Segment[];
  readonly nowMs: () => number;
  readonly openFile: OpenFile;
}

/** The calls of one group, and about how many bytes they are. */
export interface Group {
  readonly calls: readonly { readonly records: readonly NewRecord[] }[];
  readonly bytes: number;
}

export interface GroupAppender {
  /** Resolves when the group is durable. After a failure the next call first removes what the failed one left. */
  write(group: Group): Promise<readonly LogRecord[]>;
  /** Closes the newest segment, if it has records, and begins another. */
  roll(): Promise<void>;
  close(): Promise<void>;
}

interface State extends AppenderOptions {
  file: LogFile;
  buffer: Buffer;
  /** True when bytes of a group that failed may lie behind the durable ones. */
  dirty: boolean;
}

/** A group on its way to the disk. */
interface Draft {
  readonly records: LogRecord[];
  /** For the segment's index, once the group is durable. */
  readonly marks: SparseIndex;
  position: number;
}

/** An appender to the newest of the segments. */
export async function openGroupAppender(options: AppenderOptions): Promise<GroupAppender> {
  const file = await options.openFile(newest(options).path, 'r+');
  const state: State = { ...options, file, buffer: Buffer.allocUnsafe(0), dirty: false };
  return {
    write: (group) => write(state, group),
    async roll() {
      if (state.dirty) await repair(state);
      if (newest(state).bytes > 0) await beginSegment(state);
    },
    close: () => state.file.close(),
  };
}

function newest({ topic, segments }: AppenderOptions): Segment {
  const segment = segments.at(-1);
  if (!segment) throw new Error(`${topic} has no segment`);
  return segment;
}

async function repair(state: State): Promise<void> {
  await state.file.truncate(newest(state).bytes);
  await state.file.datasync();
  state.dirty = false;
}

async function beginSegment(state: State): Promise<void> {
  const closing = newest(state);
  const opening = emptySegment(state.folder, closing.endOffset);
  const opened = await state.openFile(opening.path, 'w+');
  try {
    await syncFolder(state.folder);
  } catch (cause) {
    await opened.close();
    throw cause;
  }
  const written = state.file;
  state.file = opened;
  state.segments.push(opening);
  await written.close();
  await saveIndex(closing);
}

async function write(state: State, group: Group): Promise<readonly LogRecord[]> {
  if (state.dirty) await repair(state);
  const before = newest(state);
  if (before.bytes > 0 && before.bytes + group.bytes > state.segmentBytesMax) await beginSegment(state);
  const segment = newest(state);
  const draft: Draft = { records: [], marks: { offsets: [], positions: [] }, position: segment.bytes };
  await writeRecords(state, draft, group);
  await state.file.datasync();
  state.dirty = false;
  segment.bytes = draft.position;
  segment.endOffset += draft.records.length;
  segment.lastAppendedAtMs = draft.records.at(-1)?.appendedAtMs;
  segment.firstAppendedAtMs ??= segment.lastAppendedAtMs;
  const { index } = segment;
  if (index)
    for (const [at, offset] of draft.marks.offsets.entries())
      noteInIndex(index, offset, draft.marks.positions[at] ?? 0);
  return draft.records;
}

const wellFormed = (text: string) => (text.isWellFormed() ? text : text.toWellFormed());

async function writeRecords(state: State, draft: Draft, group: Group): Promise<void> {
  const { topic } = state;
  const appendedAtMs = state.nowMs();
  const firstOffset = newest(state).endOffset;
  let used = 0;
  for (const { records } of group.calls) {
    for (const { key, value } of records) {
      const offset = firstOffset + draft.records.length;
      const record = { topic, partition: 0, offset, appendedAtMs, key: wellFormed(key), value: wellFormed(value) };
      makeRoom(state, used + frameBytesMax(record));
      noteInIndex(draft.marks, offset, draft.position + used);
      used = writeFrame(state.buffer, used, record, draft.records.length);
      draft.records.push(record);
      if (used < SLICE_BYTES) continue;
      await writeSlice(state, draft, used);
      used = 0;
    }
  }
  await writeSlice(state, draft, used);
}

function makeRoom(state: State, bytes: number): void {
  if (state.buffer.length >= bytes) return;
  const larger = Buffer.allocUnsafe(Math.max(bytes, Math.min(state.buffer.length * 2, SLICE_BYTES), BUFFER_BYTES_MIN));
  state.buffer.copy(larger);
  state.buffer = larger;
}

async function writeSlice(state: State, draft: Draft, bytes: number): Promise<void> {
  state.dirty = true;
  await writeAll(state.file, { source: state.buffer, bytes, position: draft.position });
  draft.position += bytes;
}
