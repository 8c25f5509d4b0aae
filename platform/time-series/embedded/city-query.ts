import type { BucketQuery } from '../port.ts';
import type { BucketTable } from './bucket-table.ts';
import { HOUR_MS } from './engine.ts';
import type { RollupFile } from './rollup-file.ts';
import type { RollupPlan, RollupSpan } from './rollup-plan.ts';
import { startOf } from './rollup-query.ts';
import type { HourTotals } from './rollup-totals.ts';
import { inFileOrder, type SeriesTable } from './series-table.ts';

/** Tells of ranges of series of a metric whether all of them, or none, are asked for. */
interface Wanted {
  /** Of the series from the first to the last one in the order of files: how many there are, and how many are asked for. */
  count(first: number, last: number): { readonly known: number; readonly asked: number };
}

function wantedOf(table: SeriesTable, series: Uint32Array): Wanted {
  const asked = new Uint8Array(table.count);
  for (const id of series) if (id < table.count) asked[id] = 1;
  const order = inFileOrder(table);
  const placeOf = new Uint32Array(table.count);
  const askedBefore = new Uint32Array(table.count + 1);
  for (let place = 0; place < order.length; place++) {
    const id = order[place] as number;
    placeOf[id] = place;
    askedBefore[place + 1] = (askedBefore[place] as number) + (asked[id] as number);
  }
  return {
    count: (first, last) => {
      const from = placeOf[first] as number;
      const to = (placeOf[last] as number) + 1;
      return { known: to - from, asked: (askedBefore[to] as number) - (askedBefore[from] as number) };
    },
  };
}

/** The groups of a file that are asked for whole; undefined when some are asked for in part. */
function wholeGroups(file: RollupFile, wanted: Wanted): readonly number[] | undefined {
  const whole: number[] = [];
  for (const [number, group] of file.groups().entries()) {
    const { known, asked } = wanted.count(group.firstSeries, group.lastSeries);
    if (asked === known) whole.push(number);
    else if (asked > 0) return undefined;
  }
  return whole;
}

function addHours(table: BucketTable, query: BucketQuery, span: RollupSpan, totals: HourTotals): void {
  for (let hour = 0; hour < totals.count.length; hour++) {
    const hourMs = span.file.dayMs + hour * HOUR_MS;
    const count = totals.count[hour] as number;
    if (count === 0 || hourMs < span.fromMs || hourMs >= span.toMs) continue;
    const row = table.row(startOf(hourMs, query.intervalMs, query.fromMs));
    const [sum, min, max] = [totals.sum[hour] as number, totals.min[hour] as number, totals.max[hour] as number];
    table.addPart(row, { count, sum, min, max });
  }
}

/** Answers from totals of whole groups what they answer of a question about all series together; gives the spans that this has covered. */
export function addCityTotals(
  plan: RollupPlan,
  query: BucketQuery,
  table: BucketTable,
  series: SeriesTable,
): ReadonlySet<RollupSpan> {
  const covered = new Set<RollupSpan>();
  if (query.groupBy !== 'all' || plan.question.order || plan.daily) return covered;
  const wanted = wantedOf(series, query.series);
  for (const span of plan.certain) {
    const groups = wholeGroups(span.file, wanted);
    if (!groups) continue;
    covered.add(span);
    for (const number of groups) {
      const totals = span.file.totals(number);
      addHours(table, query, span, plan.question.good ? totals.good : totals.all);
    }
  }
  return covered;
}
