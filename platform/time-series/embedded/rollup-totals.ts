import { AS_DOUBLES, powerOf } from './decimal-codec.ts';
import type { RollupRows, SeriesRollup } from './rollup-rows.ts';

/**
 * Hours of whole groups of series, summed up once more: a question about all devices of a city reads these instead of every series.
 * Numbers by hour: count, sum, minimum, maximum, in the metric's unit; first of all points, then without BAD ones.
 */
export interface GroupTotals {
  readonly all: HourTotals;
  readonly good: HourTotals;
}

export interface HourTotals {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

const HOURS = 24;
const COLUMNS = 4;
/** Numbers that the totals of a group take. */
export const TOTALS_NUMBERS = 2 * COLUMNS * HOURS;

function hourTotals(numbers: Float64Array, from: number): HourTotals {
  const column = (place: number) => numbers.subarray(from + place * HOURS, from + (place + 1) * HOURS);
  return { count: column(0), sum: column(1), min: column(2), max: column(3) };
}

/** The totals of the group with this number, within the numbers of all groups of a file. */
export function totalsIn(numbers: Float64Array, group: number): GroupTotals {
  const from = group * TOTALS_NUMBERS;
  return { all: hourTotals(numbers, from), good: hourTotals(numbers, from + COLUMNS * HOURS) };
}

/** Totals without a point. */
export function emptyTotals(): Float64Array {
  const numbers = new Float64Array(TOTALS_NUMBERS);
  const { all, good } = totalsIn(numbers, 0);
  for (const totals of [all, good]) {
    totals.min.fill(Number.POSITIVE_INFINITY);
    totals.max.fill(Number.NEGATIVE_INFINITY);
  }
  return numbers;
}

function addRows(totals: HourTotals, rows: RollupRows, power: number, skip: number): void {
  let row = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    if ((rows.mask & (1 << hour)) === 0) continue;
    const at = row++;
    if ((skip & (1 << hour)) !== 0 || rows.count[at] === 0) continue;
    totals.count[hour] = (totals.count[hour] as number) + (rows.count[at] as number);
    totals.sum[hour] = (totals.sum[hour] as number) + (rows.sum[at] as number) / power;
    totals.min[hour] = Math.min(totals.min[hour] as number, (rows.min[at] as number) / power);
    totals.max[hour] = Math.max(totals.max[hour] as number, (rows.max[at] as number) / power);
  }
}

/** Adds one series. */
export function addToTotals({ all, good }: GroupTotals, rollup: SeriesRollup): void {
  const power = rollup.decimals === AS_DOUBLES ? 1 : powerOf(rollup.decimals);
  addRows(all, rollup.all, power, 0);
  addRows(good, rollup.all, power, rollup.good.mask);
  addRows(good, rollup.good, power, 0);
}
