import { METRICS, type Metric } from '@greencity/air/metric';
import { type Box, boxFault } from '@greencity/air/place';
import { AppError } from '@greencity/platform/errors';
import type { LatestColumns, TimeSeries } from '@greencity/platform/time-series/port';
import type { Measurement } from './domain/measurement.ts';
import type { PlacedDevices } from './placed-devices.ts';

/** Devices of one answer. */
const DEVICES_MAX = 10_000;

/** Newest values. */
export interface LatestReader {
  /** Newest value of each metric of each device, in the order of the ids; metrics in the order of METRICS. */
  ofDevices(deviceIds: readonly string[]): Promise<readonly (readonly Measurement[])[]>;
  /** Newest value of each device in a box that measures this and is not retired. @throws AppError BAD_USER_INPUT for a box that is none, TOO_COSTLY for more than 10,000 devices */
  within(box: Box, metric: Metric): Promise<readonly Measurement[]>;
}

/** A reader over the store. */
export function createLatestReader(timeSeries: TimeSeries, placed: PlacedDevices): LatestReader {
  return {
    async ofDevices(deviceIds) {
      const asked = deviceIds.map((deviceId) =>
        METRICS.flatMap((metric) => {
          const series = timeSeries.findSeries(deviceId, metric);
          return series === undefined ? [] : { deviceId, metric, series };
        }),
      );
      const flat = asked.flat();
      const latest = await timeSeries.latest(Uint32Array.from(flat, ({ series }) => series));
      let row = 0;
      return asked.map((ofDevice) => {
        const found: Measurement[] = [];
        for (const { deviceId, metric } of ofDevice) pushRow(found, latest, row++, { deviceId, metric });
        return found;
      });
    },
    async within(box, metric) {
      const fault = boxFault(box);
      if (fault) throw new AppError('BAD_USER_INPUT', `within: ${fault}`);
      const { deviceIds, series } = placed.within(box, metric);
      if (series.length > DEVICES_MAX)
        throw new AppError('TOO_COSTLY', `within: ${series.length} devices, at most 10,000; ask for a smaller box`);
      const latest = await timeSeries.latest(Uint32Array.from(series));
      const found: Measurement[] = [];
      deviceIds.forEach((deviceId, row) => {
        pushRow(found, latest, row, { deviceId, metric });
      });
      return found;
    },
  };
}

/** Adds the measurement of a row, where its series has a value. */
function pushRow(
  found: Measurement[],
  latest: LatestColumns,
  row: number,
  { deviceId, metric }: Pick<Measurement, 'deviceId' | 'metric'>,
): void {
  const timeMs = latest.timeMs[row] ?? Number.NaN;
  if (Number.isNaN(timeMs)) return;
  found.push({
    deviceId,
    metric,
    value: latest.value[row] ?? Number.NaN,
    corrected: latest.corrected[row] ?? Number.NaN,
    timeMs,
    flags: latest.flags[row] ?? 0,
  });
}
