/**
 * How points lie in InfluxDB. A reading is one line: measurement `reading`, tag `device`, and for each metric up to three fields.
 * A BAD value has a field of its own, so that sums without BAD values need not look at flags.
 *
 * | field | what |
 * |---|---|
 * | `PM2_5` | a value that is not BAD |
 * | `PM2_5.bad` | a BAD value |
 * | `PM2_5.corrected` | the corrected twin of either, where there is one |
 * | `PM2_5.flags` | the flags of either, where there are any |
 *
 * Roll-ups have a measurement for each kind, `hour.sum` or `day.p95`, and are labelled by their start: `count sum min max` of both value fields;
 * `median p95` of values that are not BAD, and, as the field `PM2_5.all`, of all values where some are BAD.
 */
import { METRICS, type Metric } from '@greencity/air/metric';
import { DAY_MS } from '@greencity/air/time';
import type { TimeSeriesRetention } from '../port.ts';

/** Goes up when what is stored can no longer be read by an older version. */
export const LAYOUT_VERSION = 1;

export const READING = 'reading';
export const BAD = '.bad';
export const CORRECTED = '.corrected';
export const FLAGS = '.flags';
export const ALL = '.all';
/** Who wrote what from when on, so that processes that share the store hear of each other. */
export const WRITES = 'writes';
/** Until when raw points have been rolled up for good. */
export const SEALED = 'sealed';

export type RollupUnit = 'hour' | 'day';

export interface Buckets {
  readonly raw: string;
  readonly rollups: string;
}

/** Names of the buckets. */
export function bucketsOf(bucket: string): Buckets {
  return { raw: bucket, rollups: `${bucket}-rollups` };
}

/** Raw points are rolled up a day after their retention: until then clocks that are hours apart agree that no more can come. */
export const SEAL_MARGIN_MS = DAY_MS;
/** How much longer InfluxDB keeps what we no longer ask for: a platform that stood still for a week loses nothing. */
const SLACK_MS = 8 * DAY_MS;

/** What InfluxDB keeps, in seconds. */
export function serverRetention({ rawMs, rollupMs }: TimeSeriesRetention): {
  readonly raw: number;
  readonly rollups: number;
} {
  return { raw: Math.ceil((rawMs + SLACK_MS) / 1_000), rollups: Math.ceil((rollupMs + SLACK_MS) / 1_000) };
}

/** Start of the day from which on raw points are asked for. */
export function rawFloorAt(nowMs: number, { rawMs }: TimeSeriesRetention): number {
  return Math.floor((nowMs - rawMs - SEAL_MARGIN_MS) / DAY_MS) * DAY_MS;
}

const KNOWN = new Set<string>(METRICS);

/** The metric of a field, whatever follows its first dot. */
export function metricOf(field: string): Metric | undefined {
  const end = field.indexOf('.');
  const metric = end < 0 ? field : field.slice(0, end);
  return KNOWN.has(metric) ? (metric as Metric) : undefined;
}
