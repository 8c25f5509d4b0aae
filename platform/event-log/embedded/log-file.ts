/** The few file operations the log needs, so that a test can give it a disk of a certain size. */
import { open } from 'node:fs/promises';
import { AppError } from '../../errors.ts';

export interface LogFile {
  read(target: Buffer, at: number, bytes: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(source: Buffer, at: number, bytes: number, position: number): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  stat(): Promise<{ readonly size: number; readonly mtimeMs: number }>;
  close(): Promise<void>;
}

/** Opens a file as `fs.open` does. */
export type OpenFile = (path: string, flags: string) => Promise<LogFile>;

/** The machine's own disk. */
export const openDiskFile: OpenFile = (path, flags) => open(path, flags);

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What a failed write means: LOG_FULL where space is missing, else LOG_UNWRITABLE. */
export function writeError(subject: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new AppError(NO_SPACE.has(code) ? 'LOG_FULL' : 'LOG_UNWRITABLE', subject, { cause });
}

/** Writes all bytes, however few the system takes at a time. */
export async function writeAll(
  file: LogFile,
  { source, bytes, position }: { readonly source: Buffer; readonly bytes: number; readonly position: number },
): Promise<void> {
  let done = 0;
  while (done < bytes) {
    const { bytesWritten } = await file.write(source, done, bytes - done, position + done);
    done += bytesWritten;
  }
}

/** Makes a file's creation, renaming or removal durable. Windows syncs no folders and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
