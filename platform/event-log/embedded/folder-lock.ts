/** One process at a time in a folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../errors.ts';

/**
 * Holds the folder until disposed or until the process ends, however it ends. The lock is SQLite's lock on an empty file: the operating system keeps it
 * and frees it, so that neither a stale file nor a process id that was given to somebody else can mislead us. The process id is noted for people only.
 * @throws AppError DATA_DIR_IN_USE
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  await mkdir(folder, { recursive: true });
  const holder = join(folder, 'lock.pid');
  const lock = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if ((cause as { errcode?: number }).errcode !== 5) throw new AppError('LOG_UNWRITABLE', folder, { cause });
    throw new AppError('DATA_DIR_IN_USE', `${folder}, by process ${readHolder(holder)}`, { cause });
  }
  writeFileSync(holder, `${process.pid}\n`);
  return { [Symbol.dispose]: () => lock.close() };
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
