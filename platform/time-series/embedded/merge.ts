import { AppError } from '../../errors.ts';
import { openCache } from './cache.ts';
import { dayFile } from './day-file.ts';
import { adopt, completeBefore, makeDay, type Steps, withMade } from './day-work.ts';
import type { Engine } from './engine.ts';
import type { ManifestDay } from './manifest.ts';

/** Small files of the current day, and late additions to a complete one, that are read side by side before they are merged. */
const FILES_PER_OPEN_DAY_MAX = 16;
const FILES_PER_COMPLETE_DAY_MAX = 4;

function isDue(engine: Engine, day: ManifestDay, complete: boolean, all: boolean): boolean {
  if (day.files.length === 0 || engine.damagedDays.has(day.dayMs)) return false;
  if (!complete) return day.files.length >= FILES_PER_OPEN_DAY_MAX;
  return !day.rollup || day.files.length >= (all ? 2 : FILES_PER_COMPLETE_DAY_MAX);
}

/** Merges the files of days that have too many, and rolls complete days up; with `all`, every complete day that got late points. */
export function* mergeDays(engine: Engine, nowMs: number, all: boolean): Steps {
  for (const { dayMs } of engine.manifest.days) {
    const day = engine.sealed.day(dayMs);
    const complete = dayMs < completeBefore(nowMs);
    if (!day || !isDue(engine, day, complete, all)) continue;
    try {
      yield* mergeDay(engine, dayMs, complete);
    } catch (cause) {
      if (!(cause instanceof AppError && cause.code === 'STORE_CORRUPT')) throw cause;
      engine.damagedDays.add(dayMs);
      engine.options.tell(
        'error',
        { file: cause.subject },
        'a file of the time-series store does not check; its day stays as it is',
      );
    }
  }
}

function* mergeDay(engine: Engine, dayMs: number, complete: boolean): Steps {
  const day = engine.sealed.day(dayMs);
  if (!day) return;
  using _held = engine.sealed.hold();
  // Files are read once from end to end here, which is no reason to push out of the cache what questions come back to.
  const context = { files: engine.options.files, cache: openCache(0), metricOf: engine.sealed.metricOf };
  const sources = day.points.map(({ path }) => dayFile(context, path, dayMs));
  try {
    const made = yield* makeDay(engine, { dayMs, sources, points: sources.length > 1, rollup: complete });
    adopt(engine, { days: withMade(engine.manifest.days, dayMs, made, true) });
  } finally {
    for (const source of sources) source.close();
  }
}
