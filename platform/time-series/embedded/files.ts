import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/** The disk as the store uses it, all calls synchronous: they run in the store's own thread. A test puts a full or broken disk in its place. */
export interface Files {
  makeFolder(path: string): void;
  list(folder: string): readonly string[];
  open(path: string, mode: 'read' | 'create' | 'append'): number;
  sizeOf(file: number): number;
  /** Bytes read: fewer than asked for at the end of the file. */
  read(file: number, into: Uint8Array, position: number): number;
  /** Writes all of it where the file stands, or throws. */
  write(file: number, bytes: Uint8Array): void;
  cut(file: number, length: number): void;
  /** Contents and size on disk. */
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes names that were added to or removed from a folder last. */
  syncFolder(path: string): void;
}

const FLAGS = { read: 'r', create: 'w+', append: 'a+' } as const;

/** The real disk. */
export function diskFiles(): Files {
  return {
    makeFolder: (path) => mkdirSync(path, { recursive: true }),
    list: (folder) => readdirSync(folder),
    open: (path, mode) => openSync(path, FLAGS[mode]),
    sizeOf: (file) => fstatSync(file).size,
    read: (file, into, position) => {
      let done = 0;
      while (done < into.length) {
        const count = readSync(file, into, done, into.length - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    },
    write: (file, bytes) => {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
    },
    cut: (file, length) => ftruncateSync(file, length),
    sync: (file) => fdatasyncSync(file),
    close: (file) => closeSync(file),
    rename: (from, to) => renameSync(from, to),
    remove: (path) => unlinkSync(path),
    syncFolder: (path) => {
      const folder = openSync(path, 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    },
  };
}

/** Writes a whole file so that its name holds either the old contents or the new ones, whatever happens. */
export function replaceFile(files: Files, folder: string, name: string, contents: Uint8Array): void {
  const temporary = `${folder}/${name}.tmp`;
  const file = files.open(temporary, 'create');
  try {
    files.write(file, contents);
    files.sync(file);
  } finally {
    files.close(file);
  }
  files.rename(temporary, `${folder}/${name}`);
  files.syncFolder(folder);
}

/** All bytes of a file. */
export function readWhole(files: Files, path: string): Uint8Array {
  const file = files.open(path, 'read');
  try {
    const contents = new Uint8Array(files.sizeOf(file));
    return contents.subarray(0, files.read(file, contents, 0));
  } finally {
    files.close(file);
  }
}
