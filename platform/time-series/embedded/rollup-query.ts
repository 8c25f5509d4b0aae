import type { BucketQuery } from '../port.ts';
import type { BucketPart, BucketTable } from './bucket-table.ts';
import { AS_DOUBLES, powerOf } from './decimal-codec.ts';
import { DAY_MS, HOUR_MS } from './engine.ts';
import type { RollupColumns } from './rollup-codec.ts';
import type { RollupSlot } from './rollup-file.ts';
import type { RollupPlan, RollupSpan } from './rollup-plan.ts';

interface Hours {
  readonly table: BucketTable;
  readonly query: BucketQuery;
  readonly span: RollupSpan;
  /** Hours that are answered from elsewhere, one bit each. */
  readonly skip: number;
}

const part: BucketPart = { count: 0, sum: 0, min: 0, max: 0 };

/** Start of the bucket that an hour belongs to. */
export function startOf(hourMs: number, intervalMs: number | null, fromMs: number): number {
  return intervalMs === null ? fromMs : hourMs - (((hourMs % intervalMs) + intervalMs) % intervalMs);
}

/** Adds the rows of one series in a group's columns. */
function addHours({ table, query, span, skip }: Hours, columns: RollupColumns, place: number): void {
  const { hour, count, sum, extremes, order, firstRow } = columns;
  if (!count || !sum) return;
  const decimals = columns.decimals[place] as number;
  const power = decimals === AS_DOUBLES ? 1 : powerOf(decimals);
  const { dayMs } = span.file;
  const { intervalMs, fromMs } = query;
  const last = firstRow[place + 1] as number;
  for (let row = firstRow[place] as number; row < last; row++) {
    const hourMs = dayMs + (hour[row] as number) * HOUR_MS;
    const points = count[row] as number;
    if (points === 0 || hourMs < span.fromMs || hourMs >= span.toMs || (skip & (1 << (hour[row] as number))) !== 0)
      continue;
    const bucket = table.row(intervalMs === HOUR_MS ? hourMs : startOf(hourMs, intervalMs, fromMs));
    part.count = points;
    part.sum = (sum[row] as number) / power;
    if (extremes) {
      part.min = extremes[0][row] as number;
      part.max = extremes[1][row] as number;
    }
    table.addPart(bucket, part);
    if (order) table.setOrder(bucket, order[0][row] as number, order[1][row] as number);
  }
}

/**
 * Adds counts and sums of a series whose rows all lie in the span, for all series together: the table's rows stay where they are then,
 * so that each hour's is looked up once for all series.
 */
function addSums({ table, query, span }: Hours, columns: RollupColumns, place: number): void {
  const { hour, firstRow, count: counts, sum: sums } = columns;
  if (!counts || !sums) return;
  const first = firstRow[place] as number;
  const last = firstRow[place + 1] as number;
  const { rows, file } = span;
  for (let row = first; row < last; row++) {
    const at = hour[row] as number;
    if (rows[at] === -1) rows[at] = table.row(startOf(file.dayMs + at * HOUR_MS, query.intervalMs, query.fromMs));
  }
  const { count, sum } = table.sums();
  const decimals = columns.decimals[place] as number;
  const power = decimals === AS_DOUBLES ? 1 : powerOf(decimals);
  for (let row = first; row < last; row++) {
    const into = rows[hour[row] as number] as number;
    count[into] = (count[into] as number) + (counts[row] as number);
    sum[into] = (sum[into] as number) + (sums[row] as number) / power;
  }
}

function maskOf(columns: RollupColumns, place: number): number {
  let mask = 0;
  for (let row = columns.firstRow[place] as number; row < (columns.firstRow[place + 1] as number); row++) {
    mask |= 1 << (columns.hour[row] as number);
  }
  return mask;
}

function addSlot(hours: Hours, slot: RollupSlot, daily: boolean): void {
  const { good, goodPlace, all } = slot;
  const differs = good !== undefined && goodPlace >= 0;
  const whole = hours.span.toMs - hours.span.fromMs === DAY_MS;
  if (hours.query.groupBy === 'all' && whole && !differs && !all.extremes && !all.order && !daily) {
    addSums(hours, all, slot.place);
    return;
  }
  addHours(differs ? { ...hours, skip: maskOf(good, goodPlace) } : hours, slot.all, slot.place);
  if (differs) addHours(hours, good, goodPlace);
  const day = differs ? good.day : slot.all.day;
  if (!daily || !day) return;
  const place = differs ? goodPlace : slot.place;
  const median = day[0][place] as number;
  // A day without good points has no bucket.
  if (!Number.isNaN(median))
    hours.table.setOrder(hours.table.row(hours.span.file.dayMs), median, day[1][place] as number);
}

export interface RollupWork {
  readonly query: BucketQuery;
  readonly table: BucketTable;
  readonly series: number;
  readonly spans: readonly RollupSpan[];
}

/** Adds what roll-ups have of a series in some spans. */
export function addRollups({ question, daily }: RollupPlan, { query, table, series, spans }: RollupWork): void {
  for (const span of spans) {
    const slot = span.file.find(series, question);
    if (slot) addSlot({ table, query, span, skip: 0 }, slot, daily);
  }
}
