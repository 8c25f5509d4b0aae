import { BAD_BITS } from '@greencity/air/quality';
import { AS_DOUBLES, scaleToWholes } from './decimal-codec.ts';
import type { PointBuffer } from './points.ts';
import { sortRange } from './statistics.ts';

/**
 * Hours and day of one series, summed up. Where the values have few decimals all numbers are exact whole ones: sums and extremes in units
 * of the last decimal, medians in halves of it, P95 in twentieths, for its rank 0.95 (n - 1) is a multiple of a twentieth.
 */
export interface SeriesRollup {
  /** Decimals of the values, or AS_DOUBLES. */
  decimals: number;
  /** All points. */
  readonly all: RollupRows;
  /** Without points that have BAD_BITS, only of the hours that have some; a count may be 0. */
  readonly good: RollupRows;
}

export interface RollupRows {
  /** One bit for each hour that has a row. */
  mask: number;
  /** By row, hours rising. */
  rows: number;
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly median: Float64Array;
  readonly p95: Float64Array;
  /** Of the whole day; for `good` of all its good points, where it has a row at all. */
  dayCount: number;
  dayMedian: number;
  dayP95: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
const MEDIAN_PARTS = 2;
const P95_PARTS = 20;
const P95_SHARE = 19;
/** Values that lie closer together than this are counted rather than sorted. */
const SPREAD_MAX = 4_096;

function emptyRows(): RollupRows {
  const column = () => new Float64Array(HOURS);
  return {
    ...{ mask: 0, rows: 0, dayCount: 0, dayMedian: 0, dayP95: 0 },
    ...{ count: column(), sum: column(), min: column(), max: column(), median: column(), p95: column() },
  };
}

/** A roll-up to be filled by `rollUp`, again and again. */
export function emptyRollup(): SeriesRollup {
  return { decimals: 0, all: emptyRows(), good: emptyRows() };
}

let numbers = new Float64Array(2_048);
let goodNumbers = new Float64Array(2_048);
let sorted = new Float64Array(2_048);
const counts = new Uint32Array(SPREAD_MAX + 1);
const order = { median: 0, p95: 0 };

function makeRoom(length: number): void {
  if (length <= numbers.length) return;
  numbers = new Float64Array(length * 2);
  goodNumbers = new Float64Array(length * 2);
  sorted = new Float64Array(length * 2);
}

/** Puts a range in rising order into `sorted`; whole numbers that lie close together by counting them. */
function sortInto(values: Float64Array, range: readonly [number, number], min: number, spread: number): void {
  const [from, to] = range;
  if (!(spread <= SPREAD_MAX && spread <= (to - from) * 4)) {
    sorted.set(values.subarray(from, to));
    sortRange(sorted, 0, to - from);
    return;
  }
  counts.fill(0, 0, spread + 1);
  for (let i = from; i < to; i++) {
    const place = (values[i] as number) - min;
    counts[place] = (counts[place] as number) + 1;
  }
  let at = 0;
  for (let place = 0; place <= spread; place++) {
    for (let left = counts[place] as number; left > 0; left--) sorted[at++] = min + place;
  }
}

/** Median and P95 of `sorted[0..count)` into `order`. */
function takeOrder(count: number, exact: boolean): void {
  const middle = (sorted[(count - 1) >> 1] as number) + (sorted[count >> 1] as number);
  const rank = P95_SHARE * (count - 1);
  const below = Math.floor(rank / P95_PARTS);
  const low = sorted[below] as number;
  const step = (sorted[Math.min(below + 1, count - 1)] as number) - low;
  const share = rank % P95_PARTS;
  order.median = exact ? middle : middle / MEDIAN_PARTS;
  order.p95 = exact ? P95_PARTS * low + share * step : low + (share / P95_PARTS) * step;
}

function addRow(rows: RollupRows, hour: number, values: Float64Array, range: readonly [number, number, boolean]): void {
  const [from, to, exact] = range;
  const row = rows.rows++;
  rows.mask |= 1 << hour;
  rows.count[row] = to - from;
  if (from === to) return;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  rows.sum[row] = sum;
  rows.min[row] = min;
  rows.max[row] = max;
  sortInto(values, [from, to], min, exact ? max - min : Number.POSITIVE_INFINITY);
  takeOrder(to - from, exact);
  rows.median[row] = order.median;
  rows.p95[row] = order.p95;
}

function takeDay(rows: RollupRows, values: Float64Array, count: number, exact: boolean): void {
  rows.dayCount = count;
  if (count === 0) return;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  sortInto(values, [0, count], min, exact ? max - min : Number.POSITIVE_INFINITY);
  takeOrder(count, exact);
  rows.dayMedian = order.median;
  rows.dayP95 = order.p95;
}

function clear(rows: RollupRows): void {
  rows.mask = 0;
  rows.rows = 0;
  rows.dayCount = 0;
}

/** Sums up the points of one series and day, which are in time order and not none. */
export function rollUp(points: PointBuffer, dayMs: number, into: SeriesRollup): void {
  const { length, timeMs, value, flags } = points;
  makeRoom(length);
  clear(into.all);
  clear(into.good);
  into.decimals = scaleToWholes(value, 0, length, numbers);
  const exact = into.decimals !== AS_DOUBLES;
  let good = 0;
  for (let from = 0; from < length; ) {
    const hour = Math.floor(((timeMs[from] as number) - dayMs) / HOUR_MS);
    const endMs = dayMs + (hour + 1) * HOUR_MS;
    const goodFrom = good;
    let to = from;
    for (; to < length && (timeMs[to] as number) < endMs; to++) {
      if (((flags[to] as number) & BAD_BITS) === 0) goodNumbers[good++] = numbers[to] as number;
    }
    addRow(into.all, hour, numbers, [from, to, exact]);
    if (good - goodFrom < to - from) addRow(into.good, hour, goodNumbers, [goodFrom, good, exact]);
    from = to;
  }
  takeDay(into.all, numbers, length, exact);
  if (into.good.rows > 0) takeDay(into.good, goodNumbers, good, exact);
}
