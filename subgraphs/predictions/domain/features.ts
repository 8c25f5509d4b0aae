/** What a forecast is made from: the recent past of the place and of its neighbours, and the calendar of the hour in question. */
import { HOUR_MS } from '@greencity/air/time';
import { filledForward, type HourlySeries } from './hourly-series.ts';

const LAGS_HOURS = [0, 1, 2, 3, 5, 8, 11, 17, 23, 35, 47] as const;
const MEANS_HOURS = [6, 24, 72] as const;
const SPREAD_HOURS = 24;
const NEIGHBOUR_LAGS_HOURS = [0, 3] as const;
/** A mean may stand in for the hours just after it, as the last reading on the map does. */
const FILL_HOURS_MAX = 3;
const DAY_HOURS = 24;
const WEEK_HOURS = 168;
const CALENDAR_FEATURES = 5;
const SPREAD_FEATURES = 3;
const SEASONAL_FEATURES = 2;

const BASE_WIDTH = LAGS_HOURS.length + MEANS_HOURS.length + SPREAD_FEATURES + NEIGHBOUR_LAGS_HOURS.length;

/** Number of features in a row. */
export const FEATURES = BASE_WIDTH + SEASONAL_FEATURES + CALENDAR_FEATURES;

/** Features of every hour of a series, on the model's scale. */
export interface FeatureTable {
  /** The series with short gaps filled; NaN where no forecast can start. */
  readonly filled: Float64Array;
  /** Writes the features for the forecast from hour `origin` to hour `origin + horizon` into `row`. The hour `origin` must be in `filled`. */
  write(origin: number, horizon: number, row: Float64Array): void;
}

/**
 * Features of a series on the model's scale. Day of the year is left out on purpose: with less than a year of history it made forecasts much worse
 * than none.
 */
export function featureTable(series: HourlySeries, neighbours: HourlySeries | undefined): FeatureTable {
  const filled = filledForward(series.means, FILL_HOURS_MAX);
  const around = neighbours ? filledForward(neighbours.means, FILL_HOURS_MAX) : undefined;
  const base = new Float64Array(filled.length * BASE_WIDTH);
  for (let origin = 0; origin < filled.length; origin += 1) {
    if (!Number.isNaN(filled[origin])) writeBase(base, origin, { filled, around });
  }
  return {
    filled,
    write(origin, horizon, row) {
      row.set(base.subarray(origin * BASE_WIDTH, (origin + 1) * BASE_WIDTH));
      const target = origin + horizon;
      const dayMean = base[origin * BASE_WIDTH + LAGS_HOURS.length + 1] as number;
      row[BASE_WIDTH] = orElse(filled[seasonalHour(origin, horizon, DAY_HOURS)], dayMean);
      row[BASE_WIDTH + 1] = orElse(filled[seasonalHour(origin, horizon, WEEK_HOURS)], dayMean);
      writeCalendar(row, series.startMs + target * HOUR_MS);
    },
  };
}

/** The newest hour not after `origin` that lies whole periods before `origin + horizon`. */
export function seasonalHour(origin: number, horizon: number, periodHours: number): number {
  return origin + horizon - periodHours * Math.ceil(horizon / periodHours);
}

function orElse(value: number | undefined, otherwise: number): number {
  return value === undefined || Number.isNaN(value) ? otherwise : value;
}

interface Window {
  readonly mean: number;
  readonly deviation: number;
  readonly highest: number;
  readonly lowest: number;
}

/** Over the hours up to `origin` that are there; at least `origin` is. */
function windowOf(values: Float64Array, origin: number, hours: number): Window {
  let [count, sum, squares] = [0, 0, 0];
  let [highest, lowest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let index = Math.max(0, origin - hours + 1); index <= origin; index += 1) {
    const value = values[index] as number;
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
    squares += value * value;
    if (value > highest) highest = value;
    if (value < lowest) lowest = value;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)), highest, lowest };
}

function writeBase(
  base: Float64Array,
  origin: number,
  { filled, around }: { readonly filled: Float64Array; readonly around: Float64Array | undefined },
): void {
  let column = origin * BASE_WIDTH;
  const day = windowOf(filled, origin, SPREAD_HOURS);
  for (const lag of LAGS_HOURS) base[column++] = orElse(filled[origin - lag], day.mean);
  for (const hours of MEANS_HOURS)
    base[column++] = hours === SPREAD_HOURS ? day.mean : windowOf(filled, origin, hours).mean;
  base[column++] = day.deviation;
  base[column++] = day.highest;
  base[column++] = day.lowest;
  for (const lag of NEIGHBOUR_LAGS_HOURS) base[column++] = orElse(around?.[origin - lag], day.mean);
}

function writeCalendar(row: Float64Array, timeMs: number): void {
  const time = new Date(timeMs);
  const angle = (2 * Math.PI * time.getUTCHours()) / DAY_HOURS;
  let column = BASE_WIDTH + SEASONAL_FEATURES;
  row[column++] = Math.sin(angle);
  row[column++] = Math.cos(angle);
  row[column++] = Math.sin(2 * angle);
  row[column++] = Math.cos(2 * angle);
  row[column++] = time.getUTCDay() % 6 === 0 ? 1 : 0;
}
