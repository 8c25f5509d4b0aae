import type { Metric } from '@greencity/air/metric';

/**
 * The time-series store: values of (device, metric) over time, with flags and a corrected twin beside each raw value.
 *
 * Promises, tested by `contract.ts` on every adapter:
 * - `write` resolves only when the points would survive a power cut; a point is visible to every query from then on.
 * - Idempotent by (series, time): the same point twice is stored once; another value at a taken time changes nothing and is reported.
 * - Late points, in any order, land where their time says.
 * - Every statistic is the same number in every engine: MEDIAN and P95 by linear interpolation between closest ranks (numpy's default).
 * - Buckets are aligned to the Unix epoch in UTC, labelled by their start; `toMs` is exclusive; empty buckets are left out.
 */

/** Stands for one (device, metric) as long as this store is open. Dense, from 0. */
export type SeriesId = number;

/** Columns of equal length: one row per point. */
export interface PointColumns {
  readonly length: number;
  readonly series: Uint32Array;
  /** Unix ms, whole. */
  readonly timeMs: Float64Array;
  /** As measured, in the metric's unit. */
  readonly value: Float64Array;
  /** After correction; NaN where there is none. */
  readonly corrected: Float64Array;
  /** Bits of air/quality.ts. */
  readonly flags: Uint8Array;
}

export interface WriteOutcome {
  /** Rows whose (series, time) was already stored with the same value. */
  readonly duplicates: Uint32Array;
  /** Rows whose (series, time) was already stored with another value; the stored one stays. */
  readonly conflicts: Uint32Array;
}

export const STATISTICS = ['MEAN', 'MIN', 'MAX', 'MEDIAN', 'P95', 'COUNT'] as const;
export type Statistic = (typeof STATISTICS)[number];

export interface LatestColumns {
  /** NaN where the series has no point. */
  readonly timeMs: Float64Array;
  readonly value: Float64Array;
  readonly corrected: Float64Array;
  readonly flags: Uint8Array;
}

export interface RawQuery {
  readonly series: SeriesId;
  readonly fromMs: number;
  readonly toMs: number;
  /** More points than this is refused with SERIES_TOO_LONG. */
  readonly pointsMax: number;
}

export interface RawPoints {
  readonly timeMs: Float64Array;
  readonly value: Float64Array;
  readonly corrected: Float64Array;
  readonly flags: Uint8Array;
}

export interface BucketQuery {
  readonly series: Uint32Array;
  readonly fromMs: number;
  readonly toMs: number;
  /** Width of a bucket; `null` is one bucket over the whole range, labelled `fromMs`. Whole multiples of 1 h and 1 d over sealed time are answered from roll-ups. */
  readonly intervalMs: number | null;
  readonly statistics: readonly Statistic[];
  /** Points with any of these flag bits are left out; 0 takes all. Roll-ups exist for 0 and for BAD_BITS. */
  readonly excludeFlags: number;
  /** One row per series and bucket, or all series merged into one row per bucket. */
  readonly groupBy: 'series' | 'all';
  readonly bucketsMax: number;
  /** Which twin is aggregated; 'corrected' falls back to the raw value where there is no corrected one. Default 'value'; 'corrected' is always computed from points. */
  readonly of?: 'value' | 'corrected';
}

/** Rows in order of series (as asked), then time. `series` is empty when grouped by 'all'. */
export interface BucketColumns {
  readonly length: number;
  readonly series: Uint32Array;
  readonly startMs: Float64Array;
  /** Points in the bucket. */
  readonly count: Float64Array;
  /** One column per statistic asked for. */
  readonly statistics: Readonly<Partial<Record<Statistic, Float64Array>>>;
}

/** Time kept: raw points, and hourly and daily roll-ups. */
export interface TimeSeriesRetention {
  readonly rawMs: number;
  readonly rollupMs: number;
}

export interface TimeSeries extends AsyncDisposable {
  /** The id of a series; made on first use. */
  series(deviceId: string, metric: Metric): SeriesId;
  /** The id of a series that has been written to or asked for before, else undefined. */
  findSeries(deviceId: string, metric: Metric): SeriesId | undefined;
  /** @throws AppError STORE_UNWRITABLE: nothing of the batch is stored then. */
  write(points: PointColumns): Promise<WriteOutcome>;
  /** Newest point of each series, by time. */
  latest(series: Uint32Array): Promise<LatestColumns>;
  /** Points in time order. @throws AppError SERIES_TOO_LONG */
  raw(query: RawQuery): Promise<RawPoints>;
  /** @throws AppError SERIES_TOO_LONG; STATISTIC_NOT_KEPT for MEDIAN or P95 of an interval other than 1 h or 1 d where raw points have expired. */
  buckets(query: BucketQuery): Promise<BucketColumns>;
  /** Drops what is older than the retention. */
  expire(nowMs: number): Promise<void>;
  /** Resolves when the engine answers, soon or never: whoever asks sets the deadline. @throws AppError that says why it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}
