/** The scale a metric is modelled on. */
import type { Metric } from '@greencity/air/metric';

/** What spreads in proportion to its level is modelled on a logarithmic scale; such a model forecasts the median. */
const LOGARITHMIC: ReadonlySet<Metric> = new Set([
  'PM1',
  'PM2_5',
  'PM10',
  'CO2',
  'NO2',
  'O3',
  'SO2',
  'CO',
  'SOLAR_POWER',
]);
const PERCENT: ReadonlySet<Metric> = new Set(['HUMIDITY', 'BATTERY_PERCENT']);
const SIGNED: ReadonlySet<Metric> = new Set(['TEMPERATURE', 'SIGNAL_STRENGTH']);

export interface Scale {
  readonly toModel: (value: number) => number;
  /** Back into the metric's unit, kept to what the metric can be. */
  readonly fromModel: (modelled: number) => number;
}

/** Scale of a metric: log(1 + value) for concentrations, the value itself for the rest. */
export function scaleOf(metric: Metric): Scale {
  if (LOGARITHMIC.has(metric)) {
    return {
      toModel: (value) => Math.log1p(Math.max(0, value)),
      fromModel: (modelled) => Math.max(0, Math.expm1(modelled)),
    };
  }
  const low = SIGNED.has(metric) ? Number.NEGATIVE_INFINITY : 0;
  const high = PERCENT.has(metric) ? 100 : Number.POSITIVE_INFINITY;
  return { toModel: (value) => value, fromModel: (modelled) => Math.min(high, Math.max(low, modelled)) };
}

/** Whether a metric cannot be below zero. */
export function isNonNegative(metric: Metric): boolean {
  return !SIGNED.has(metric);
}
