import { type DayFileWriter, writeDayFile } from './day-file-writer.ts';
import { DAY_MS, dayOf, type Engine, HOUR_MS } from './engine.ts';
import { type Manifest, type ManifestDay, type ManifestFile, writeManifest } from './manifest.ts';
import { type PointSource, pointBuffer, sortByTime } from './points.ts';
import { type RollupFileWriter, writeRollupFile } from './rollup-file-writer.ts';
import { inFileOrder } from './series-table.ts';

/** Work in small steps: each `next` runs one, so that writes and queries get their turn. */
export type Steps = Generator<void, void, void>;

/** A day is complete when it ended so long ago; what comes later is late and is merged in later. */
const GRACE_MS = HOUR_MS;

/** Days that begin before this are complete. */
export function completeBefore(nowMs: number): number {
  return dayOf(nowMs - GRACE_MS);
}

export interface DayWork {
  readonly dayMs: number;
  /** They hold different points. */
  readonly sources: readonly PointSource[];
  /** What to make of them. */
  readonly points: boolean;
  readonly rollup: boolean;
}

/** New files of a day; nothing refers to them yet. */
export interface DayMade {
  readonly points: ManifestFile | undefined;
  readonly rollup: ManifestFile | undefined;
}

/** A name that no file has had. */
export function newName(engine: Engine, kind: string): string {
  return `${kind}-${engine.nextFile++}`;
}

/** Writes what the sources have of a day to new files. When it does not come to its end, nothing of them stays. */
export function* makeDay(engine: Engine, { dayMs, sources, points, rollup }: DayWork): Generator<void, DayMade, void> {
  const { files, folder } = engine.options;
  const date = new Date(dayMs).toISOString().slice(0, 10);
  const names = [newName(engine, `day-${date}`), newName(engine, `rollup-${date}`)] as const;
  const made: string[] = [];
  const start = <T>(wanted: boolean, name: string, write: (path: string) => T): T | undefined => {
    if (!wanted) return undefined;
    made.push(name);
    return write(`${folder}/${name}`);
  };
  const writers: (DayFileWriter | RollupFileWriter)[] = [];
  let ended = false;
  try {
    const dayWriter = start(points, names[0], (path) => writeDayFile(files, path, dayMs));
    if (dayWriter) writers.push(dayWriter);
    const rollupWriter = start(rollup, names[1], (path) => writeRollupFile(files, path, dayMs));
    if (rollupWriter) writers.push(rollupWriter);
    yield* addAll(engine, dayMs, sources, writers);
    const result: DayMade = {
      points: dayWriter && { name: names[0], ...dayWriter.finish() },
      rollup: rollupWriter && { name: names[1], ...rollupWriter.finish() },
    };
    ended = true;
    return result;
  } finally {
    if (!ended) {
      for (const writer of writers) writer.abandon();
      removeQuietly(engine, made);
    }
  }
}

function* addAll(
  engine: Engine,
  dayMs: number,
  sources: readonly PointSource[],
  writers: readonly (DayFileWriter | RollupFileWriter)[],
): Steps {
  const { table } = engine;
  const buffer = pointBuffer({ flags: true, corrected: true });
  const range = { fromMs: dayMs, toMs: dayMs + DAY_MS };
  for (const series of inFileOrder(table)) {
    buffer.length = 0;
    for (const source of sources) source.read(series, range, buffer);
    if (buffer.length === 0) continue;
    sortByTime(buffer);
    for (const writer of writers) writer.add(series, table.metric[series] as number, buffer);
    yield;
  }
}

/** Days of a manifest with new files of one of them. `replace` puts them in the place of those that are there. */
export function withMade(
  days: readonly ManifestDay[],
  dayMs: number,
  made: DayMade,
  replace: boolean,
): readonly ManifestDay[] {
  const known = days.find((day) => day.dayMs === dayMs);
  const before = replace && made.points ? [] : (known?.files ?? []);
  const files = made.points ? [...before, made.points] : before;
  const day: ManifestDay = { dayMs, files, rollup: made.rollup ?? known?.rollup };
  if (known) return days.map((each) => (each === known ? day : each));
  return [...days, day].sort((a, b) => a.dayMs - b.dayMs);
}

/** Makes a manifest valid, on disk and in memory. */
export function adopt(engine: Engine, change: Partial<Manifest>): void {
  const manifest: Manifest = { ...engine.manifest, ...change, nextFile: engine.nextFile };
  engine.options.files.syncFolder(engine.options.folder);
  writeManifest(engine.options.files, engine.options.folder, manifest);
  engine.manifest = manifest;
  engine.sealed.follow(manifest);
}

/** What cannot be removed now is an orphan that the next start removes. */
export function removeQuietly(engine: Engine, names: readonly string[]): void {
  const { files, folder, tell } = engine.options;
  const present = new Set(files.list(folder));
  for (const name of names) {
    if (!present.has(name)) continue;
    try {
      files.remove(`${folder}/${name}`);
    } catch (cause) {
      tell('warn', { file: name, cause: String(cause) }, 'could not remove a file of the time-series store');
    }
  }
}
