import type { Standard } from '@greencity/air/index/air-quality';
import type { Metric } from '@greencity/air/metric';
import { BAD_BITS } from '@greencity/air/quality';
import type { SeriesId, TimeSeries } from '@greencity/platform/time-series/port';
import { metricsOf } from '../domain/air-quality.ts';

/** The series of a device that a standard looks at, and how new they are. */
export interface DeviceMetrics {
  readonly deviceId: string;
  readonly metrics: readonly { readonly metric: Metric; readonly series: SeriesId }[];
  /** Newest value of any quality, Unix ms; -Infinity where there is none. */
  readonly newestMs: number;
  /** Newest of the newest values that are not BAD; -Infinity where all of them are. */
  readonly newestGoodMs: number;
}

/** Series ids of many devices in one column, in order. */
export function seriesColumn(devices: readonly Pick<DeviceMetrics, 'metrics'>[]): Uint32Array {
  return Uint32Array.from(devices.flatMap(({ metrics }) => metrics.map(({ series }) => series)));
}

/** What a standard could look at of each device, in the order asked; devices that measure none of it are left out. One call of the store. */
export async function deviceMetrics(
  timeSeries: TimeSeries,
  standard: Standard,
  deviceIds: readonly string[],
): Promise<readonly DeviceMetrics[]> {
  const wanted = metricsOf(standard);
  const devices = deviceIds.flatMap((deviceId) => {
    const metrics = wanted.flatMap((metric) => {
      const series = timeSeries.findSeries(deviceId, metric);
      return series === undefined ? [] : { metric, series };
    });
    return metrics.length === 0 ? [] : { deviceId, metrics };
  });
  if (devices.length === 0) return [];
  const latest = await timeSeries.latest(seriesColumn(devices));
  let row = 0;
  return devices.map((device) => {
    let newestMs = -Infinity;
    let newestGoodMs = -Infinity;
    for (const end = row + device.metrics.length; row < end; row += 1) {
      // NaN, for a series without a value, is greater than nothing.
      const timeMs = latest.timeMs[row] ?? Number.NaN;
      if (timeMs > newestMs) newestMs = timeMs;
      if (timeMs > newestGoodMs && ((latest.flags[row] ?? 0) & BAD_BITS) === 0) newestGoodMs = timeMs;
    }
    return { ...device, newestMs, newestGoodMs };
  });
}
