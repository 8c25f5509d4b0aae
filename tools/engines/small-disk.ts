/** Disks that fill up: a small one where this machine lets us mount it, and a limit on the size of files, which any machine has. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DISK_MIB = 48;
const BALLAST_BYTES = 64 * 1024;
const PAGE_BYTES = 4_096;

/** A folder whose file system is small. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Leaves no room for another page. */
  fill(): void;
  free(): void;
}

/** Mounts a small file system in memory; undefined where that is not allowed. Needs root, as most containers have, and the right to mount, as many have not. */
export function mountSmallDisk(
  folder: string = mkdtempSync(join(tmpdir(), 'greencity-disk-')),
  sizeMib = DISK_MIB,
): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true });
  const size = `size=${sizeMib}m`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'ignore' }).status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write('\nSKIPPED: a disk that is really full; this machine does not let us mount a small one.\n\n');
    return undefined;
  }
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: () => fillWith(ballast),
    free: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]() {
      spawnSync('umount', ['--lazy', folder], { stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fillWith(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const bytes of [BALLAST_BYTES, PAGE_BYTES]) writeUntilFull(file, Buffer.alloc(bytes));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  for (;;) {
    try {
      writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

/** Lets a process write no file beyond so many bytes, or any again. Files that are longer can be read, and not be appended to. */
export function limitFileSize(pid: number, bytes: number | 'unlimited'): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:unlimited`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`prlimit, of util-linux, is needed and failed: ${stderr}`);
}
