import { type Bytes, emptyBytes, getDouble, getSigned, getVarint, putDouble, putSigned, putVarint } from './bytes.ts';
import { AS_DOUBLES, powerOf } from './decimal-codec.ts';
import type { RollupRows } from './rollup-rows.ts';

/**
 * Roll-up rows of a group of series in columns, so that a mean reads counts and sums and nothing else. What follows from other columns is
 * not written: an hour of one or two points has its extremes and its order statistics in sum and spread.
 */
export const ROLLUP_SECTIONS = ['index', 'count', 'sum', 'extremes', 'order', 'day'] as const;
export type RollupSection = (typeof ROLLUP_SECTIONS)[number];
export type RollupBytes = Readonly<Record<RollupSection, Bytes>>;

/** Columns of a group as they are read; those that were not asked for yet are undefined. Statistics are in the metric's unit. */
export interface RollupColumns {
  readonly ids: Uint32Array;
  readonly decimals: Uint8Array;
  /** By series: its first row; one more at the end. */
  readonly firstRow: Uint32Array;
  /** By row. */
  readonly hour: Uint8Array;
  count: Uint32Array | undefined;
  /** In whole numbers where the series has decimals: what the other columns refer to. */
  sum: Float64Array | undefined;
  extremes: Pair | undefined;
  /** Median and P95. */
  order: Pair | undefined;
  /** Median and P95 of the day, by series. */
  day: Pair | undefined;
}

export type Pair = readonly [Float64Array, Float64Array];

/** Empty sections to write to. */
export function emptySections(): RollupBytes {
  const section = () => emptyBytes(1_024);
  return {
    ...{ index: section(), count: section(), sum: section() },
    ...{ extremes: section(), order: section(), day: section() },
  };
}

/** Appends the rows of a series, which comes after the one of id `before`. */
export function encodeRollup(
  out: RollupBytes,
  series: readonly [id: number, before: number],
  decimals: number,
  rows: RollupRows,
): void {
  putVarint(out.index, series[0] - series[1]);
  putVarint(out.index, decimals);
  putVarint(out.index, rows.mask);
  const exact = decimals !== AS_DOUBLES;
  let countBefore = 0;
  let sumBefore = 0;
  for (let row = 0; row < rows.rows; row++) {
    const count = rows.count[row] as number;
    putVarint(out.count, count);
    if (count === 0) continue;
    const sum = rows.sum[row] as number;
    if (exact) {
      putSigned(out.sum, sum - expectedSum(sumBefore, countBefore, count));
      encodeRow(out, rows, row);
    } else {
      putDouble(out.sum, sum);
      putDouble(out.extremes, rows.min[row] as number);
      putDouble(out.extremes, rows.max[row] as number);
      putDouble(out.order, rows.median[row] as number);
      putDouble(out.order, rows.p95[row] as number);
    }
    countBefore = count;
    sumBefore = sum;
  }
  putVarint(out.day, rows.dayCount > 0 ? 1 : 0);
  if (rows.dayCount === 0) return;
  const put = exact ? putSigned : putDouble;
  put(out.day, rows.dayMedian);
  put(out.day, exact ? rows.dayP95 - rows.dayMedian * 10 : rows.dayP95);
}

/** The sum if the mean stayed as it was in the row before. */
function expectedSum(sumBefore: number, countBefore: number, count: number): number {
  if (countBefore === count || countBefore === 0) return sumBefore;
  return Math.round((sumBefore / countBefore) * count);
}

function encodeRow(out: RollupBytes, rows: RollupRows, row: number): void {
  const count = rows.count[row] as number;
  if (count === 1) return;
  const min = rows.min[row] as number;
  const max = rows.max[row] as number;
  putVarint(out.extremes, max - min);
  if (count === 2) return;
  const sum = rows.sum[row] as number;
  putVarint(out.extremes, Math.floor(sum / count) - min);
  putSigned(out.order, (rows.median[row] as number) - Math.floor((2 * sum) / count));
  putVarint(out.order, max * 20 - (rows.p95[row] as number));
}

/** Reads the index: which series, and which hours they have. */
export function decodeIndex(bytes: Bytes, series: number, rows: number, firstSeries: number): RollupColumns {
  const ids = new Uint32Array(series);
  const decimals = new Uint8Array(series);
  const firstRow = new Uint32Array(series + 1);
  const hour = new Uint8Array(rows);
  let id = firstSeries;
  let row = 0;
  for (let place = 0; place < series; place++) {
    id += getVarint(bytes);
    ids[place] = id;
    decimals[place] = getVarint(bytes);
    firstRow[place] = row;
    const mask = getVarint(bytes);
    for (let bit = 0; bit < 24; bit++) if (mask & (1 << bit)) hour[row++] = bit;
  }
  firstRow[series] = row;
  return {
    ids,
    decimals,
    firstRow,
    hour,
    count: undefined,
    sum: undefined,
    extremes: undefined,
    order: undefined,
    day: undefined,
  };
}

