import {
  clearColumns,
  emptyColumns,
  firstTime,
  growSeries,
  type HotColumns,
  type HotPoint,
  move,
  NONE,
  newRun,
  put,
  RUN_POINTS,
  RUN_SHIFT,
} from './hot-columns.ts';
import { makeRoom, type PointBuffer, type PointSource, type TimeRange } from './points.ts';

/** The last run of a series is half full on average; with the points per series of a city this is enough. */
const RUNS_HALF_FULL = 1.25;

/**
 * Points in memory, not sealed yet: per series a chain of short sorted runs in columns that all series share. A point that is newer than
 * its series costs one store at the chain's end; a late one is looked for from the run that took the last late one.
 */
export interface HotPoints extends PointSource {
  readonly points: () => number;
  /** Oldest and newest time held; +Infinity and -Infinity when there is none. */
  readonly fromMs: () => number;
  readonly throughMs: () => number;
  /** Adds a point that is newer than all of its series here. */
  append(series: number, point: HotPoint): void;
  /** Adds a point anywhere. False when this time is taken; nothing is changed then. */
  insert(series: number, point: HotPoint): boolean;
  remove(series: number, timeMs: number): void;
  /** True when the series has a point in the range. */
  has(series: number, range: TimeRange): boolean;
  /** The UTC days that have points, oldest first; a write that was taken back may leave one without. */
  days(): readonly number[];
  /** Time of the newest point of a series; NaN where there is none. */
  newestMs(series: number): number;
  /** Takes all points out, and keeps the memory for the next ones. */
  clear(): void;
}

/** The run a time belongs to: the last one that begins at or before it, else the first; NONE for a series without points. */
function runOf(columns: HotColumns, series: number, timeMs: number): number {
  const tail = columns.tail[series] ?? NONE;
  if (tail === NONE || (columns.length[tail] !== 0 && firstTime(columns, tail) <= timeMs)) return tail;
  const hint = columns.hint[series] as number;
  let run = hint === NONE ? tail : hint;
  for (let next = run; next !== NONE; next = columns.after[next] as number) {
    if (columns.length[next] !== 0 && firstTime(columns, next) > timeMs) break;
    run = next;
  }
  while (columns.length[run] === 0 || firstTime(columns, run) > timeMs) {
    const before = columns.before[run] as number;
    if (before === NONE) return run;
    run = before;
  }
  return run;
}

