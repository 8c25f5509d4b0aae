import { seededChance } from '@greencity/air/chance';
import type { Metric } from '@greencity/air/metric';
import type { PointColumns } from '@greencity/platform/time-series/port';

/** A city of sensors for benchmarks: values wander and return (AR(1)), rounded as the sensor rounds them; a fifth of the readings is a second late, one value in a hundred is BAD. */
export interface City {
  readonly devices: number;
  /** Adds a reading of all metrics of a device. */
  add(device: number, timeMs: number): void;
  length(): number;
  /** What was added; valid until `clear`. */
  points(): PointColumns;
  clear(): void;
}

interface Wander {
  readonly mean: number;
  /** Standard deviation of one step, and what the sensor rounds to. */
  readonly step: number;
  readonly unit: number;
}

const WANDER: Readonly<Partial<Record<Metric, Wander>>> = {
  PM2_5: { mean: 12, step: 0.3, unit: 10 },
  PM10: { mean: 20, step: 0.3, unit: 10 },
  TEMPERATURE: { mean: 15, step: 0.05, unit: 10 },
  HUMIDITY: { mean: 60, step: 0.2, unit: 10 },
  CO2: { mean: 450, step: 2, unit: 1 },
};
const RETURN_SHARE = 0.02;
const LATE_SHARE = 0.2;
const BAD_SHARE = 0.01;
const BAD_FLAG = 1;
const SECOND_MS = 1_000;

export interface CityOptions {
  readonly devices: number;
  readonly metrics: readonly Metric[];
  readonly series: (device: number, metric: Metric) => number;
  readonly rowsMax: number;
  readonly seed: number;
}

/** A city with room for so many rows at a time. */
export function openCity({ devices, metrics, series, rowsMax, seed }: CityOptions): City {
  const random = seededChance(seed);
  const ids = Uint32Array.from({ length: devices * metrics.length }, (_, i) =>
    series(Math.floor(i / metrics.length), metrics[i % metrics.length] ?? 'CO2'),
  );
  const wanders = metrics.map((metric) => WANDER[metric] ?? { mean: 0, step: 1, unit: 1 });
  const state = Float64Array.from(ids, (_, i) => wanders[i % metrics.length]?.mean ?? 0);
  const columns = {
    series: new Uint32Array(rowsMax),
    timeMs: new Float64Array(rowsMax),
    value: new Float64Array(rowsMax),
    corrected: new Float64Array(rowsMax).fill(Number.NaN),
    flags: new Uint8Array(rowsMax),
  };
  let length = 0;
  return {
    devices,
    add: (device, timeMs) => {
      const measuredMs = random() < LATE_SHARE ? timeMs + SECOND_MS : timeMs;
      for (let metric = 0; metric < wanders.length; metric++) {
        const wander = wanders[metric] as Wander;
        const place = device * wanders.length + metric;
        // The sum of three even chances is close enough to a normal one; its standard deviation is 1/2.
        const step = (random() + random() + random() - 1.5) * 2 * wander.step;
        const before = state[place] as number;
        const now = Math.max(0, before + (wander.mean - before) * RETURN_SHARE + step);
        state[place] = now;
        columns.series[length] = ids[place] as number;
        columns.timeMs[length] = measuredMs;
        columns.value[length] = Math.round(now * wander.unit) / wander.unit;
        columns.flags[length++] = random() < BAD_SHARE ? BAD_FLAG : 0;
      }
    },
    length: () => length,
    points: () => ({ length, ...columns }),
    clear: () => {
      length = 0;
    },
  };
}
