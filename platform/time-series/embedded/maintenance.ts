import { adopt, completeBefore, type Steps } from './day-work.ts';
import { DAY_MS, dayOf, type Engine } from './engine.ts';
import type { ManifestDay } from './manifest.ts';
import { mergeDays } from './merge.ts';
import { seal } from './seal.ts';

/** Seals when memory is full or a day has become complete, then merges the files of days that need it. @throws what the disk throws */
export function* maintain(engine: Engine, nowMs: number): Steps {
  const before = completeBefore(nowMs);
  const dayEnded = before > engine.agedThroughMs;
  const full = engine.hot.points() >= engine.options.hotPointsMax;
  if (engine.frozen || full || (dayEnded && engine.hot.fromMs() < before)) yield* seal(engine, nowMs);
  yield* mergeDays(engine, nowMs, dayEnded);
  engine.agedThroughMs = Math.max(engine.agedThroughMs, before);
}

/** True when `maintain` would seal for want of memory. */
export function isFull(engine: Engine): boolean {
  return engine.hot.points() >= engine.options.hotPointsMax;
}

/**
 * Drops days that ended longer ago than the retention: raw files are unlinked, their roll-ups stay until their own time comes.
 * What is about to expire is rolled up first if it never was. Gives the time before which raw points are gone.
 */
export function* expire(engine: Engine, nowMs: number): Generator<void, number, void> {
  const { retention } = engine.options;
  const rawFloorMs = Math.max(engine.manifest.rawFloorMs, dayOf(nowMs - retention.rawMs));
  const rollupFloorMs = Math.max(engine.manifest.rollupFloorMs, dayOf(nowMs - retention.rollupMs));
  if (engine.frozen || engine.hot.fromMs() < rawFloorMs) yield* seal(engine, nowMs);
  yield* mergeDays(engine, Math.max(nowMs, rawFloorMs + DAY_MS), true);
  const days: ManifestDay[] = [];
  for (const day of engine.manifest.days) {
    const rollup = day.dayMs < rollupFloorMs ? undefined : day.rollup;
    const files = day.dayMs < rawFloorMs ? [] : day.files;
    if (rollup || files.length > 0) days.push({ ...day, files, rollup });
  }
  adopt(engine, { rawFloorMs, rollupFloorMs, days });
  return rawFloorMs;
}
