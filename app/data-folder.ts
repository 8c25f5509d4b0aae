/** The folder that everything is kept in. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@greencity/platform/errors';

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
