/** Hourly means in a row, as forecasts are made from. */
import { HOUR_MS } from '@greencity/air/time';

export interface HourlySeries {
  /** Start of the first hour, Unix ms. */
  readonly startMs: number;
  /** One mean for each hour; NaN where there is none. */
  readonly means: Float64Array;
}

export interface HourlyMean {
  /** Start of the hour, Unix ms. */
  readonly hourMs: number;
  readonly mean: number;
}

/** The means of the hours before `endMs`, in a row from the first of them on; undefined where there are none. */
export function hourlySeries(rows: readonly HourlyMean[], endMs: number): HourlySeries | undefined {
  const before = rows.filter(({ hourMs }) => hourMs < endMs);
  if (before.length === 0) return undefined;
  const startMs = before.reduce((first, { hourMs }) => Math.min(first, hourMs), endMs);
  const means = new Float64Array(Math.round((endMs - startMs) / HOUR_MS)).fill(Number.NaN);
  for (const { hourMs, mean } of before) means[Math.round((hourMs - startMs) / HOUR_MS)] = mean;
  return { startMs, means };
}

/** The same hours as another series; NaN where this one has none. */
export function alignedTo(series: HourlySeries, other: HourlySeries): HourlySeries {
  const shift = Math.round((other.startMs - series.startMs) / HOUR_MS);
  const means = new Float64Array(other.means.length).map((_, index) => series.means[index + shift] ?? Number.NaN);
  return { startMs: other.startMs, means };
}

/** How many hours have a mean. */
export function hoursPresent(series: HourlySeries): number {
  return series.means.reduce((count, mean) => count + (Number.isNaN(mean) ? 0 : 1), 0);
}

/** A copy in which gaps of up to `hoursMax` hours repeat the last mean before them. */
export function filledForward(means: Float64Array, hoursMax: number): Float64Array {
  const filled = means.slice();
  let missing = 0;
  for (let index = 1; index < filled.length; index += 1) {
    if (!Number.isNaN(filled[index])) missing = 0;
    else if (++missing <= hoursMax) filled[index] = filled[index - 1] as number;
  }
  return filled;
}
