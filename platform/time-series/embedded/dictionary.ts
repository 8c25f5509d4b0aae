import { METRICS, type Metric } from '@greencity/air/metric';
import type { LatestColumns, PointColumns, SeriesId } from '../port.ts';
import type { NewNames, Opened } from './messages.ts';

/** Which series there are, and the newest point of each, on the side of the caller: asked for at every reading and every map view. */
export interface Dictionary {
  id(deviceId: string, metric: Metric): SeriesId;
  find(deviceId: string, metric: Metric): SeriesId | undefined;
  count(): number;
  /** Series from `first` on, as the store's thread wants them named. */
  namesFrom(first: number): NewNames | undefined;
  /** Remembers points that were stored, where they are the newest. */
  remember(points: PointColumns, rawFloorMs: number): void;
  /** Forgets points older than this. */
  forget(beforeMs: number): void;
  latest(series: Uint32Array): LatestColumns;
  /** Time of the newest point of a series; NaN where it has none. */
  newestMs(series: SeriesId): number;
}

const NO_SERIES = -1;
const METRIC_NUMBER: Readonly<Record<string, number>> = Object.fromEntries(
  METRICS.map((metric, number) => [metric, number]),
);

function numberOf(metric: Metric): number {
  const number = METRIC_NUMBER[metric];
  if (number === undefined) throw new RangeError(`expected a metric, got ${metric}`);
  return number;
}

interface Newest {
  timeMs: Float64Array;
  value: Float64Array;
  corrected: Float64Array;
  flags: Uint8Array;
}

function withRoom(newest: Newest, count: number): void {
  if (count <= newest.timeMs.length) return;
  const capacity = Math.max(64, Math.ceil(count * 1.5));
  const grown = (column: Float64Array) => {
    const into = new Float64Array(capacity).fill(Number.NaN, column.length);
    into.set(column);
    return into;
  };
  newest.timeMs = grown(newest.timeMs);
  newest.value = grown(newest.value);
  newest.corrected = grown(newest.corrected);
  const flags = new Uint8Array(capacity);
  flags.set(newest.flags);
  newest.flags = flags;
}

function remember(newest: Newest, points: PointColumns, rawFloorMs: number): void {
  const { timeMs, value, corrected, flags } = newest;
  for (let row = 0; row < points.length; row++) {
    const series = points.series[row] as number;
    const time = points.timeMs[row] as number;
    // False for an older point and for one of the same time, true where there is none yet, which is NaN.
    if (time <= (timeMs[series] as number) || time < rawFloorMs) continue;
    timeMs[series] = time;
    value[series] = (points.value[row] as number) + 0;
    corrected[series] = points.corrected[row] as number;
    flags[series] = points.flags[row] as number;
  }
}

function latest(newest: Newest, series: Uint32Array): LatestColumns {
  const count = series.length;
  const columns = {
    timeMs: new Float64Array(count),
    value: new Float64Array(count),
    corrected: new Float64Array(count),
    flags: new Uint8Array(count),
  };
  for (let i = 0; i < count; i++) {
    const id = series[i] as number;
    columns.timeMs[i] = newest.timeMs[id] ?? Number.NaN;
    columns.value[i] = newest.value[id] ?? Number.NaN;
    columns.corrected[i] = newest.corrected[id] ?? Number.NaN;
    columns.flags[i] = newest.flags[id] ?? 0;
  }
  return columns;
}

function forget(newest: Newest, beforeMs: number): void {
  for (let id = 0; id < newest.timeMs.length; id++) {
    if (!((newest.timeMs[id] as number) < beforeMs)) continue;
    newest.timeMs[id] = Number.NaN;
    newest.value[id] = Number.NaN;
    newest.corrected[id] = Number.NaN;
    newest.flags[id] = 0;
  }
}

/** A dictionary of the series that a store held when it was opened. */
export function openDictionary(opened: Opened): Dictionary {
  const byDevice = new Map<string, Int32Array>();
  const deviceIds: string[] = [];
  const metrics: number[] = [];
  const newest: Newest = {
    timeMs: opened.timeMs,
    value: opened.value,
    corrected: opened.corrected,
    flags: opened.flags,
  };

  function add(deviceId: string, metric: number): number {
    let ids = byDevice.get(deviceId);
    if (!ids) {
      ids = new Int32Array(METRICS.length).fill(NO_SERIES);
      byDevice.set(deviceId, ids);
    }
    const id = deviceIds.length;
    ids[metric] = id;
    deviceIds.push(deviceId);
    metrics.push(metric);
    withRoom(newest, deviceIds.length);
    return id;
  }
  function find(deviceId: string, metric: number): number {
    return byDevice.get(deviceId)?.[metric] ?? NO_SERIES;
  }
  for (const [id, deviceId] of opened.deviceIds.entries()) add(deviceId, opened.metrics[id] as number);
  return {
    id: (deviceId, metric) => {
      const number = numberOf(metric);
      const known = find(deviceId, number);
      return known === NO_SERIES ? add(deviceId, number) : known;
    },
    find: (deviceId, metric) => {
      const known = find(deviceId, numberOf(metric));
      return known === NO_SERIES ? undefined : known;
    },
    count: () => deviceIds.length,
    namesFrom: (first) =>
      first < deviceIds.length ? { deviceIds: deviceIds.slice(first), metrics: metrics.slice(first) } : undefined,
    remember: (points, rawFloorMs) => remember(newest, points, rawFloorMs),
    forget: (beforeMs) => forget(newest, beforeMs),
    latest: (series) => latest(newest, series),
    newestMs: (series) => newest.timeMs[series] ?? Number.NaN,
  };
}
