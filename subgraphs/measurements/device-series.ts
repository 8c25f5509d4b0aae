import { METRICS } from '@greencity/air/metric';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import { type NewestHumidity, noteHumidity, unknownHumidity } from './domain/humidity.ts';
import { RULES } from './domain/metric-rules.ts';
import type { SeriesHistory } from './domain/series-history.ts';

const UNKNOWN = -1;
const HUMIDITY = METRICS.indexOf('HUMIDITY');

/** What the consumer keeps of one device from reading to reading. */
export interface DeviceSeries {
  readonly deviceId: string;
  /** As it stands in JSON. */
  readonly quotedId: string;
  /** Series by place in METRICS; -1 until the metric is first seen. */
  readonly series: Int32Array;
  readonly humidity: NewestHumidity;
}

/** The devices that this process has had readings of. Grows with the fleet: about 300 bytes a device. */
export interface DeviceSeriesBook {
  /** The device, when it has been met. */
  get(deviceId: string): DeviceSeries | undefined;
  /** Meets devices: finds their series, and goes on from their newest stored values. */
  meet(deviceIds: ReadonlySet<string>): Promise<void>;
  /** Series of a metric, by its place in METRICS; made on first use. */
  seriesOf(device: DeviceSeries, metricIndex: number): number;
}

/** An empty book over a store. */
export function createDeviceSeriesBook(timeSeries: TimeSeries, history: SeriesHistory): DeviceSeriesBook {
  const met = new Map<string, DeviceSeries>();

  async function resume(device: DeviceSeries): Promise<void> {
    const places = METRICS.flatMap((_, index) => (device.series[index] === UNKNOWN ? [] : [index]));
    if (places.length === 0) return;
    const newest = await timeSeries.latest(Uint32Array.from(places, (place) => device.series[place] ?? 0));
    places.forEach((place, row) => {
      const end = {
        timeMs: newest.timeMs[row] ?? Number.NaN,
        value: newest.value[row] ?? Number.NaN,
        flags: newest.flags[row] ?? 0,
      };
      if (Number.isNaN(end.timeMs) || !RULES[place]) return;
      history.resume(device.series[place] ?? 0, end);
      if (place === HUMIDITY) noteHumidity(device.humidity, end.timeMs, end.value, end.flags);
    });
  }

  function unmet(deviceId: string): DeviceSeries {
    return {
      deviceId,
      quotedId: JSON.stringify(deviceId),
      series: Int32Array.from(METRICS, (metric) => timeSeries.findSeries(deviceId, metric) ?? UNKNOWN),
      humidity: unknownHumidity(),
    };
  }

  return {
    get: (deviceId) => met.get(deviceId),
    async meet(deviceIds) {
      const devices = [...deviceIds].filter((deviceId) => !met.has(deviceId)).map(unmet);
      await Promise.all(devices.map(resume));
      // Only now: when the store did not answer, the next attempt must meet them anew.
      for (const device of devices) met.set(device.deviceId, device);
    },
    seriesOf(device, metricIndex) {
      const known = device.series[metricIndex] ?? UNKNOWN;
      if (known !== UNKNOWN) return known;
      const metric = METRICS[metricIndex];
      if (!metric) throw new Error(`expected a place in METRICS, got ${metricIndex}`);
      const made = timeSeries.series(device.deviceId, metric);
      device.series[metricIndex] = made;
      return made;
    },
  };
}
