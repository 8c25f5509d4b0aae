import { AppError } from '../../errors.ts';
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
  const points = day.files.length > 1;
  const made = yield* makeDay(engine, { dayMs, sources: day.points, points, rollup: complete });
  adopt(engine, { days: withMade(engine.manifest.days, dayMs, made, true) });
}
