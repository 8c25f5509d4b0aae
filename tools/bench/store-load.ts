/** Puts a city's readings into a store, and measures what that costs. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Metric } from '@greencity/air/metric';
import type { Clock } from '@greencity/platform/clock/port';
import type { PointColumns, TimeSeries } from '@greencity/platform/time-series/port';
import { type City, openCity } from './store-city.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const START = Date.UTC(2026, 0, 5);
export const METRICS: readonly Metric[] = ['PM2_5', 'PM10', 'TEMPERATURE', 'HUMIDITY', 'CO2'];
const BATCH_ROWS = 10_000;
const DEVICES = 2_000;

/** A clock that a benchmark sets. */
export interface BenchClock extends Clock {
  set(nowMs: number): void;
  tick(): Promise<void>;
}

/** A clock that follows the data. */
export function benchClock(): BenchClock {
  let nowMs = START;
  const runs: (() => void | Promise<void>)[] = [];
  return {
    nowMs: () => nowMs,
    elapsedMs: () => nowMs,
    every: (_intervalMs, run) => {
      runs.push(run);
      return { [Symbol.dispose]: () => {} };
    },
    sleep: () => Promise.resolve(),
    set: (now) => {
      nowMs = now;
    },
    tick: async () => {
      for (const run of runs) await run();
    },
  };
}

/** To three decimals. */
export const round = (value: number) => Math.round(value * 1_000) / 1_000;

/** CPU time of all threads of this process. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Hands the city's readings of some minutes over in batches, minute by minute. */
async function feed(
  city: City,
  minutes: readonly [from: number, to: number],
  isDue: IsDue,
  take: (city: City, nowMs: number) => Promise<void> | void,
): Promise<number> {
  let rows = 0;
  for (let minute = minutes[0]; minute < minutes[1]; minute++) {
    const timeMs = START + minute * MINUTE;
    for (let device = 0; device < city.devices; device++) {
      if (!isDue(device, minute)) continue;
      city.add(device, timeMs);
      if (city.length() < BATCH_ROWS) continue;
      rows += city.length();
      await take(city, timeMs);
      city.clear();
    }
  }
  rows += city.length();
  await take(city, START + minutes[1] * MINUTE);
  city.clear();
  return rows;
}

/** Which devices report in which minute. */
export type IsDue = (device: number, minute: number) => boolean;

export interface Load {
  readonly values: number;
  readonly cpuMs: number;
  readonly seconds: number;
  readonly batchMs: readonly number[];
}

/** The longest that the caller's thread was kept while it wrote, over all loads. */
export const loopDelay = { maxMs: 0, p99Ms: 0 };

export interface LoadOptions {
  readonly store: TimeSeries;
  readonly clock: BenchClock;
  /** From the first minute up to but not including the last. */
  readonly minutes: readonly [number, number];
  readonly isDue: IsDue;
  /** Sees each batch before it is written. */
  readonly each?: (points: PointColumns) => void;
}

function cityOf({ store, minutes }: LoadOptions): City {
  const series = (device: number, metric: Metric) => store.series(`bench-${device}`, metric);
  return openCity({ devices: DEVICES, metrics: METRICS, series, rowsMax: BATCH_ROWS + 16, seed: minutes[0] + 1 });
}

/** Writes some minutes; the CPU time of making the values, measured by a run without the store, is taken off. */
export async function load(options: LoadOptions): Promise<Load> {
  const { store, clock, minutes, isDue, each } = options;
  const dryCpu = cpuMs();
  await feed(cityOf(options), minutes, isDue, () => {});
  const making = cpuMs() - dryCpu;
  const batchMs: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  delay.enable();
  const startedMs = performance.now();
  const cpu = cpuMs();
  const values = await feed(cityOf(options), minutes, isDue, async (full, nowMs) => {
    clock.set(nowMs);
    const points = full.points();
    each?.(points);
    const batchStartedMs = performance.now();
    await store.write(points);
    batchMs.push(performance.now() - batchStartedMs);
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  const spent = cpuMs() - cpu - making;
  delay.disable();
  loopDelay.maxMs = Math.max(loopDelay.maxMs, delay.max / 1e6);
  loopDelay.p99Ms = Math.max(loopDelay.p99Ms, delay.percentile(99) / 1e6);
  return { values, cpuMs: spent, seconds, batchMs };
}

/** Writes batches as they are, one after the other. */
export async function loadBatches(store: TimeSeries, batches: readonly PointColumns[]): Promise<Load> {
  const batchMs: number[] = [];
  let values = 0;
  const startedMs = performance.now();
  const cpu = cpuMs();
  for (const batch of batches) {
    const batchStartedMs = performance.now();
    await store.write(batch);
    batchMs.push(performance.now() - batchStartedMs);
    values += batch.length;
  }
  return { values, cpuMs: cpuMs() - cpu, seconds: (performance.now() - startedMs) / 1_000, batchMs };
}

/** The middle, the 99th percentile and the largest. */
export function percentiles(values: readonly number[]): {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** A load as it is printed. */
export function loadFigures({ values, cpuMs: cpu, seconds, batchMs }: Load): object {
  return {
    values,
    valuesPerCpuSecond: Math.round((values / cpu) * 1_000),
    cpuMicrosecondsPerValue: round((cpu * 1_000) / values),
    valuesPerSecond: Math.round(values / seconds),
    batchMs: percentiles(batchMs),
  };
}
