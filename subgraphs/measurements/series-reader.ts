import { type Metric, metricDefinition } from '@greencity/air/metric';
import { BAD_BITS } from '@greencity/air/quality';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { BucketColumns, RawPoints, Statistic, TimeSeries } from '@greencity/platform/time-series/port';
import { outdoorHistoryOf } from './zone-devices.ts';

/** Raw values of one call. */
const RAW_POINTS_MAX = 50_000;
/** Buckets of one call. */
const BUCKETS_MAX = 10_000;

const RAW_WAY_OUT = 'series: more than 50,000 raw values; give `interval`, or ask for a shorter range';
const BUCKETS_WAY_OUT = 'series: more than 10,000 buckets; give a longer `interval`, or ask for a shorter range';

/** A count has no unit of its own: the SI writes its unit as one. */
const UNIT_OF_COUNTS = '1';

/** What a series is made from. */
export interface SeriesQuestion {
  readonly metric: Metric;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly statistic: Statistic;
  readonly quality: 'ALL' | 'NOT_BAD';
}

export interface SeriesPoint {
  /** Unix ms. */
  readonly time: number;
  readonly value: number;
  readonly count: number;
}

/** A series in time order. */
export interface SeriesColumns {
  readonly metric: Metric;
  readonly unit: string;
  readonly points: readonly SeriesPoint[];
}

/** Histories of devices and zones. All of it @throws AppError BAD_USER_INPUT for a range that is none, SERIES_TOO_LONG, STATISTIC_NOT_KEPT. */
export interface SeriesReader {
  /** Values as measured; empty for a device that never measured this. */
  raw(deviceId: string, question: SeriesQuestion): Promise<SeriesColumns>;
  ofDevice(deviceId: string, question: SeriesQuestion, intervalMs: number): Promise<SeriesColumns>;
  /** Over the values of all outdoor devices of the zone together. */
  ofZone(zoneId: string, question: SeriesQuestion, intervalMs: number): Promise<SeriesColumns>;
}

function checkRange({ fromMs, toMs }: SeriesQuestion): void {
  if (fromMs > toMs) throw new AppError('BAD_USER_INPUT', 'to: must not be before `from`');
}

function checkInterval(intervalMs: number): void {
  if (!Number.isSafeInteger(intervalMs) || intervalMs <= 0)
    throw new AppError('BAD_USER_INPUT', 'interval: must be longer than nothing, as in PT1H');
}

/** Says in the client's own words which limit a series broke, and the way out. */
async function withinLimits<T>(answer: Promise<T>, wayOut: string): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'SERIES_TOO_LONG') throw cause;
    throw new AppError('SERIES_TOO_LONG', wayOut, { cause });
  }
}

function rawPoints({ timeMs, value, flags }: RawPoints, quality: SeriesQuestion['quality']): readonly SeriesPoint[] {
  const points: SeriesPoint[] = [];
  for (let row = 0; row < timeMs.length; row += 1) {
    if (quality === 'NOT_BAD' && (flags[row] ?? 0) & BAD_BITS) continue;
    points.push({ time: timeMs[row] ?? Number.NaN, value: value[row] ?? Number.NaN, count: 1 });
  }
  return points;
}

function bucketPoints(
  { length, startMs, count, statistics }: BucketColumns,
  statistic: Statistic,
): readonly SeriesPoint[] {
  const values = statistics[statistic];
  if (!values) throw new Error(`expected the store to give ${statistic}`);
  return Array.from({ length }, (_, row) => ({
    time: startMs[row] ?? Number.NaN,
    value: values[row] ?? Number.NaN,
    count: count[row] ?? 0,
  }));
}

/** A reader over the store. */
export function createSeriesReader(timeSeries: TimeSeries, directory: DeviceDirectory): SeriesReader {
  const seriesOf = (deviceIds: readonly string[], metric: Metric): readonly number[] =>
    deviceIds.flatMap((deviceId) => timeSeries.findSeries(deviceId, metric) ?? []);

  async function buckets(deviceIds: readonly string[], question: SeriesQuestion, intervalMs: number) {
    checkRange(question);
    checkInterval(intervalMs);
    const { metric, fromMs, toMs, statistic, quality } = question;
    const series = seriesOf(deviceIds, metric);
    const unit = statistic === 'COUNT' ? UNIT_OF_COUNTS : metricDefinition(metric).unit;
    if (series.length === 0 || fromMs === toMs) return { metric, unit, points: [] };
    const columns = timeSeries.buckets({
      series: Uint32Array.from(series),
      fromMs,
      toMs,
      intervalMs,
      statistics: [statistic],
      excludeFlags: quality === 'NOT_BAD' ? BAD_BITS : 0,
      groupBy: 'all',
      bucketsMax: BUCKETS_MAX,
    });
    return { metric, unit, points: bucketPoints(await withinLimits(columns, BUCKETS_WAY_OUT), statistic) };
  }

  return {
    async raw(deviceId, question) {
      checkRange(question);
      const { metric, fromMs, toMs, quality } = question;
      const { unit } = metricDefinition(metric);
      const [series] = seriesOf([deviceId], metric);
      if (series === undefined || fromMs === toMs) return { metric, unit, points: [] };
      const stored = timeSeries.raw({ series, fromMs, toMs, pointsMax: RAW_POINTS_MAX });
      return { metric, unit, points: rawPoints(await withinLimits(stored, RAW_WAY_OUT), quality) };
    },
    ofDevice: (deviceId, question, intervalMs) => buckets([deviceId], question, intervalMs),
    ofZone: (zoneId, question, intervalMs) => buckets(outdoorHistoryOf(directory, zoneId), question, intervalMs),
  };
}
