import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { AppError } from '../errors.ts';
import type { ObjectStore } from './port.ts';

const NAME_LENGTH_MAX = 512;
/** One part of a name: letters, digits and a few signs that every file system and S3 take alike; no part begins with a dot. */
const PART = /^[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]*$/;
/** Where objects are written before they are moved into place. The dot keeps it out of the names. */
const UNFINISHED = '.unfinished';

/**
 * Objects as files below a folder of this machine, which is made when it is missing. An object `a` and an object `a/b` cannot both be: CONFLICT.
 * @throws AppError from every call: BAD_USER_INPUT for a name that is not one, STORE_UNWRITABLE when the disk refuses.
 */
export function folderObjectStore(folder: string): ObjectStore {
  const pathOf = (name: string) => join(folder, ...checkedParts(name));

  return {
    async put(name, content) {
      const path = pathOf(name);
      const unfinished = join(folder, UNFINISHED, randomUUID());
      await mkdir(dirname(unfinished), { recursive: true }).catch((cause: unknown) => {
        throw new AppError('STORE_UNWRITABLE', folder, { cause });
      });
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeDurably(unfinished, content);
        await rename(unfinished, path);
        await syncFolder(dirname(path));
      } catch (cause) {
        await rm(unfinished, { force: true }).catch(() => {});
        throw asAppError(name, cause);
      }
    },
    async get(name) {
      const path = pathOf(name);
      try {
        return await readFile(path);
      } catch (cause) {
        if (isAbsent(cause)) return undefined;
        throw asAppError(name, cause);
      }
    },
    async list(prefix) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
        if (isAbsent(cause)) return [];
        throw asAppError(prefix, cause);
      });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length).split(sep).join('/'))
        .filter((name) => name.startsWith(prefix) && !name.startsWith(`${UNFINISHED}/`))
        .sort();
    },
    async delete(name) {
      const path = pathOf(name);
      try {
        await rm(path);
        await syncFolder(dirname(path));
      } catch (cause) {
        if (!isAbsent(cause)) throw asAppError(name, cause);
      }
    },
  };
}

function checkedParts(name: string): readonly string[] {
  const parts = name.split('/');
  if (name.length > NAME_LENGTH_MAX || !parts.every((part) => PART.test(part))) {
    const shown = JSON.stringify(name.slice(0, 100));
    throw new AppError(
      'BAD_USER_INPUT',
      `name: must be parts of letters, digits and ._=+@- between slashes, got ${shown}`,
    );
  }
  return parts;
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx');
  await file.writeFile(content);
  await file.sync();
}

/** Makes a rename or a removal survive a power cut. */
async function syncFolder(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** A name that is only the beginning of others is the name of no object. */
function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR'].includes(codeOf(error) ?? '');
}

function asAppError(name: string, cause: unknown): AppError {
  const taken = ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].includes(codeOf(cause) ?? '');
  return taken
    ? new AppError('CONFLICT', `${name}: another object's name begins with this one, or this one with another's`, {
        cause,
      })
    : new AppError('STORE_UNWRITABLE', name, { cause });
}
