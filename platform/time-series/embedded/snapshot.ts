import { AppError } from '../../errors.ts';
import { DAY_MS, type Engine } from './engine.ts';
import type { HotPoints } from './hot-points.ts';
import { type PointBuffer, sortByTime, type TimeRange } from './points.ts';
import type { SealedDay } from './sealed-days.ts';

/** What a query sees: the days and the hot points as they were when it began. Points that are written while it runs may show, each once. */
export interface Snapshot extends Disposable {
  readonly engine: Engine;
  readonly days: readonly SealedDay[];
  readonly hot: readonly HotPoints[];
}

/** Takes a snapshot; its files stay until it is disposed. */
export function takeSnapshot(engine: Engine): Snapshot {
  const held = engine.sealed.hold();
  return {
    engine,
    days: engine.sealed.all(),
    hot: engine.frozen ? [engine.frozen, engine.hot] : [engine.hot],
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}

/** The days of a snapshot that a range touches, oldest first. */
export function daysIn(snapshot: Snapshot, range: TimeRange): readonly SealedDay[] {
  return snapshot.days.filter((day) => day.dayMs < range.toMs && day.dayMs + DAY_MS > range.fromMs);
}

/** Appends the sealed points of a series in a range; gives up with SERIES_TOO_LONG after the day in which there are more than `pointsMax`. */
export function* readSealed(
  snapshot: Snapshot,
  series: number,
  range: TimeRange & { readonly pointsMax: number },
  into: PointBuffer,
): Generator<void, void, void> {
  for (const day of daysIn(snapshot, range)) {
    for (const file of day.points) file.read(series, range, into);
    if (into.length > range.pointsMax) throw tooLong(into.length, range.pointsMax);
    yield;
  }
}

/** All points of a series in a range, in time order. */
export function* readPoints(
  snapshot: Snapshot,
  series: number,
  range: TimeRange & { readonly pointsMax: number },
  into: PointBuffer,
): Generator<void, void, void> {
  yield* readSealed(snapshot, series, range, into);
  for (const hot of snapshot.hot) hot.read(series, range, into);
  if (into.length > range.pointsMax) throw tooLong(into.length, range.pointsMax);
  sortByTime(into);
}

/** More than a call may give. */
export function tooLong(found: number, most: number): AppError {
  return new AppError('SERIES_TOO_LONG', `${found} or more where ${most} are the most`);
}