/** Reads the counts. */
export function decodeCounts(bytes: Bytes, rows: number): Uint32Array {
  const count = new Uint32Array(rows);
  const { buffer } = bytes;
  let { at } = bytes;
  for (let row = 0; row < rows; row++) {
    const byte = buffer[at++] as number;
    if (byte < 128) count[row] = byte;
    else {
      bytes.at = at - 1;
      count[row] = getVarint(bytes);
      at = bytes.at;
    }
  }
  return count;
}

/** Reads the sums. */
export function decodeSums(bytes: Bytes, columns: RollupColumns, count: Uint32Array): Float64Array {
  const sum = new Float64Array(columns.hour.length);
  for (let place = 0; place < columns.ids.length; place++) {
    const exact = columns.decimals[place] !== AS_DOUBLES;
    let countBefore = 0;
    let sumBefore = 0;
    for (let row = columns.firstRow[place] as number; row < (columns.firstRow[place + 1] as number); row++) {
      const points = count[row] as number;
      if (points === 0) continue;
      sumBefore = exact ? getSigned(bytes) + expectedSum(sumBefore, countBefore, points) : getDouble(bytes);
      countBefore = points;
      sum[row] = sumBefore;
    }
  }
  return sum;
}

type Filled = Required<{ [K in 'count' | 'sum']: NonNullable<RollupColumns[K]> }>;

function eachRow(columns: RollupColumns, { count }: Filled, take: (row: number, power: number) => void): void {
  for (let place = 0; place < columns.ids.length; place++) {
    const decimals = columns.decimals[place] as number;
    const power = decimals === AS_DOUBLES ? 0 : powerOf(decimals);
    for (let row = columns.firstRow[place] as number; row < (columns.firstRow[place + 1] as number); row++) {
      if (count[row] !== 0) take(row, power);
    }
  }
}

/** Reads minimum and maximum. */
export function decodeExtremes(bytes: Bytes, columns: RollupColumns, filled: Filled): Pair {
  const min = new Float64Array(columns.hour.length);
  const max = new Float64Array(columns.hour.length);
  eachRow(columns, filled, (row, power) => {
    if (power === 0) {
      min[row] = getDouble(bytes);
      max[row] = getDouble(bytes);
      return;
    }
    const points = filled.count[row] as number;
    const sum = filled.sum[row] as number;
    const spread = points === 1 ? 0 : getVarint(bytes);
    const low = points === 1 ? sum : points === 2 ? (sum - spread) / 2 : Math.floor(sum / points) - getVarint(bytes);
    min[row] = low / power;
    max[row] = (low + spread) / power;
  });
  return [min, max];
}

/** Reads median and P95 of the hours. */
export function decodeOrder(bytes: Bytes, columns: RollupColumns, filled: Filled, extremes: Pair): Pair {
  const median = new Float64Array(columns.hour.length);
  const p95 = new Float64Array(columns.hour.length);
  const [mins, maxes] = extremes;
  eachRow(columns, filled, (row, power) => {
    if (power === 0) {
      median[row] = getDouble(bytes);
      p95[row] = getDouble(bytes);
      return;
    }
    const points = filled.count[row] as number;
    const sum = filled.sum[row] as number;
    const max = Math.round((maxes[row] as number) * power);
    const min = Math.round((mins[row] as number) * power);
    const halves = points <= 2 ? (2 * sum) / points : Math.floor((2 * sum) / points) + getSigned(bytes);
    const twentieths = points <= 2 ? min + 19 * max : max * 20 - getVarint(bytes);
    median[row] = halves / (2 * power);
    p95[row] = twentieths / (20 * power);
  });
  return [median, p95];
}

/** Reads median and P95 of the day, by series; NaN where there is no point. */
export function decodeDay(bytes: Bytes, columns: RollupColumns): Pair {
  const median = new Float64Array(columns.ids.length).fill(Number.NaN);
  const p95 = new Float64Array(columns.ids.length).fill(Number.NaN);
  for (let place = 0; place < columns.ids.length; place++) {
    if (getVarint(bytes) === 0) continue;
    const decimals = columns.decimals[place] as number;
    if (decimals === AS_DOUBLES) {
      median[place] = getDouble(bytes);
      p95[place] = getDouble(bytes);
      continue;
    }
    const power = powerOf(decimals);
    const halves = getSigned(bytes);
    median[place] = halves / (2 * power);
    p95[place] = (getSigned(bytes) + halves * 10) / (20 * power);
  }
  return [median, p95];
}
