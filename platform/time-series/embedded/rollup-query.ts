import type { BucketQuery } from '../port.ts';
import type { BucketPart, BucketTable } from './bucket-table.ts';
import { AS_DOUBLES, powerOf } from './decimal-codec.ts';
import { HOUR_MS } from './engine.ts';
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

function startOf(hourMs: number, intervalMs: number | null, fromMs: number): number {
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

function maskOf(columns: RollupColumns, place: number): number {
  let mask = 0;
  for (let row = columns.firstRow[place] as number; row < (columns.firstRow[place + 1] as number); row++) {
    mask |= 1 << (columns.hour[row] as number);
  }
  return mask;
}

function addSlot(hours: Hours, slot: RollupSlot, daily: boolean): void {
  const { good, goodPlace } = slot;
  const differs = good !== undefined && goodPlace >= 0;
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
