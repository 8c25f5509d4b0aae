/** Statistics of time buckets: from roll-ups where raw points have expired, else added up by InfluxDB, else from points with the embedded engine's own arithmetic. */
import type { Metric } from '@greencity/air/metric';
import { BAD_BITS } from '@greencity/air/quality';
import { DAY_MS, HOUR_MS } from '@greencity/air/time';
import { AppError } from '../../errors.ts';
import { type BucketTable, bucketTable } from '../embedded/bucket-table.ts';
import type { BucketColumns, BucketQuery, RawPoints } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import type { Range } from './flux.ts';
import type { Buckets, RollupUnit } from './layout.ts';
import type { Names } from './names.ts';
import { readPoints } from './points.ts';
import { rolledUpSums, type WindowSums, windowSums } from './window-sums.ts';

export interface BucketWork {
  readonly connection: InfluxConnection;
  readonly buckets: Buckets;
  readonly names: Names;
  /** Raw points are asked for from here on, roll-ups before. */
  readonly rawFloorMs: number;
  readonly rollupFloorMs: number;
}

/** Devices whose series of one metric are asked for. */
interface Group {
  readonly metric: Metric;
  /** Undefined: all that have one. */
  readonly deviceIds: readonly string[] | undefined;
}

/** What was found out about a group, by device. */
interface Found {
  readonly sums: WindowSums[];
  points: ReadonlyMap<string, RawPoints>;
}

/** Names in one condition: with more, InfluxDB reads everything faster than it compares. */
const DEVICES_PER_QUESTION = 500;

function asksOrder({ statistics }: BucketQuery): boolean {
  return statistics.includes('MEDIAN') || statistics.includes('P95');
}

function isOfOneSeries({ groupBy, series }: BucketQuery): boolean {
  return groupBy === 'series' || series.every((id) => id === series[0]);
}

/** Order statistics are kept of an hour and of a day of one series. */
function keepsOrder(query: BucketQuery): boolean {
  return isOfOneSeries(query) && (query.intervalMs === HOUR_MS || query.intervalMs === DAY_MS);
}

/** True for what InfluxDB can tell from values and the field that they are in. */
function needsNoPoints({ of, excludeFlags }: BucketQuery): boolean {
  return of !== 'corrected' && (excludeFlags === 0 || excludeFlags === BAD_BITS);
}

function isOfWholeHours({ intervalMs }: BucketQuery): boolean {
  return intervalMs === null || intervalMs % HOUR_MS === 0;
}

/** Groups the series by metric, and long lists into several questions. Together, a series that is asked for twice counts once. */
function groupsOf({ names }: BucketWork, { series }: BucketQuery): readonly Group[] {
  const byMetric = Map.groupBy(new Set(series), (id) => names.metricOf(id));
  return [...byMetric].flatMap(([metric, ids]): readonly Group[] => {
    // A device that another process made known a moment ago is no worse in a sum than one that is not.
    if (ids.length > DEVICES_PER_QUESTION && ids.length === names.devicesWith(metric))
      return [{ metric, deviceIds: undefined }];
    const deviceIds = ids.map((id) => names.deviceOf(id));
    const parts = Math.ceil(deviceIds.length / DEVICES_PER_QUESTION);
    return Array.from({ length: parts }, (_, part) => ({
      metric,
      deviceIds: deviceIds.slice(part * DEVICES_PER_QUESTION, (part + 1) * DEVICES_PER_QUESTION),
    }));
  });
}

interface Span extends Range {
  readonly unit: RollupUnit;
}

/** What roll-ups are asked for. A range is widened to whole hours, for nothing shorter is left; whole days are asked of as such. */
function rollupSpans(query: BucketQuery, { rawFloorMs, rollupFloorMs }: BucketWork): readonly Span[] {
  const daily = asksOrder(query) && query.intervalMs === DAY_MS;
  const unit = daily ? DAY_MS : HOUR_MS;
  const fromMs = Math.max(Math.floor(query.fromMs / unit) * unit, rollupFloorMs);
  const toMs = Math.min(Math.ceil(query.toMs / unit) * unit, rawFloorMs);
  if (fromMs >= toMs) return [];
  const whole = query.intervalMs === null || query.intervalMs % DAY_MS === 0;
  const firstDayMs = Math.ceil(fromMs / DAY_MS) * DAY_MS;
  const lastDayMs = Math.floor(toMs / DAY_MS) * DAY_MS;
  if (!whole || firstDayMs >= lastDayMs) return [{ unit: 'hour', fromMs, toMs }];
  const spans: readonly Span[] = [
    { unit: 'hour', fromMs, toMs: firstDayMs },
    { unit: 'day', fromMs: firstDayMs, toMs: lastDayMs },
    { unit: 'hour', fromMs: lastDayMs, toMs },
  ];
  return spans.filter((span) => span.fromMs < span.toMs);
}

