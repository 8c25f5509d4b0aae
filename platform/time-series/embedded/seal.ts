import { AppError } from '../../errors.ts';
import { type DayFileWriter, writeDayFile } from './day-file-writer.ts';
import { DAY_MS, dayOf, type Engine, HOUR_MS, logName } from './engine.ts';
import { type HotPoints, hotPoints } from './hot-points.ts';
import { type Manifest, type ManifestDay, type ManifestFile, writeManifest } from './manifest.ts';
import { type PointSource, pointBuffer, sortByTime } from './points.ts';
import { inFileOrder, writeSeriesTable } from './series-table.ts';
import { openWriteAheadLog } from './write-ahead-log.ts';

/**
 * Sealing: hot points become day files. Each step leaves a folder that opens to the same points: files are made under new names, the
 * manifest is replaced in one step, and only then does what it no longer names go.
 */

/** A day is complete when it ended so long ago; what comes later is late and is merged in later. */
const GRACE_MS = HOUR_MS;
/** Small files of the current day, and late additions to a complete one, that are read side by side before they are merged. */
const FILES_PER_OPEN_DAY_MAX = 16;
const FILES_PER_COMPLETE_DAY_MAX = 4;

/** Work in small steps: each `next` runs one, so that writes and queries get their turn. */
export type Steps = Generator<void, void, void>;

/** Days that begin before this are complete. */
export function completeBefore(nowMs: number): number {
  return dayOf(nowMs - GRACE_MS);
}

/** Moves the hot points aside, to be sealed, with a fresh log for what comes next. */
function freeze(engine: Engine): HotPoints {
  if (engine.frozen) return engine.frozen;
  const { files, folder } = engine.options;
  const number = engine.logNumber + 1;
  const log = openWriteAheadLog(files, `${folder}/${logName(number)}`, 'create');
  files.syncFolder(folder);
  engine.log.close();
  const frozen = engine.hot;
  Object.assign(engine, { log, logNumber: number, frozen, hot: hotPoints() });
  return frozen;
}

interface DayWork {
  readonly dayMs: number;
  readonly sources: readonly PointSource[];
  readonly name: string;
}

/** Writes all points that the sources have of a day to a new file; nothing refers to it yet. */
export function* writeDay(engine: Engine, work: DayWork): Generator<void, ManifestFile, void> {
  const { files, folder } = engine.options;
  const path = `${folder}/${work.name}`;
  const writer: DayFileWriter = writeDayFile(files, path, work.dayMs);
  let finished: ManifestFile | undefined;
  try {
    const buffer = pointBuffer({ flags: true, corrected: true });
    const range = { fromMs: work.dayMs, toMs: work.dayMs + DAY_MS };
    for (const series of inFileOrder(engine.table)) {
      buffer.length = 0;
      for (const source of work.sources) source.read(series, range, buffer);
      sortByTime(buffer);
      writer.add(series, engine.table.metric[series] as number, buffer);
      yield;
    }
    finished = { name: work.name, ...writer.finish() };
    return finished;
  } finally {
    if (!finished) {
      writer.abandon();
      files.remove(path);
    }
  }
}

/** The newest point of each series that is about to be sealed joins the table, which is then written beside it. */
function keepNewest(engine: Engine, frozen: HotPoints): void {
  const { table } = engine;
  const one = pointBuffer({ flags: true, corrected: true });
  for (let series = 0; series < table.count; series++) {
    const newestMs = frozen.newestMs(series);
    if (!(newestMs > (table.sealedMs[series] as number))) continue;
    one.length = 0;
    frozen.read(series, { fromMs: newestMs, toMs: newestMs + 1 }, one);
    table.sealedMs[series] = newestMs;
    table.sealedValue[series] = one.value[0] as number;
    table.sealedCorrected[series] = one.corrected[0] as number;
    table.sealedFlags[series] = one.flags[0] as number;
  }
}

/** Days of a manifest with a file added to one of them. */
export function withFile(days: readonly ManifestDay[], dayMs: number, file: ManifestFile): readonly ManifestDay[] {
  const known = days.find((day) => day.dayMs === dayMs);
  if (known) return days.map((day) => (day === known ? { ...day, files: [...day.files, file] } : day));
  const added: ManifestDay = { dayMs, files: [file], rollup: undefined };
  return [...days, added].sort((a, b) => a.dayMs - b.dayMs);
}

