/**
 * What predictions keep: hourly means, the last value of each series, faults found and forecasts issued.
 *
 * Promises, tested by `contract.ts`: `apply` is durable and whole when it resolves, offsets and what came of them together, so that each reading
 * counts once however often the log tells it; sums add up in any order; nothing of a failed `apply` is stored.
 */
import type { Metric } from '@greencity/air/metric';
import type { AnomalyKind, DeviceAnomaly } from '../domain/anomaly.ts';
import type { SeriesMemory } from '../domain/detector.ts';
import type { ForecastProfile } from '../domain/forecast.ts';
import type { HourlyMean } from '../domain/hourly-series.ts';

export interface SeriesName {
  readonly deviceId: string;
  readonly metric: Metric;
}

/** Values of one series that fell into one hour. */
export interface HourSum extends SeriesName {
  readonly hourMs: number;
  readonly sum: number;
  readonly count: number;
}

/** Newest value of a series that is not BAD. */
export interface LatestValue extends SeriesName {
  readonly timeMs: number;
  readonly value: number;
}

export interface StoredMemory extends SeriesName {
  readonly memory: SeriesMemory;
}

export interface FoundAnomaly extends DeviceAnomaly {
  readonly deviceId: string;
}

export interface WithdrawnAnomaly extends SeriesName {
  readonly kind: AnomalyKind;
  readonly fromMs: number;
}

/** Offset of the next record of a partition that has not had its effect. */
export interface Position {
  readonly partition: number;
  readonly nextOffset: number;
}

/** What readings up to the positions amount to. */
export interface Changes {
  readonly positions: readonly Position[];
  /** Added to what is stored. */
  readonly hours: readonly HourSum[];
  readonly latest: readonly LatestValue[];
  readonly memories: readonly StoredMemory[];
  readonly withdrawn: readonly WithdrawnAnomaly[];
  /** Stored after `withdrawn` is removed; one of the same series, kind and start replaces the other. */
  readonly found: readonly FoundAnomaly[];
}

/** What a start needs to go on where the last one ended. */
export interface Snapshot {
  readonly positions: readonly Position[];
  readonly latest: readonly LatestValue[];
  readonly memories: readonly StoredMemory[];
}

/** Hours from `fromMs` on and before `toMs`. */
export interface HoursQuery {
  readonly deviceIds: readonly string[];
  readonly metric: Metric;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface DeviceHourlyMean extends HourlyMean {
  readonly deviceId: string;
}

export interface AnomaliesQuery {
  readonly deviceIds: readonly string[];
  /** Faults that overlap the time from `fromMs` to before `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of each device, the oldest first. */
  readonly perDeviceMax: number;
}

/** A forecast of a device (`device:<id>`) or a zone (`zone:<id>`). */
export interface IssuedForecast {
  readonly subject: string;
  readonly metric: Metric;
  /** Start of its first hour: when the hour has passed, it is old. */
  readonly startMs: number;
  /** Hours that were asked for. */
  readonly hours: number;
  /** Undefined where there was too little to make one of. */
  readonly profile: ForecastProfile | undefined;
}

export interface PredictionsStore extends AsyncDisposable {
  load(): Promise<Snapshot>;
  /** @throws AppError STORE_UNWRITABLE */
  apply(changes: Changes): Promise<void>;
  /** In order of device, then time; an hour without values has no row. */
  hourlyMeans(query: HoursQuery): Promise<readonly DeviceHourlyMean[]>;
  /** Of the devices' hourly means, each device counting alike; in order of time. */
  meansOverDevices(query: HoursQuery): Promise<readonly HourlyMean[]>;
  anomalies(query: AnomaliesQuery): Promise<readonly FoundAnomaly[]>;
  /** The newest forecast of its kind, or undefined. */
  forecast(subject: string, metric: Metric): Promise<IssuedForecast | undefined>;
  saveForecast(issued: IssuedForecast): Promise<void>;
  /** Drops hours, ended faults and forecasts from before this moment. */
  expire(beforeMs: number): Promise<void>;
  close(): Promise<void>;
}
