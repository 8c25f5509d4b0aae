import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@greencity/platform/errors';
import { checkReleaseName, operationId, RELEASE_STATES, type Release } from './release.ts';

/** What `release.json` beside the operations of a version may say. */
interface ReleaseFile {
  readonly state?: unknown;
  /** The day it came into its state. */
  readonly since?: unknown;
  /** The day it is to be retired. */
  readonly sunset?: unknown;
}

const NAME = /\b(?:query|mutation|subscription)\s+([_A-Za-z][_0-9A-Za-z]*)/;

/** The operation's name in a text that need not be valid. */
export function nameIn(text: string): string {
  return NAME.exec(text.replace(/^\s*#.*$/gm, ''))?.[1] ?? '';
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Operations in the `.graphql` files of a folder, by file name. */
export async function operationsIn(folder: string): Promise<Release['operations']> {
  const files = (await entriesOf(folder)).map(({ name }) => name).filter((name) => name.endsWith('.graphql'));
  return await Promise.all(
    files.map(async (file) => {
      const text = (await readFile(join(folder, file), 'utf8')).trim();
      return { id: operationId(text), name: nameIn(text), text };
    }),
  );
}

/**
 * Releases that are kept beside the schema: `<app>/<version>/*.graphql`, and `release.json` with `state`, `since` and `sunset` where a release is no longer active.
 * @throws AppError BAD_SETTING for a folder that is no release
 */
export async function committedReleases(folder: string): Promise<readonly Release[]> {
  const releases: Release[] = [];
  for (const app of await foldersIn(folder)) {
    for (const version of await foldersIn(join(folder, app))) {
      const place = join(folder, app, version);
      checkReleaseName(app, version);
      const operations = await operationsIn(place);
      releases.push({ app, version, operations, createdMs: 0, ...(await stateIn(place)) });
    }
  }
  return releases;
}

async function stateIn(place: string): Promise<Pick<Release, 'state' | 'changedMs' | 'sunsetMs'>> {
  const path = join(place, 'release.json');
  let file: ReleaseFile;
  try {
    file = JSON.parse(await readFile(path, 'utf8')) as ReleaseFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'active', changedMs: 0 };
    throw new AppError('BAD_SETTING', `${path} cannot be read`, { cause: error });
  }
  const state = RELEASE_STATES.find((known) => known === (file.state ?? 'active'));
  const changedMs = file.since === undefined ? 0 : Date.parse(String(file.since));
  const sunsetMs = file.sunset === undefined ? undefined : Date.parse(String(file.sunset));
  if (state === undefined || Number.isNaN(changedMs) || Number.isNaN(sunsetMs))
    throw new AppError(
      'BAD_SETTING',
      `${path}: state is one of ${RELEASE_STATES.join(', ')}; since and sunset are days`,
    );
  return { state, changedMs, ...(sunsetMs === undefined ? {} : { sunsetMs }) };
}