/** Makes a manifest valid, on disk and in memory. */
export function adopt(engine: Engine, manifest: Manifest): void {
  writeManifest(engine.options.files, engine.options.folder, manifest);
  engine.manifest = manifest;
  engine.sealed.follow(manifest);
}

/** A name that no file has had. */
function newName(engine: Engine, kind: string): string {
  return `${kind}-${engine.nextFile++}`;
}

/** Name of a new file with points of a day. */
function dayName(engine: Engine, dayMs: number): string {
  return newName(engine, `day-${new Date(dayMs).toISOString().slice(0, 10)}`);
}

/** Seals what is hot. @throws what the disk throws; the points stay in memory and in the log then */
export function* seal(engine: Engine): Steps {
  const { files, folder } = engine.options;
  if (engine.hot.points() === 0 && !engine.frozen) return;
  const frozen = freeze(engine);
  const firstLog = engine.logNumber;
  const made: string[] = [];
  let adopting = false;
  try {
    let { days } = engine.manifest;
    for (const dayMs of frozen.days()) {
      if (dayMs + DAY_MS <= engine.manifest.rawFloorMs) continue;
      const file = yield* writeDay(engine, { dayMs, sources: [frozen], name: dayName(engine, dayMs) });
      made.push(file.name);
      days = withFile(days, dayMs, file);
    }
    keepNewest(engine, frozen);
    const seriesFile = newName(engine, 'series');
    writeSeriesTable(files, `${folder}/${seriesFile}`, engine.table);
    made.push(seriesFile);
    files.syncFolder(folder);
    const before = engine.manifest;
    adopting = true;
    adopt(engine, { ...before, nextFile: engine.nextFile, firstLog, seriesFile, days });
    engine.frozen = undefined;
    removeQuietly(engine, before.seriesFile ? [before.seriesFile] : []);
    removeLogs(engine, before.firstLog);
  } finally {
    // Once the manifest may be on disk its files stay; the next start knows whether they are orphans.
    if (engine.frozen && !adopting) removeQuietly(engine, made);
  }
}

function removeLogs(engine: Engine, from: number): void {
  const names: string[] = [];
  for (let number = from; number < engine.manifest.firstLog; number++) names.push(logName(number));
  removeQuietly(engine, names);
}

/** What cannot be removed now is an orphan that the next start removes. */
export function removeQuietly(engine: Engine, names: readonly string[]): void {
  const present = new Set(engine.options.files.list(engine.options.folder));
  for (const name of names) {
    if (!present.has(name)) continue;
    try {
      engine.options.files.remove(`${engine.options.folder}/${name}`);
    } catch (cause) {
      engine.options.tell(
        'warn',
        { file: name, cause: String(cause) },
        'could not remove a file of the time-series store',
      );
    }
  }
}

/** Merges the files of days that have too many, or that are complete and were not merged yet. */
export function* mergeDays(engine: Engine, nowMs: number, all: boolean): Steps {
  for (const day of engine.manifest.days) {
    const complete = day.dayMs < completeBefore(nowMs);
    const filesMax = complete ? FILES_PER_COMPLETE_DAY_MAX : FILES_PER_OPEN_DAY_MAX;
    const due = complete && (all || !day.rollup) ? day.files.length > 1 : day.files.length >= filesMax;
    if (!due || engine.damagedDays.has(day.dayMs)) continue;
    try {
      yield* mergeDay(engine, day.dayMs);
    } catch (cause) {
      if (!(cause instanceof AppError && cause.code === 'STORE_CORRUPT')) throw cause;
      engine.damagedDays.add(day.dayMs);
      engine.options.tell(
        'error',
        { file: cause.subject },
        'a day of the time-series store has a file that does not check, and stays as it is',
      );
    }
  }
}

function* mergeDay(engine: Engine, dayMs: number): Steps {
  const day = engine.sealed.day(dayMs);
  if (!day) return;
  const file = yield* writeDay(engine, { dayMs, sources: day.points, name: dayName(engine, dayMs) });
  engine.options.files.syncFolder(engine.options.folder);
  const days = engine.manifest.days.map((each) => (each.dayMs === dayMs ? { ...each, files: [file] } : each));
  adopt(engine, { ...engine.manifest, nextFile: engine.nextFile, days });
}
