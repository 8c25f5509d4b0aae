import { METRICS, type Metric } from '@greencity/air/metric';
import { type Box, boxContains, boxFault } from '@greencity/air/place';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { LatestColumns, TimeSeries } from '@greencity/platform/time-series/port';
import type { DeviceChanged } from '@greencity/schema/events/device';
import type { Measurement } from './domain/measurement.ts';

/** Devices of one answer. */
const DEVICES_MAX = 10_000;
const UNKNOWN = -1;

/** Newest values. */
export interface LatestReader extends Disposable {
  /** Newest value of each metric of each device, in the order of the ids; metrics in the order of METRICS. */
  ofDevices(deviceIds: readonly string[]): Promise<readonly (readonly Measurement[])[]>;
  /** Newest value of each device in a box that measures this and is not retired. @throws AppError BAD_USER_INPUT for a box that is none, TOO_COSTLY for more than 10,000 devices */
  within(box: Box, metric: Metric): Promise<readonly Measurement[]>;
}

/** A device's place and its series, found once: looking 10,000 of them up by name for each map would cost more than the map. */
interface PlacedDevice {
  device: DeviceChanged;
  readonly series: Int32Array;
}

/** A reader over the store, that follows the directory until it is disposed of. */
export function createLatestReader(timeSeries: TimeSeries, directory: DeviceDirectory): LatestReader {
  const placed = new Map<string, PlacedDevice>();

  function place(device: DeviceChanged): void {
    const known = placed.get(device.deviceId);
    if (known) known.device = device;
    else placed.set(device.deviceId, { device, series: new Int32Array(METRICS.length).fill(UNKNOWN) });
  }

  function seriesOf({ device, series }: PlacedDevice, metric: Metric): number {
    const at = METRICS.indexOf(metric);
    const known = series[at] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    const found = timeSeries.findSeries(device.deviceId, metric) ?? UNKNOWN;
    series[at] = found;
    return found;
  }

  for (const device of directory.devices()) place(device);
  const following = directory.onDevice(place);

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
      return asked.map((ofDevice) => ofDevice.flatMap(({ deviceId, metric }) => at(latest, row++, deviceId, metric)));
    },
    async within(box, metric) {
      const fault = boxFault(box);
      if (fault) throw new AppError('BAD_USER_INPUT', `within: ${fault}`);
      const deviceIds: string[] = [];
      const series: number[] = [];
      for (const candidate of placed.values()) {
        if (candidate.device.retired || !boxContains(box, candidate.device)) continue;
        const found = seriesOf(candidate, metric);
        if (found === UNKNOWN) continue;
        deviceIds.push(candidate.device.deviceId);
        series.push(found);
      }
      if (series.length > DEVICES_MAX)
        throw new AppError('TOO_COSTLY', `within: ${series.length} devices, at most 10,000; ask for a smaller box`);
      const latest = await timeSeries.latest(Uint32Array.from(series));
      return deviceIds.flatMap((deviceId, row) => at(latest, row, deviceId, metric));
    },
    [Symbol.dispose]: () => following[Symbol.dispose](),
  };
}

/** The measurement of a row: one, or none where the series has no value. */
function at(latest: LatestColumns, row: number, deviceId: string, metric: Metric): readonly Measurement[] {
  const timeMs = latest.timeMs[row] ?? Number.NaN;
  if (Number.isNaN(timeMs)) return [];
  return [
    {
      deviceId,
      metric,
      value: latest.value[row] ?? Number.NaN,
      corrected: latest.corrected[row] ?? Number.NaN,
      timeMs,
      flags: latest.flags[row] ?? 0,
    },
  ];
}
