import { adopt, completeBefore, makeDay, newName, removeQuietly, type Steps, withMade } from './day-work.ts';
import { DAY_MS, type Engine, logName } from './engine.ts';
import { type HotPoints, hotPoints } from './hot-points.ts';
import type { ManifestDay } from './manifest.ts';
import { pointBuffer } from './points.ts';
import { writeSeriesTable } from './series-table.ts';
import { openWriteAheadLog } from './write-ahead-log.ts';

/**
 * Sealing: hot points become day files. Each step leaves a folder that opens to the same points: files are made under new names, the
 * manifest is replaced in one step, and only then does what it no longer names go.
 */

/** Moves the hot points aside, to be sealed, with a fresh log for what comes next. */
function freeze(engine: Engine): HotPoints {
  if (engine.frozen) return engine.frozen;
  const { files, folder } = engine.options;
  const number = engine.logNumber + 1;
  const log = openWriteAheadLog(files, `${folder}/${logName(number)}`);
  try {
    files.syncFolder(folder);
  } catch (cause) {
    log.close();
    throw cause;
  }
  engine.log.close();
  const frozen = engine.hot;
  Object.assign(engine, {
    log,
    logNumber: number,
    frozen,
    hot: engine.spareHot ?? hotPoints(engine.options.hotPointsMax),
    spareHot: undefined,
  });
  return frozen;
}

/** The sealed points leave memory; their columns are filled again after the next seal, unless a query still reads them. */
function thaw(engine: Engine, frozen: HotPoints): void {
  engine.frozen = undefined;
  if (engine.sealed.isHeld()) return;
  frozen.clear();
  engine.spareHot = frozen;
}

/** The newest point of each series that is about to be sealed joins the table. */
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

function* sealDays(
  engine: Engine,
  frozen: HotPoints,
  nowMs: number,
  made: string[],
): Generator<void, readonly ManifestDay[], void> {
  let { days } = engine.manifest;
  for (const dayMs of frozen.days()) {
    if (dayMs + DAY_MS <= engine.manifest.rawFloorMs) continue;
    const whole = dayMs < completeBefore(nowMs) && !days.some((day) => day.dayMs === dayMs);
    const files = yield* makeDay(engine, { dayMs, sources: [frozen], points: true, rollup: whole });
    const names = [files.points, files.rollup].flatMap((file) => file?.name ?? []);
    // A day whose only write was taken back has no points.
    if (files.points?.points === 0) removeQuietly(engine, names);
    else {
      made.push(...names);
      days = withMade(days, dayMs, files, false);
    }
  }
  return days;
}

/** Seals what is hot. @throws what the disk throws; the points stay in memory and in the log then */
export function* seal(engine: Engine, nowMs: number): Steps {
  const { files, folder } = engine.options;
  if (engine.hot.points() === 0 && !engine.frozen) return;
  const frozen = freeze(engine);
  const firstLog = engine.logNumber;
  const before = engine.manifest;
  const made: string[] = [];
  let adopting = false;
  try {
    const days = yield* sealDays(engine, frozen, nowMs, made);
    keepNewest(engine, frozen);
    const seriesFile = newName(engine, 'series');
    made.push(seriesFile);
    writeSeriesTable(files, `${folder}/${seriesFile}`, engine.table);
    adopting = true;
    adopt(engine, { firstLog, seriesFile, days });
    thaw(engine, frozen);
  } finally {
    // Once the manifest may be on disk its files stay; the next start knows whether they are orphans.
    if (!adopting) removeQuietly(engine, made);
  }
  removeQuietly(engine, before.seriesFile ? [before.seriesFile] : []);
  const logs = Array.from({ length: firstLog - before.firstLog }, (_, i) => logName(before.firstLog + i));
  removeQuietly(engine, logs);
}
