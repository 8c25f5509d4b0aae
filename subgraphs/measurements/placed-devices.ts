import type { Metric } from '@greencity/air/metric';
import type { Box } from '@greencity/air/place';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { SeriesId, TimeSeries } from '@greencity/platform/time-series/port';
import type { DeviceChanged } from '@greencity/schema/events/device';

/** A device in a box, and its series of the metric asked for. */
export interface PlacedSeries {
  readonly deviceIds: readonly string[];
  readonly series: readonly SeriesId[];
}

/** Where all devices are, in columns, so that a map view over ten thousand of them is a scan of a few microseconds. */
export interface PlacedDevices extends Disposable {
  /** Devices in a box, its edges included, that have measured this and are not retired; in the order they became known. */
  within(box: Box, metric: Metric): PlacedSeries;
}

const UNKNOWN = -1;
const ROWS_AT_FIRST = 1_024;

/** The devices of a directory, followed until disposed of. */
export function createPlacedDevices(timeSeries: TimeSeries, directory: DeviceDirectory): PlacedDevices {
  const deviceIds: string[] = [];
  const rowOf = new Map<string, number>();
  let latitude = new Float64Array(ROWS_AT_FIRST);
  let longitude = new Float64Array(ROWS_AT_FIRST);
  /** For each metric the series by row: looked up by name once, which would else cost more than the rest. */
  const seriesByMetric = new Map<Metric, Int32Array>();

  function place(device: DeviceChanged): void {
    let row = rowOf.get(device.deviceId);
    if (row === undefined) {
      row = deviceIds.push(device.deviceId) - 1;
      rowOf.set(device.deviceId, row);
      if (row === latitude.length) {
        latitude = grown(latitude);
        longitude = grown(longitude);
      }
    }
    // A retired device is nowhere: NaN lies in no box.
    latitude[row] = device.retired ? Number.NaN : device.latitude;
    longitude[row] = device.longitude;
  }

  function seriesColumn(metric: Metric): Int32Array {
    const known = seriesByMetric.get(metric);
    if (known && known.length >= deviceIds.length) return known;
    const column = new Int32Array(latitude.length).fill(UNKNOWN);
    if (known) column.set(known);
    seriesByMetric.set(metric, column);
    return column;
  }

  function seriesOf(column: Int32Array, row: number, metric: Metric): number {
    const known = column[row] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    const found = timeSeries.findSeries(deviceIds[row] ?? '', metric) ?? UNKNOWN;
    column[row] = found;
    return found;
  }

  for (const device of directory.devices()) place(device);
  const following = directory.onDevice(place);

  return {
    within({ west, south, east, north }, metric) {
      const column = seriesColumn(metric);
      const crossesAntimeridian = west > east;
      const found = { deviceIds: [] as string[], series: [] as SeriesId[] };
      for (let row = 0; row < deviceIds.length; row += 1) {
        const lat = latitude[row] ?? Number.NaN;
        if (!(lat >= south && lat <= north)) continue;
        const lon = longitude[row] ?? Number.NaN;
        if (crossesAntimeridian ? lon < west && lon > east : lon < west || lon > east) continue;
        const series = seriesOf(column, row, metric);
        if (series === UNKNOWN) continue;
        found.deviceIds.push(deviceIds[row] ?? '');
        found.series.push(series);
      }
      return found;
    },
    [Symbol.dispose]: () => following[Symbol.dispose](),
  };
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const next = new Float64Array(column.length * 2);
  next.set(column);
  return next;
}
