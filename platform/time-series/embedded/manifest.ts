import { crc32 } from 'node:zlib';
import { AppError } from '../../errors.ts';
import { type Files, readWhole, replaceFile } from './files.ts';

/** What belongs to the store at this moment. Replacing it is the one step that seals, compacts or expires; a file it does not name is an orphan. */
export interface Manifest {
  readonly version: 1;
  /** Number of the next file to be made. */
  readonly nextFile: number;
  /** The first log file whose points are not sealed. */
  readonly firstLog: number;
  /** Raw points, and roll-ups, before these times have expired. */
  readonly rawFloorMs: number;
  readonly rollupFloorMs: number;
  /** File with the names of the series and the newest sealed point of each; none before the first seal. */
  readonly seriesFile: string | undefined;
  /** Oldest first. */
  readonly days: readonly ManifestDay[];
}

export interface ManifestDay {
  readonly dayMs: number;
  /** The first one holds the day as it was when it was rolled up; later ones hold what came after. */
  readonly files: readonly ManifestFile[];
  /** Covers the first file, and stays when that expires. */
  readonly rollup: ManifestFile | undefined;
}

export interface ManifestFile {
  readonly name: string;
  readonly points: number;
  readonly bytes: number;
}

const NAME = 'manifest.json';
const NEVER_MS = -8_640_000_000_000_000;

/** The manifest of a folder; that of an empty store where there is none. @throws AppError STORE_CORRUPT */
export function readManifest(files: Files, folder: string): Manifest {
  if (!files.list(folder).includes(NAME)) {
    return {
      ...{ version: 1, nextFile: 1, firstLog: 1, rawFloorMs: NEVER_MS, rollupFloorMs: NEVER_MS },
      ...{ seriesFile: undefined, days: [] },
    };
  }
  const path = `${folder}/${NAME}`;
  const text = Buffer.from(readWhole(files, path)).toString('utf8');
  const lineEnd = text.indexOf('\n');
  const body = text.slice(lineEnd + 1);
  if (lineEnd < 0 || crc32(body) !== Number(text.slice(0, lineEnd))) throw new AppError('STORE_CORRUPT', path);
  return JSON.parse(body) as Manifest;
}

/** Makes a manifest the valid one, in one step. */
export function writeManifest(files: Files, folder: string, manifest: Manifest): void {
  const body = JSON.stringify(manifest);
  replaceFile(files, folder, NAME, Buffer.from(`${crc32(body)}\n${body}`));
}

/** Names of all files that a manifest refers to, and its own. */
export function namesIn(manifest: Manifest): Set<string> {
  const names = new Set([NAME]);
  if (manifest.seriesFile) names.add(manifest.seriesFile);
  for (const day of manifest.days) {
    for (const file of day.files) names.add(file.name);
    if (day.rollup) names.add(day.rollup.name);
  }
  return names;
}