/** Place within a run of the first point at or after a time. */
function placeIn(columns: HotColumns, run: number, timeMs: number): number {
  const base = run << RUN_SHIFT;
  let low = 0;
  let high = columns.length[run] as number;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((columns.timeMs[base + middle] as number) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function append(columns: HotColumns, series: number, point: HotPoint): void {
  if (series >= columns.tail.length) growSeries(columns, series);
  let run = columns.tail[series] as number;
  if (run === NONE || columns.length[run] === RUN_POINTS) run = newRun(columns, series, run);
  const length = columns.length[run] as number;
  columns.length[run] = length + 1;
  put(columns, (run << RUN_SHIFT) + length, point);
}

function splitRun(columns: HotColumns, series: number, run: number): void {
  const half = RUN_POINTS / 2;
  const next = newRun(columns, series, run);
  move(columns, next << RUN_SHIFT, (run << RUN_SHIFT) + half, half);
  columns.length[run] = half;
  columns.length[next] = half;
}

function insert(columns: HotColumns, series: number, point: HotPoint): boolean {
  if (series >= columns.tail.length) growSeries(columns, series);
  let run = runOf(columns, series, point.timeMs);
  if (run === NONE) run = newRun(columns, series, NONE);
  let place = placeIn(columns, run, point.timeMs);
  if (place < (columns.length[run] as number) && columns.timeMs[(run << RUN_SHIFT) + place] === point.timeMs) {
    return false;
  }
  if (columns.length[run] === RUN_POINTS) {
    if (place === RUN_POINTS) run = newRun(columns, series, run);
    else {
      splitRun(columns, series, run);
      if (place > RUN_POINTS / 2) run = columns.after[run] as number;
    }
    place = placeIn(columns, run, point.timeMs);
  }
  const length = columns.length[run] as number;
  const at = (run << RUN_SHIFT) + place;
  move(columns, at + 1, at, length - place);
  columns.length[run] = length + 1;
  put(columns, at, point);
  columns.hint[series] = run;
  return true;
}

/** Where the point of this very time lies, or NONE. */
function find(columns: HotColumns, series: number, timeMs: number): number {
  if (series >= columns.tail.length) return NONE;
  const run = runOf(columns, series, timeMs);
  if (run === NONE) return NONE;
  const place = placeIn(columns, run, timeMs);
  const at = (run << RUN_SHIFT) + place;
  return place < (columns.length[run] as number) && columns.timeMs[at] === timeMs ? at : NONE;
}

function remove(columns: HotColumns, series: number, timeMs: number): void {
  const at = find(columns, series, timeMs);
  if (at === NONE) return;
  const run = at >> RUN_SHIFT;
  const length = columns.length[run] as number;
  move(columns, at, at + 1, (run << RUN_SHIFT) + length - at - 1);
  columns.length[run] = length - 1;
  columns.points--;
}

/** Copies point by point: a run is too short for views to pay. */
function copyOut(columns: HotColumns, at: number, count: number, into: PointBuffer): void {
  makeRoom(into, count);
  const { timeMs, value, flags, corrected } = into;
  const first = into.length;
  for (let i = 0; i < count; i++) {
    timeMs[first + i] = columns.timeMs[at + i] as number;
    value[first + i] = columns.value[at + i] as number;
  }
  if (into.wantsFlags) for (let i = 0; i < count; i++) flags[first + i] = columns.flags[at + i] as number;
  if (into.wantsCorrected) {
    const has = columns.corrected.length > 0;
    for (let i = 0; i < count; i++) corrected[first + i] = has ? (columns.corrected[at + i] as number) : Number.NaN;
  }
  into.length = first + count;
}

function read(columns: HotColumns, series: number, range: TimeRange, into: PointBuffer): void {
  let run = runOf(columns, series, range.fromMs);
  while (run !== NONE) {
    const place = placeIn(columns, run, range.fromMs);
    const end = placeIn(columns, run, range.toMs);
    const count = end - place;
    if (count > 0) copyOut(columns, (run << RUN_SHIFT) + place, count, into);
    if (end < (columns.length[run] as number)) return;
    run = columns.after[run] as number;
  }
}

function has(columns: HotColumns, series: number, range: TimeRange): boolean {
  if (series >= columns.tail.length) return false;
  let run = runOf(columns, series, range.fromMs);
  while (run !== NONE) {
    const place = placeIn(columns, run, range.fromMs);
    if (place < (columns.length[run] as number)) {
      return (columns.timeMs[(run << RUN_SHIFT) + place] as number) < range.toMs;
    }
    run = columns.after[run] as number;
  }
  return false;
}

function newest(columns: HotColumns, series: number): number {
  let run = columns.tail[series] ?? NONE;
  while (run !== NONE && columns.length[run] === 0) run = columns.before[run] as number;
  return run === NONE
    ? Number.NaN
    : (columns.timeMs[(run << RUN_SHIFT) + (columns.length[run] as number) - 1] as number);
}

/** An empty place for hot points, with room for as many as are expected; it grows when more come. */
export function hotPoints(pointsExpected: number): HotPoints {
  const columns = emptyColumns(Math.ceil((pointsExpected * RUNS_HALF_FULL) / RUN_POINTS));
  return {
    points: () => columns.points,
    fromMs: () => columns.fromMs,
    throughMs: () => columns.throughMs,
    append: (series, point) => append(columns, series, point),
    insert: (series, point) => insert(columns, series, point),
    remove: (series, timeMs) => remove(columns, series, timeMs),
    read: (series, range, into) => {
      if (series < columns.tail.length) read(columns, series, range, into);
    },
    valueAt: (series, timeMs) => {
      const at = find(columns, series, timeMs);
      return at === NONE ? Number.NaN : (columns.value[at] as number);
    },
    has: (series, range) => has(columns, series, range),
    days: () => [...columns.days].sort((a, b) => a - b),
    newestMs: (series) => newest(columns, series),
    clear: () => clearColumns(columns),
  };
}
