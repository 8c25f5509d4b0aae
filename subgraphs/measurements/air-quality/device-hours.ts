import type { Standard } from '@greencity/air/index/air-quality';
import type { Metric } from '@greencity/air/metric';
import { BAD_BITS } from '@greencity/air/quality';
import { HOUR_MS } from '@greencity/air/time';
import type { BucketColumns, TimeSeries } from '@greencity/platform/time-series/port';
import { sliceEnd, type WindowPlan, windowEndingAt, windowPlan } from '../domain/air-quality.ts';
import { type HourMeans, hourMeans } from '../domain/hour-means.ts';
import { type DeviceMetrics, seriesColumn } from './device-metrics.ts';

/** An index about now needs a value that is no older. */
export const FRESH_MS = 3 * HOUR_MS;
/** Rows that one call of the store may give; 500 devices with six metrics, a value each minute for a day, are well within. */
const ROWS_MAX = 3_000_000;
const DEVICES_PER_CALL = 500;

/** The hours of each metric of a device before an end. */
export interface DeviceHours {
  readonly deviceId: string;
  readonly endMs: number;
  readonly hours: ReadonlyMap<Metric, HourMeans>;
}

export interface HoursQuery {
  readonly standard: Standard;
  /** The moment asked about; undefined for now. */
  readonly atMs: number | undefined;
  readonly nowMs: number;
  /** Whether windows about now end together, with the newest value of all, or each device's with its own. */
  readonly ends: 'together' | 'each';
}

/** Devices whose windows lie in one stretch of time. */
interface Stretch {
  readonly devices: readonly DeviceMetrics[];
  readonly fromMs: number;
  readonly toMs: number;
}

interface ReadStretch extends Stretch {
  readonly columns: BucketColumns;
}

/**
 * What to read for an index about now. Most devices' newest values are good, and their windows are short; only where they are BAD
 * does the newest good one have to be looked for in all of the time that counts as fresh.
 */
function stretchesAboutNow(devices: readonly DeviceMetrics[], nowMs: number, plan: WindowPlan): readonly Stretch[] {
  const oldestMs = nowMs - FRESH_MS;
  const good = devices.filter(({ newestGoodMs }) => newestGoodMs >= oldestMs);
  const searched = devices.filter(({ newestGoodMs, newestMs }) => newestGoodMs < oldestMs && newestMs >= oldestMs);
  const oldestGoodMs = good.reduce((oldest, { newestGoodMs }) => Math.min(oldest, newestGoodMs), nowMs);
  const toMs = devices.reduce((newest, { newestMs }) => Math.max(newest, newestMs), nowMs) + 1;
  const fromOf = (timeMs: number): number => windowEndingAt(sliceEnd(timeMs + 1, plan), plan).fromMs;
  return [
    { devices: good, fromMs: fromOf(oldestGoodMs), toMs },
    { devices: searched, fromMs: fromOf(oldestMs), toMs },
  ];
}

function stretchBefore(devices: readonly DeviceMetrics[], atMs: number, plan: WindowPlan): Stretch {
  return { devices, fromMs: windowEndingAt(sliceEnd(atMs, plan), plan).fromMs, toMs: atMs };
}

function inCalls(stretch: Stretch): readonly Stretch[] {
  const calls = Math.ceil(stretch.devices.length / DEVICES_PER_CALL);
  return Array.from({ length: calls }, (_, call) => {
    const from = call * DEVICES_PER_CALL;
    return { ...stretch, devices: stretch.devices.slice(from, from + DEVICES_PER_CALL) };
  });
}

async function readSlices(timeSeries: TimeSeries, stretch: Stretch, plan: WindowPlan): Promise<ReadStretch> {
  const columns = await timeSeries.buckets({
    series: seriesColumn(stretch.devices),
    fromMs: stretch.fromMs,
    toMs: stretch.toMs,
    intervalMs: plan.sliceMs,
    statistics: ['MEAN'],
    excludeFlags: BAD_BITS,
    groupBy: 'series',
    bucketsMax: ROWS_MAX,
  });
  return { ...stretch, columns };
}

interface MetricRows {
  readonly metric: Metric;
  readonly from: number;
  readonly to: number;
}

/** Rows of each device: the store gives series in the order asked for. */
function* rowsByDevice({ columns, devices }: ReadStretch): Generator<readonly [string, readonly MetricRows[]]> {
  let row = 0;
  for (const { deviceId, metrics } of devices) {
    const rows = metrics.map(({ metric, series }) => {
      const from = row;
      while (row < columns.length && columns.series[row] === series) row += 1;
      return { metric, from, to: row };
    });
    yield [deviceId, rows];
  }
}

/** End of the newest slice among rows of series in time order; -Infinity when there is none. */
function newestSliceEnd({ columns }: ReadStretch, rows: readonly MetricRows[], plan: WindowPlan): number {
  return rows.reduce(
    (newest, { from, to }) => (to > from ? Math.max(newest, (columns.startMs[to - 1] ?? 0) + plan.sliceMs) : newest),
    -Infinity,
  );
}

function foldHours(read: ReadStretch, rows: readonly MetricRows[], window: ReturnType<typeof windowEndingAt>) {
  const { startMs, count, statistics } = read.columns;
  const slices = { startMs, count, mean: statistics.MEAN ?? new Float64Array(0) };
  const hours = new Map<Metric, HourMeans>();
  for (const { metric, from, to } of rows) {
    const ofMetric = hourMeans(slices, { from, to }, window);
    if (ofMetric) hours.set(metric, ofMetric);
  }
  return hours;
}

/**
 * The hours that a standard looks at, for each device that has any, from values that are not BAD. Windows about now end with the newest
 * such value, if it is fresh; windows about a past moment end there. A few calls of the store, however many the devices.
 */
export async function readDeviceHours(
  timeSeries: TimeSeries,
  query: HoursQuery,
  devices: readonly DeviceMetrics[],
): Promise<readonly DeviceHours[]> {
  const { standard, atMs, nowMs, ends } = query;
  const plan = windowPlan(standard);
  const stretches = atMs === undefined ? stretchesAboutNow(devices, nowMs, plan) : [stretchBefore(devices, atMs, plan)];
  const found: { deviceId: string; rows: readonly MetricRows[]; read: ReadStretch; endMs: number }[] = [];
  for (const stretch of stretches.flatMap(inCalls)) {
    const read = await readSlices(timeSeries, stretch, plan);
    for (const [deviceId, rows] of rowsByDevice(read)) {
      const endMs = newestSliceEnd(read, rows, plan);
      if (endMs > nowMs - FRESH_MS || atMs !== undefined) found.push({ deviceId, rows, read, endMs });
    }
  }
  const togetherMs = found.reduce((newest, { endMs }) => Math.max(newest, endMs), -Infinity);
  return found.flatMap(({ deviceId, rows, read, endMs: ownMs }) => {
    const endMs = atMs === undefined ? (ends === 'together' ? togetherMs : ownMs) : sliceEnd(atMs, plan);
    const hours = foldHours(read, rows, windowEndingAt(endMs, plan));
    return hours.size > 0 ? { deviceId, endMs, hours } : [];
  });
}
