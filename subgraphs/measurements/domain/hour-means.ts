import { HOUR_MS, MINUTE_MS } from '@greencity/air/time';

/** Hours that any window looks back over. */
export const HOURS = 24;
const QUARTER_MS = 15 * MINUTE_MS;
export const QUARTERS = 4;

/** One metric over the hours before the end of a window, the newest hour first; an hour is 60 minutes counted back from that end. */
export interface HourMeans {
  /** Plain mean of each hour's values; NaN for an hour without any. */
  readonly means: Float64Array;
  /** Share of the devices behind this that have values in the hour: 0 or 1 for one device. */
  readonly hourShares: Float64Array;
  /** The same for each quarter of the newest hour. */
  readonly quarterShares: Float64Array;
}

/** Means over equal slices of time, in columns: rows `from` to `to` belong to one series. */
export interface Slices {
  readonly startMs: Float64Array;
  readonly count: Float64Array;
  readonly mean: Float64Array;
}

export interface SliceRange {
  readonly from: number;
  readonly to: number;
}

export interface HourWindow {
  readonly fromMs: number;
  /** Exclusive, and a whole number of slices. */
  readonly endMs: number;
  /** Length of a slice; a quarter of an hour, or an hour, is a whole number of them. */
  readonly sliceMs: number;
}

/** Brings slices together into hours. Undefined when none lies in the window. */
export function hourMeans(slices: Slices, rows: SliceRange, window: HourWindow): HourMeans | undefined {
  const sums = new Float64Array(HOURS);
  const counts = new Float64Array(HOURS);
  const quarterShares = new Float64Array(QUARTERS);
  let found = false;
  for (let row = rows.from; row < rows.to; row += 1) {
    const startMs = slices.startMs[row] ?? 0;
    const agoMs = window.endMs - window.sliceMs - startMs;
    const hoursAgo = Math.floor(agoMs / HOUR_MS);
    if (startMs < window.fromMs || agoMs < 0 || hoursAgo >= HOURS) continue;
    const count = slices.count[row] ?? 0;
    sums[hoursAgo] = (sums[hoursAgo] ?? 0) + (slices.mean[row] ?? 0) * count;
    counts[hoursAgo] = (counts[hoursAgo] ?? 0) + count;
    if (hoursAgo === 0) quarterShares[Math.floor(agoMs / QUARTER_MS)] = 1;
    found = true;
  }
  if (!found) return undefined;
  const means = sums.map((sum, hour) => sum / (counts[hour] ?? 0));
  return { means, hourShares: counts.map((count) => (count > 0 ? 1 : 0)), quarterShares };
}

/** The mean over devices: each counts the same, whatever the number of its values. */
export function meanOverDevices(devices: readonly HourMeans[]): HourMeans | undefined {
  if (devices.length === 0) return undefined;
  const shareOf = (at: (device: HourMeans) => number): number =>
    devices.reduce((sum, device) => sum + at(device), 0) / devices.length;
  const means = Float64Array.from({ length: HOURS }, (_, hour) => {
    const there = devices.map((device) => device.means[hour] ?? Number.NaN).filter((mean) => !Number.isNaN(mean));
    return there.length === 0 ? Number.NaN : there.reduce((sum, mean) => sum + mean, 0) / there.length;
  });
  return {
    means,
    hourShares: Float64Array.from({ length: HOURS }, (_, hour) => shareOf((device) => device.hourShares[hour] ?? 0)),
    quarterShares: Float64Array.from({ length: QUARTERS }, (_, quarter) =>
      shareOf((device) => device.quarterShares[quarter] ?? 0),
    ),
  };
}
