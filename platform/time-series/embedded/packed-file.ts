import { AppError } from '../../errors.ts';
import type { Files } from './files.ts';
import { pack, unpack } from './pack.ts';

/**
 * An immutable file of packed sections with a directory at its end:
 * sections, packed directory (JSON), length of the directory (u32), magic. Sections and directory carry their own checksums.
 */

const MAGIC = 0x31_53_54_47; // "GTS1"
const TAIL_BYTES = 8;
/** Read at once when a file is opened; most directories fit. */
const TAIL_READ_BYTES = 8_192;

/** Where a section lies in its file: from `at`, `bytes` long when packed; 0 bytes for an empty one. */
export interface Section {
  readonly at: number;
  readonly bytes: number;
}

export interface PackedFileWriter {
  /** Packs a section and writes it; an empty one takes no place. */
  add(section: Uint8Array): Section;
  /** Writes the directory, makes all durable and gives the file's size. */
  finish(directory: unknown): number;
  /** Ends without a directory; what is there is of no use. */
  abandon(): void;
}

/** Starts a new file. The folder must be synced before anything refers to it. */
export function writePackedFile(files: Files, path: string): PackedFileWriter {
  const file = files.open(path, 'create');
  let at = 0;
  let closed = false;
  const close = () => {
    if (!closed) files.close(file);
    closed = true;
  };
  const write = (bytes: Uint8Array): Section => {
    files.write(file, bytes);
    at += bytes.length;
    return { at: at - bytes.length, bytes: bytes.length };
  };
  return {
    add: (section) => (section.length === 0 ? { at, bytes: 0 } : write(pack(section))),
    finish: (directory) => {
      const { bytes } = write(pack(Buffer.from(JSON.stringify(directory))));
      const tail = new DataView(new ArrayBuffer(TAIL_BYTES));
      tail.setUint32(0, bytes, true);
      tail.setUint32(4, MAGIC, true);
      write(new Uint8Array(tail.buffer));
      files.sync(file);
      close();
      return at;
    },
    abandon: close,
  };
}

export interface PackedFile<T> {
  readonly path: string;
  readonly directory: T;
  /** @throws AppError STORE_CORRUPT naming the file */
  read(section: Section): Uint8Array;
  close(): void;
}

/** Opens a finished file. @throws AppError STORE_CORRUPT naming the file when it is missing, cut or changed */
export function openPackedFile<T>(files: Files, path: string): PackedFile<T> {
  const file = checked(path, () => files.open(path, 'read'));
  const readAt = (at: number, bytes: number): Uint8Array => {
    const into = new Uint8Array(bytes);
    if (files.read(file, into, at) !== bytes) throw new Error('the file is shorter than its directory says');
    return into;
  };
  try {
    const directory = checked(path, () => readDirectory<T>(files.sizeOf(file), readAt));
    return {
      path,
      directory,
      read: ({ at, bytes }) => (bytes === 0 ? new Uint8Array(0) : checked(path, () => unpack(readAt(at, bytes)))),
      close: () => files.close(file),
    };
  } catch (cause) {
    files.close(file);
    throw cause;
  }
}

function readDirectory<T>(size: number, readAt: (at: number, bytes: number) => Uint8Array): T {
  const start = Math.max(0, size - TAIL_READ_BYTES);
  const end = readAt(start, size - start);
  if (end.length < TAIL_BYTES) throw new Error('the file is too short');
  const tail = new DataView(end.buffer, end.length - TAIL_BYTES);
  if (tail.getUint32(4, true) !== MAGIC) throw new Error('the file has no directory at its end');
  const bytes = tail.getUint32(0, true);
  const at = size - TAIL_BYTES - bytes;
  if (at < 0) throw new Error('the directory is larger than the file');
  const packed = at >= start ? end.subarray(at - start, at - start + bytes) : readAt(at, bytes);
  return JSON.parse(Buffer.from(unpack(packed)).toString('utf8')) as T;
}

function checked<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('STORE_CORRUPT', path, { cause });
  }
}
