/** The folder that everything is kept in. */
import { access, chmod, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';

/** What lies in it and was readable for everybody in earlier versions: positions of private homes, addresses, hashes of secrets. */
const OURS = ['log', 'series', ...['documents', 'predictions'].flatMap((name) => sqliteFiles(`${name}.sqlite`))];
const OTHERS = 0o077;

/**
 * Makes the folder where it is missing, and makes sure that this account may write there.
 * @throws AppError BAD_SETTING that names `DATA_DIR` and what is wrong with it
 */
export async function openDataFolder(path: string): Promise<void> {
  try {
    await make(path);
    if (!(await stat(path)).isDirectory()) throw new Error('it is no folder');
    await access(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new AppError('BAD_SETTING', `DATA_DIR ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Takes away what others may do with what is ours; files that are made from now on are for this account alone (main.ts). */
export async function closeToOthers(path: string, log: Logger): Promise<void> {
  if (process.platform === 'win32') return;
  for (const file of OURS.map((name) => join(path, name))) {
    try {
      const { mode } = await stat(file);
      if ((mode & OTHERS) === 0) continue;
      await chmod(file, mode & ~OTHERS & 0o777);
      log.warn({ file }, 'others could look into this; its mode was changed');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn({ file, error }, 'others may be able to look into this, and its mode could not be changed');
    }
  }
}

function sqliteFiles(name: string): readonly string[] {
  return ['', '-wal', '-shm'].map((end) => name + end);
}

/** Folder by folder: Node's own `recursive` never ends where a system refuses new folders with ENOENT, as below `/proc` and an automounter. */
async function make(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (found) return;
  await make(dirname(path));
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
