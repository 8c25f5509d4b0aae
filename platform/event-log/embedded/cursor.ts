/** Reads a topic's records from disk in order, for whoever is behind what memory holds. */
import type { LogRecord, Topic } from '../port.ts';
import type { LogFile, OpenFile } from './log-file.ts';
import { frameRecord } from './record-format.ts';
import { positionBefore, type Segment } from './segment.ts';
import { type Chunk, corrupt, indexOf, readChunk } from './segment-scan.ts';

/** Most bytes of records that one call gives, so that decoding them stays short. */
const BATCH_BYTES_MAX = 1024 * 1024;

export interface CursorBatch {
  readonly records: readonly LogRecord[];
  /** Everything before this offset has been looked at. */
  readonly nextOffset: number;
}

export interface Cursor {
  /** Records from an offset on; cheapest when it is where the last call ended. @throws AppError LOG_CORRUPT */
  next(fromOffset: number, recordsMax: number): Promise<CursorBatch>;
  close(): Promise<void>;
}

export interface CursorOptions {
  readonly topic: Topic;
  /** Asked anew at each change of segment, so that removed ones are passed over. */
  readonly segments: () => readonly Segment[];
  readonly openFile: OpenFile;
}

/** An open segment, and how far it has been read. */
interface Place {
  readonly segment: Segment;
  readonly file: LogFile;
  position: number;
  /** Frames read and not yet given out. */
  chunk: Chunk | undefined;
  frameIndex: number;
}

interface State extends CursorOptions {
  place: Place | undefined;
  expectedOffset: number;
}

/** A batch while it is filled. */
interface Filling {
  readonly records: LogRecord[];
  readonly recordsMax: number;
  bytes: number;
}

/** A cursor over a topic's segments. */
export function openCursor(options: CursorOptions): Cursor {
  const state: State = { ...options, place: undefined, expectedOffset: -1 };
  return {
    async next(fromOffset, recordsMax) {
      const filling: Filling = { records: [], recordsMax, bytes: 0 };
      try {
        const nextOffset = await collect(state, filling, fromOffset);
        state.expectedOffset = nextOffset;
        return { records: filling.records, nextOffset };
      } catch (cause) {
        state.expectedOffset = -1;
        await leave(state);
        const last = filling.records.at(-1);
        // What lies before the damage is still given; the next call then meets the damage at once.
        if (last) return { records: filling.records, nextOffset: last.offset + 1 };
        throw cause;
      }
    },
    close: () => leave(state),
  };
}

/** Adds records to the batch until it is full or the topic ends; gives the offset to go on from. */
async function collect(state: State, filling: Filling, fromOffset: number): Promise<number> {
  let nextOffset = fromOffset;
  if (fromOffset !== state.expectedOffset || !state.place)
    nextOffset = Math.max(nextOffset, await seek(state, fromOffset));
  while (state.place && filling.records.length < filling.recordsMax && filling.bytes < BATCH_BYTES_MAX) {
    const { segment } = state.place;
    const { endOffset } = segment;
    if (await load(state.place)) {
      take(state, filling, fromOffset);
      nextOffset = Math.max(nextOffset, (filling.records.at(-1)?.offset ?? -1) + 1);
      continue;
    }
    nextOffset = Math.max(nextOffset, endOffset);
    if (segment === state.segments().at(-1)) break;
    nextOffset = Math.max(nextOffset, await seek(state, nextOffset));
  }
  return nextOffset;
}

async function leave(state: State): Promise<void> {
  const left = state.place;
  state.place = undefined;
  await left?.file.close();
}

/** Goes to an offset. When nothing lies there or behind it, gives the topic's end as it was at that moment. */
async function seek(state: State, offset: number): Promise<number> {
  await leave(state);
  const { segments, openFile } = state;
  for (;;) {
    const segment = segments().find((candidate) => candidate.endOffset > offset && candidate.bytes > 0);
    if (!segment) return segments().at(-1)?.endOffset ?? 0;
    try {
      const position = positionBefore(await indexOf(segment, openFile), offset);
      const file = await openFile(segment.path, 'r');
      state.place = { segment, file, position, chunk: undefined, frameIndex: 0 };
      return offset;
    } catch (cause) {
      const removed = (cause as NodeJS.ErrnoException).code === 'ENOENT' && !segments().includes(segment);
      if (!removed) throw cause;
    }
  }
}

/** Makes sure that the place has frames to give; false at the durable end of its segment. */
async function load(place: Place): Promise<boolean> {
  if (place.chunk && place.frameIndex < place.chunk.frames.length) return true;
  const limit = place.segment.bytes;
  if (place.position >= limit) return false;
  const chunk = await readChunk(place.file, place.position, limit);
  if (chunk.frames.length === 0) throw corrupt(place.segment.path, chunk.nextPosition);
  place.chunk = chunk;
  place.frameIndex = 0;
  place.position = chunk.nextPosition;
  return true;
}

/** Moves frames of the loaded chunk into the batch. */
function take({ topic, place }: State, filling: Filling, fromOffset: number): void {
  const chunk = place?.chunk;
  if (!place || !chunk) return;
  while (place.frameIndex < chunk.frames.length && filling.records.length < filling.recordsMax) {
    const frame = chunk.frames[place.frameIndex];
    place.frameIndex += 1;
    if (!frame || frame.offset < fromOffset) continue;
    filling.records.push(frameRecord(topic, chunk.bytes, frame));
    filling.bytes += frame.end - frame.at;
  }
}
