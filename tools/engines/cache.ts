/** Where engines are kept once they have been fetched or built: outside the repository, shared by all its copies on this machine. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `GREENCITY_ENGINES`, or `greencity/engines` in the user's cache folder. */
export function cacheFolder(): string {
  const given = process.env['GREENCITY_ENGINES'];
  if (given) return given;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'greencity', 'engines');
}

/**
 * Folder of an engine, made by `fill` where it is not there yet. It appears whole or not at all: `fill` writes to a folder beside it that is
 * renamed at the end, so that a run that was cut short leaves nothing that looks finished, and two runs at once do not disturb each other.
 * @param name with its version, so that another version is another folder
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  try {
    await fill(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
