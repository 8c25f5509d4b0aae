/** The columns that hot points lie in: runs of points, and the chain of runs of each series. */

/** One point, handed over field by field so that none has to be made for each row of a batch. */
export interface HotPoint {
  timeMs: number;
  value: number;
  corrected: number;
  flags: number;
}

const DAY_MS = 86_400_000;
/** Points in a run. Many series with few points each waste half a run each. */
export const RUN_POINTS = 32;
/** Two to this is RUN_POINTS. */
export const RUN_SHIFT = 5;
/** No run, no place. */
export const NONE = -1;

/** Columns by point, by run and by series. */
export interface HotColumns {
  points: number;
  runs: number;
  fromMs: number;
  /** UTC days that have, or had, a point; and the one that the point stored last lies in. */
  readonly days: Set<number>;
  dayMs: number;
  throughMs: number;
  timeMs: Float64Array;
  value: Float64Array;
  /** Empty until the first corrected value comes. */
  corrected: Float64Array;
  flags: Uint8Array;
  /** By run. */
  length: Uint8Array;
  before: Int32Array;
  after: Int32Array;
  /** By series. */
  head: Int32Array;
  tail: Int32Array;
  hint: Int32Array;
}

/** Columns without a point, with room for so many runs: room that is not used takes no memory, for the system gives pages when they are written. */
export function emptyColumns(runs: number): HotColumns {
  const points = runs * RUN_POINTS;
  return {
    points: 0,
    runs: 0,
    fromMs: Number.POSITIVE_INFINITY,
    days: new Set(),
    dayMs: Number.NaN,
    throughMs: Number.NEGATIVE_INFINITY,
    timeMs: new Float64Array(points),
    value: new Float64Array(points),
    corrected: new Float64Array(0),
    flags: new Uint8Array(points),
    length: new Uint8Array(runs),
    before: new Int32Array(runs),
    after: new Int32Array(runs),
    head: new Int32Array(0),
    tail: new Int32Array(0),
    hint: new Int32Array(0),
  };
}

type Column = Float64Array | Uint8Array | Int32Array;

function grown<T extends Column>(column: T, into: T): T {
  into.set(column);
  return into;
}

function growRuns(columns: HotColumns): void {
  const runs = Math.max(64, Math.ceil(columns.length.length * 1.5));
  const points = runs * RUN_POINTS;
  columns.timeMs = grown(columns.timeMs, new Float64Array(points));
  columns.value = grown(columns.value, new Float64Array(points));
  if (columns.corrected.length > 0) {
    columns.corrected = grown(columns.corrected, new Float64Array(points));
  }
  columns.flags = grown(columns.flags, new Uint8Array(points));
  columns.length = grown(columns.length, new Uint8Array(runs));
  columns.before = grown(columns.before, new Int32Array(runs));
  columns.after = grown(columns.after, new Int32Array(runs));
}

/** Takes all points out; the memory stays, to be filled again. */
export function clearColumns(columns: HotColumns): void {
  columns.points = 0;
  columns.runs = 0;
  columns.fromMs = Number.POSITIVE_INFINITY;
  columns.throughMs = Number.NEGATIVE_INFINITY;
  columns.days.clear();
  columns.dayMs = Number.NaN;
  columns.head.fill(NONE);
  columns.tail.fill(NONE);
  columns.hint.fill(NONE);
}

/** Makes room for a series. */
export function growSeries(columns: HotColumns, series: number): void {
  const count = Math.max(64, series + 1, Math.ceil(columns.head.length * 1.5));
  columns.head = grown(columns.head, new Int32Array(count).fill(NONE, columns.head.length));
  columns.tail = grown(columns.tail, new Int32Array(count).fill(NONE, columns.tail.length));
  columns.hint = grown(columns.hint, new Int32Array(count).fill(NONE, columns.hint.length));
}

/** A new, empty run behind `before`, or at the head of the series. */
export function newRun(columns: HotColumns, series: number, before: number): number {
  if (columns.runs === columns.length.length) growRuns(columns);
  const run = columns.runs++;
  const after = before === NONE ? (columns.head[series] as number) : (columns.after[before] as number);
  columns.length[run] = 0;
  columns.before[run] = before;
  columns.after[run] = after;
  if (before === NONE) columns.head[series] = run;
  else columns.after[before] = run;
  if (after === NONE) columns.tail[series] = run;
  else columns.before[after] = run;
  return run;
}

/** Stores a point at a place and counts it. */
export function put(columns: HotColumns, at: number, point: HotPoint): void {
  columns.timeMs[at] = point.timeMs;
  columns.value[at] = point.value;
  columns.flags[at] = point.flags;
  if (columns.corrected.length > 0) columns.corrected[at] = point.corrected;
  else if (!Number.isNaN(point.corrected)) {
    columns.corrected = new Float64Array(columns.timeMs.length).fill(Number.NaN, 0, columns.runs * RUN_POINTS);
    columns.corrected[at] = point.corrected;
  }
  columns.points++;
  if (!(point.timeMs >= columns.dayMs && point.timeMs < columns.dayMs + DAY_MS)) {
    columns.dayMs = Math.floor(point.timeMs / DAY_MS) * DAY_MS;
    columns.days.add(columns.dayMs);
  }
  if (point.timeMs < columns.fromMs) columns.fromMs = point.timeMs;
  if (point.timeMs > columns.throughMs) columns.throughMs = point.timeMs;
}

/** Time of the first point of a run. */
export function firstTime(columns: HotColumns, run: number): number {
  return columns.timeMs[run << RUN_SHIFT] as number;
}

/** Moves points from one place to another. */
export function move(columns: HotColumns, to: number, from: number, count: number): void {
  columns.timeMs.copyWithin(to, from, from + count);
  columns.value.copyWithin(to, from, from + count);
  columns.flags.copyWithin(to, from, from + count);
  if (columns.corrected.length > 0) columns.corrected.copyWithin(to, from, from + count);
}
