import type { BucketColumns, BucketQuery } from '../port.ts';
import { type BucketTable, bucketTable } from './bucket-table.ts';
import { addCityTotals } from './city-query.ts';
import type { Engine } from './engine.ts';
import { type PointBuffer, pointBuffer, type TimeRange } from './points.ts';
import { planRollups } from './rollup-plan.ts';
import { addRollups } from './rollup-query.ts';
import { readPoints, type Snapshot, takeSnapshot } from './snapshot.ts';

/** The places of the series in the list asked for, in the order of day files, so that each group is unpacked once. */
function placesInFileOrder(engine: Engine, { series, groupBy }: BucketQuery): Uint32Array {
  const { metric } = engine.table;
  const places = Uint32Array.from(series, (_, place) => place);
  places.sort((a, b) => {
    const seriesA = series[a] as number;
    const seriesB = series[b] as number;
    return (metric[seriesA] ?? 0) - (metric[seriesB] ?? 0) || seriesA - seriesB || a - b;
  });
  // Together, a series that is asked for twice counts once.
  return groupBy === 'series' ? places : places.filter((place, i) => series[place] !== series[places[i - 1] ?? -1]);
}

/** Leaves in `buffer` what is to be counted: the twin asked for, without points that have an excluded flag. */
function chooseValues(buffer: PointBuffer, query: BucketQuery): void {
  if (buffer.wantsCorrected) {
    for (let i = 0; i < buffer.length; i++) {
      const corrected = buffer.corrected[i] as number;
      if (!Number.isNaN(corrected)) buffer.value[i] = corrected;
    }
  }
  if (!buffer.wantsFlags) return;
  let length = 0;
  for (let i = 0; i < buffer.length; i++) {
    if (((buffer.flags[i] as number) & query.excludeFlags) !== 0) continue;
    buffer.timeMs[length] = buffer.timeMs[i] as number;
    buffer.value[length++] = buffer.value[i] as number;
  }
  buffer.length = length;
}

/** Adds points in time order to the buckets they lie in. */
function addPoints(table: BucketTable, buffer: PointBuffer, query: BucketQuery): void {
  const { length, timeMs, value } = buffer;
  const { intervalMs } = query;
  if (intervalMs === null) {
    if (length > 0) table.addValues(table.row(query.fromMs), value, 0, length);
    return;
  }
  for (let from = 0; from < length; ) {
    const startMs = Math.floor((timeMs[from] as number) / intervalMs) * intervalMs;
    const endMs = startMs + intervalMs;
    let to = from + 1;
    while (to < length && (timeMs[to] as number) < endMs) to++;
    table.addValues(table.row(startMs), value, from, to);
    from = to;
  }
}

/** What a bucket query works with. */
export interface BucketWork {
  readonly snapshot: Snapshot;
  readonly query: BucketQuery;
  readonly table: BucketTable;
  readonly buffer: PointBuffer;
}

/** Adds the points of a series in some ranges, oldest range first. */
export function* addSeriesPoints(
  { snapshot, query, table, buffer }: BucketWork,
  series: number,
  ranges: readonly TimeRange[],
): Generator<void, void, void> {
  for (const { fromMs, toMs } of ranges) {
    buffer.length = 0;
    yield* readPoints(snapshot, series, { fromMs, toMs, pointsMax: Number.POSITIVE_INFINITY }, buffer);
    chooseValues(buffer, query);
    addPoints(table, buffer, query);
  }
}

/** Statistics of time buckets. @throws AppError SERIES_TOO_LONG, STATISTIC_NOT_KEPT, STORE_CORRUPT */
export function* bucketQuery(engine: Engine, query: BucketQuery): Generator<void, BucketColumns, void> {
  if (query.intervalMs !== null && !(query.intervalMs > 0)) {
    throw new RangeError(`expected an interval of more than 0 ms, got ${query.intervalMs}`);
  }
  using snapshot = takeSnapshot(engine);
  const keepsValues = query.statistics.includes('MEDIAN') || query.statistics.includes('P95');
  const table = bucketTable({ bucketsMax: query.bucketsMax, keepsValues });
  const buffer = pointBuffer({ flags: query.excludeFlags !== 0, corrected: query.of === 'corrected' });
  const work: BucketWork = { snapshot, query, table, buffer };
  const plan = planRollups(snapshot, query);
  const answered = plan ? addCityTotals(plan, query, table, engine.table) : undefined;
  const places = answered && plan?.isDone(answered) ? [] : placesInFileOrder(engine, query);
  for (const place of places) {
    const series = query.series[place] as number;
    if (query.groupBy === 'series') table.startSegment(place);
    const spans = answered && plan?.spansOf(series, answered);
    if (plan && spans) addRollups(plan, { query, table, series, spans: spans.rollups });
    yield* addSeriesPoints(work, series, spans ? spans.points : [query]);
    yield;
  }
  return table.finish(
    query.statistics,
    query.groupBy === 'series' ? (place) => query.series[place] as number : undefined,
  );
}
