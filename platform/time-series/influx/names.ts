import { METRICS, type Metric } from '@greencity/air/metric';
import { type Dictionary, openDictionary } from '../embedded/dictionary.ts';
import type { SeriesId } from '../port.ts';

/** Device and metric of each series, and the newest point of each. */
export interface Names extends Dictionary {
  deviceOf(series: SeriesId): string;
  metricOf(series: SeriesId): Metric;
  /** How many devices have a series of this metric. */
  devicesWith(metric: Metric): number;
}

/** Names of a store that nothing is known of yet. */
export function openNames(): Names {
  const none = { timeMs: new Float64Array(0), value: new Float64Array(0), corrected: new Float64Array(0) };
  const flags = new Uint8Array(0);
  const dictionary = openDictionary({ deviceIds: [], metrics: new Uint8Array(0), ...none, flags, rawFloorMs: 0 });
  const deviceIds: string[] = [];
  const metrics: Metric[] = [];
  const devices = new Map<Metric, number>();
  const follow = (series: SeriesId) => {
    if (series < deviceIds.length) return;
    const more = dictionary.namesFrom(deviceIds.length);
    for (const [place, deviceId] of (more?.deviceIds ?? []).entries()) {
      deviceIds.push(deviceId);
      const metric = METRICS[more?.metrics[place] as number] as Metric;
      metrics.push(metric);
      devices.set(metric, (devices.get(metric) ?? 0) + 1);
    }
  };
  return {
    ...dictionary,
    deviceOf(series) {
      follow(series);
      const deviceId = deviceIds[series];
      if (deviceId === undefined) throw new RangeError(`expected a series of this store, got ${series}`);
      return deviceId;
    },
    devicesWith(metric) {
      follow(dictionary.count() - 1);
      return devices.get(metric) ?? 0;
    },
    metricOf(series) {
      follow(series);
      return metrics[series] as Metric;
    },
  };
}