function bucketStart(query: BucketQuery, timeMs: number): number {
  return query.intervalMs === null ? query.fromMs : Math.floor(timeMs / query.intervalMs) * query.intervalMs;
}

/** Reads what a query needs of a group. */
async function readGroup(work: BucketWork, query: BucketQuery, { metric, deviceIds }: Group): Promise<Found> {
  const { connection, buckets, rawFloorMs } = work;
  const found: Found = { sums: [], points: new Map() };
  if (needsNoPoints(query) && isOfWholeHours(query)) {
    const order = asksOrder(query);
    for (const span of rollupSpans(query, work)) {
      const startOf = (unitMs: number) => bucketStart(query, unitMs);
      const question = { metric, deviceIds, query, order, startOf, ...span };
      found.sums.push(await rolledUpSums(connection, buckets.rollups, question));
    }
  }
  const range = { fromMs: Math.max(query.fromMs, rawFloorMs), toMs: query.toMs };
  if (range.fromMs >= range.toMs) return found;
  if (needsNoPoints(query) && !asksOrder(query)) {
    found.sums.push(await windowSums(connection, buckets.raw, { metric, deviceIds, query, ...range }));
    return found;
  }
  const wants = { wantsCorrected: query.of === 'corrected', wantsFlags: query.excludeFlags !== 0, onlyGood: false };
  found.points = await readPoints(connection, buckets.raw, { metric, deviceIds, ...range, ...wants });
  return found;
}

function addSums(table: BucketTable, sums: WindowSums, device: string): void {
  const parts = [...(sums.get(device) ?? [])].sort(([a], [b]) => a - b);
  for (const [startMs, part] of parts) {
    // Extremes alone may have been found of values that are counted elsewhere.
    if (part.count === 0) continue;
    const row = table.row(startMs);
    table.addPart(row, part);
    if (part.median !== undefined && part.p95 !== undefined) table.setOrder(row, part.median, part.p95);
  }
}

/** Adds points that are in time order. */
function addPoints(table: BucketTable, points: RawPoints | undefined, query: BucketQuery): void {
  if (!points) return;
  const { timeMs, value, corrected, flags } = points;
  const one = new Float64Array(1);
  for (let row = 0; row < timeMs.length; row++) {
    if (((flags[row] as number) & query.excludeFlags) !== 0) continue;
    const twin = query.of === 'corrected' ? (corrected[row] as number) : Number.NaN;
    one[0] = Number.isNaN(twin) ? (value[row] as number) : twin;
    table.addValues(table.row(bucketStart(query, timeMs[row] as number)), one, 0, 1);
  }
}

/** Refuses order statistics that only expired points could answer. */
async function checkKept(work: BucketWork, query: BucketQuery): Promise<void> {
  if (!asksOrder(query) || keepsOrder(query)) return;
  const counted: BucketQuery = {
    ...query,
    statistics: ['COUNT'],
    intervalMs: null,
    groupBy: 'all',
    excludeFlags: 0,
    of: 'value',
  };
  for (const { metric, deviceIds } of groupsOf(work, query)) {
    for (const span of rollupSpans(counted, work)) {
      const question = { metric, deviceIds, query: counted, order: false, startOf: () => 0, ...span };
      const sums = await rolledUpSums(work.connection, work.buckets.rollups, question);
      if (sums.size > 0) {
        throw new AppError(
          'STATISTIC_NOT_KEPT',
          'MEDIAN and P95 of expired points are kept for 1 h and 1 d of one series',
        );
      }
    }
  }
}

/** @throws AppError SERIES_TOO_LONG, STATISTIC_NOT_KEPT, UNAVAILABLE */
export async function bucketQuery(work: BucketWork, query: BucketQuery): Promise<BucketColumns> {
  if (query.intervalMs !== null && !(query.intervalMs > 0)) {
    throw new RangeError(`expected an interval of more than 0 ms, got ${query.intervalMs}`);
  }
  await checkKept(work, query);
  const table = bucketTable({ bucketsMax: query.bucketsMax, keepsValues: asksOrder(query) });
  const all = new Map<Metric, Found[]>();
  for (const group of groupsOf(work, query)) {
    const found = await readGroup(work, query, group);
    if (query.groupBy === 'series') all.set(group.metric, [...(all.get(group.metric) ?? []), found]);
    else addTogether(table, found, query);
  }
  if (query.groupBy === 'all') return table.finish(query.statistics, undefined);
  for (const [place, series] of query.series.entries()) {
    table.startSegment(place);
    const device = work.names.deviceOf(series);
    for (const { sums, points } of all.get(work.names.metricOf(series)) ?? []) {
      for (const each of sums) addSums(table, each, device);
      addPoints(table, points.get(device), query);
    }
  }
  return table.finish(query.statistics, (place) => query.series[place] as number);
}

function addTogether(table: BucketTable, { sums, points }: Found, query: BucketQuery): void {
  for (const each of sums) for (const device of each.keys()) addSums(table, each, device);
  for (const each of points.values()) addPoints(table, each, query);
}
