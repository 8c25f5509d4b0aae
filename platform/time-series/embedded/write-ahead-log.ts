import { crc32 } from 'node:zlib';
import { AppError } from '../../errors.ts';
import { type Bytes, emptyBytes, reserve, written } from './bytes.ts';
import type { Files } from './files.ts';

/**
 * One file of the write-ahead log. A frame is a length, its checksum, that of what follows, and what one commit made durable. A frame
 * that does not check is a torn commit that nobody was told of when it is the last one, and damage otherwise.
 */
export interface WriteAheadLog {
  readonly path: string;
  /** Appends a frame and waits until it would survive a power cut. On failure the file is as before. @throws what the disk throws */
  commit(payload: Uint8Array): void;
  close(): void;
}

const HEAD_BYTES = 12;
const LENGTH_BYTES = 4;

/** Opens a log file for appending; makes it if need be. */
export function openWriteAheadLog(files: Files, path: string): WriteAheadLog {
  // Not where the last write ended but at the file's end, which a cut moves back.
  const file = files.open(path, 'append');
  let length = files.sizeOf(file);
  let torn = false;
  const cutTorn = () => {
    files.cut(file, length);
    torn = false;
  };
  const frame: Bytes = emptyBytes(4_096);
  return {
    path,
    commit: (payload) => {
      if (torn) cutTorn();
      frame.at = 0;
      reserve(frame, HEAD_BYTES + payload.length);
      const head = new DataView(frame.buffer.buffer);
      head.setUint32(0, payload.length, true);
      head.setUint32(4, crc32(frame.buffer.subarray(0, LENGTH_BYTES)), true);
      head.setUint32(8, crc32(payload), true);
      frame.buffer.set(payload, HEAD_BYTES);
      frame.at = HEAD_BYTES + payload.length;
      try {
        files.write(file, written(frame));
        files.sync(file);
      } catch (cause) {
        torn = true;
        // A disk that refuses this too is asked again before the next commit: nothing may follow half a frame.
        try {
          cutTorn();
        } catch {}
        throw cause;
      }
      length += frame.at;
    },
    close: () => files.close(file),
  };
}

/** What became of a log file when it was read. */
export interface Replayed {
  readonly frames: number;
  /** Bytes of a torn last commit that were cut off. */
  readonly bytesCut: number;
}

type Frame =
  | { readonly kind: 'whole'; readonly payload: Uint8Array; readonly end: number }
  /** Nothing more, or the torn beginning of a commit. */
  | { readonly kind: 'end' }
  | { readonly kind: 'damaged' };

function frameAt(contents: Uint8Array, at: number): Frame {
  const start = at + HEAD_BYTES;
  if (start > contents.length) return { kind: 'end' };
  const head = new DataView(contents.buffer, contents.byteOffset + at, HEAD_BYTES);
  const torn = (from: number): Frame => ({
    kind: contents.subarray(from).some((byte) => byte !== 0) ? 'damaged' : 'end',
  });
  // A length that does not check is no length; a file system may leave zeros where a commit was to be.
  if (crc32(contents.subarray(at, at + LENGTH_BYTES)) !== head.getUint32(4, true)) return torn(at);
  const end = start + head.getUint32(0, true);
  if (end > contents.length) return { kind: 'end' };
  const payload = contents.subarray(start, end);
  return crc32(payload) === head.getUint32(8, true) ? { kind: 'whole', payload, end } : torn(end);
}

/**
 * Hands over each frame of a log file, oldest first, and cuts a torn last one off.
 * @throws AppError STORE_CORRUPT when a frame before the last does not check
 */
export function replayWriteAheadLog(files: Files, path: string, take: (payload: Bytes) => void): Replayed {
  const file = files.open(path, 'append');
  try {
    const size = files.sizeOf(file);
    const contents = new Uint8Array(size);
    files.read(file, contents, 0);
    let at = 0;
    let frames = 0;
    for (let frame = frameAt(contents, at); frame.kind !== 'end'; frame = frameAt(contents, at)) {
      if (frame.kind === 'damaged') throw new AppError('STORE_CORRUPT', path);
      take({ buffer: frame.payload, at: 0 });
      frames++;
      at = frame.end;
    }
    if (at < size) files.cut(file, at);
    return { frames, bytesCut: size - at };
  } finally {
    files.close(file);
  }
}
