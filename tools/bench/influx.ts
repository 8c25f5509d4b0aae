/** The time-series store on a real InfluxDB: what a reading costs us and the server, what questions take, and what it costs to roll a day up. */
import { performance } from 'node:perf_hooks';
import type { Metric } from '@greencity/air/metric';
import type { Clock } from '@greencity/platform/clock/port';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { openInfluxTimeSeries } from '@greencity/platform/time-series/influx/store';
import type { BucketQuery, PointColumns, TimeSeries } from '@greencity/platform/time-series/port';
import { type Influx, startInflux } from '../engines/influx.ts';
import { cpuMicroseconds, percentile } from './process-usage.ts';

const METRICS: readonly Metric[] = ['PM2_5', 'PM10', 'TEMPERATURE', 'HUMIDITY', 'PRESSURE'];
const DEVICES = 2_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A day of which the first minutes are measured; the server takes points of any age here. */
const START_MS = Date.UTC(2026, 2, 10);
const WARM_MINUTES = 10;
const MINUTES = 90;
const RUNS = 20;

interface City {
  readonly influx: Influx;
  readonly store: TimeSeries;
  readonly series: Uint32Array;
}

/** One minute of the city: a reading of five values from each device, as the consumer hands them on. */
function minuteOf(series: Uint32Array, minute: number): PointColumns {
  const length = series.length;
  const points = {
    ...{ length, series, timeMs: new Float64Array(length), value: new Float64Array(length) },
    ...{ corrected: new Float64Array(length).fill(Number.NaN), flags: new Uint8Array(length) },
  };
  for (let row = 0; row < length; row++) {
    const device = Math.floor(row / METRICS.length);
    points.timeMs[row] = START_MS + minute * MINUTE_MS + (device % 60) * 1_000;
    points.value[row] = ((row * 7 + minute * 13) % 1_000) / 10;
    if (row % METRICS.length < 2) points.corrected[row] = (points.value[row] as number) / 2;
    points.flags[row] = device % 100 === 0 ? 2 : 0;
  }
  return points;
}

const round = (value: number) => Math.round(value * 100) / 100;

interface Usage {
  readonly wallMs: number;
  readonly ourCpuUs: number;
  readonly serverCpuUs: number;
}

async function used({ influx }: City, work: () => Promise<unknown>): Promise<Usage> {
  const [ours, server, startedMs] = [process.cpuUsage(), cpuMicroseconds(influx.pid ?? 0), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(ours);
  return {
    wallMs: performance.now() - startedMs,
    ourCpuUs: user + system,
    serverCpuUs: cpuMicroseconds(influx.pid ?? 0) - server,
  };
}

async function ingest(city: City, readingsPerBatch: number, from: number): Promise<object> {
  const rows = readingsPerBatch * METRICS.length;
  const { wallMs, ourCpuUs, serverCpuUs } = await used(city, async () => {
    for (let minute = from; minute < from + MINUTES; minute++) {
      const points = minuteOf(city.series, minute);
      for (let at = 0; at < points.length; at += rows) await city.store.write(part(points, at, at + rows));
    }
  });
  const readings = MINUTES * DEVICES;
  return {
    readingsPerBatch,
    readingsPerSecond: Math.round((readings / wallMs) * 1_000),
    ourCpuUsPerReading: round(ourCpuUs / readings),
    readingsPerCoreSecondOfOurs: Math.round((readings / ourCpuUs) * 1_000_000),
    serverCpuUsPerReading: round(serverCpuUs / readings),
    readingsPerCoreSecondOfBoth: Math.round((readings / (ourCpuUs + serverCpuUs)) * 1_000_000),
  };
}

function part({ series, timeMs, value, corrected, flags }: PointColumns, from: number, to: number): PointColumns {
  const length = Math.min(to, series.length) - from;
  const cut = <T extends Float64Array | Uint32Array | Uint8Array>(column: T) =>
    column.subarray(from, from + length) as T;
  return {
    ...{ length, series: cut(series), timeMs: cut(timeMs) },
    ...{ value: cut(value), corrected: cut(corrected), flags: cut(flags) },
  };
}

async function timed(city: City, runs: number, work: () => Promise<unknown>): Promise<object> {
  const wall: number[] = [];
  const total = await used(city, async () => {
    for (let run = 0; run < runs; run++) {
      const startedMs = performance.now();
      await work();
      wall.push(performance.now() - startedMs);
    }
  });
  wall.sort((a, b) => a - b);
  return {
    p50Ms: round(percentile(wall, 0.5)),
    p99Ms: round(percentile(wall, 0.99)),
    ourCpuMs: round(total.ourCpuUs / runs / 1_000),
    serverCpuMs: round(total.serverCpuUs / runs / 1_000),
  };
}

async function questions(city: City): Promise<object> {
  const { store, series } = city;
  const box = series.subarray(0, 200 * METRICS.length);
  const one = Uint32Array.of(0);
  const cityWide = series.filter((_, row) => row % METRICS.length === 0);
  const day = { fromMs: START_MS, toMs: START_MS + DAY_MS };
  const base: BucketQuery = {
    ...{ ...day, series: one, intervalMs: HOUR_MS, statistics: ['MEAN'], excludeFlags: 0 },
    ...{ groupBy: 'series', bucketsMax: 100_000 },
  };
  return {
    newestOf200Devices: await timed(city, RUNS, () => store.latest(box)),
    rawOneSeries: await timed(city, RUNS, () => store.raw({ ...day, series: 0, pointsMax: 10_000 })),
    hourlyMeanOneSeries: await timed(city, RUNS, () => store.buckets(base)),
    cityHourlyMean: await timed(city, 3, () => store.buckets({ ...base, series: cityWide, groupBy: 'all' })),
    p95By200Devices: await timed(city, 3, () =>
      store.buckets({ ...base, series: cityWide.subarray(0, 200), statistics: ['P95'], intervalMs: null }),
    ),
    batchOf10000StoredAlready: await timed(city, 3, () => store.write(minuteOf(series, WARM_MINUTES + 1))),
  };
}

/** Figures of the store on InfluxDB. */
export async function benchInflux(): Promise<object> {
  await using influx = await startInflux();
  const clock: Clock = { ...systemClock(), nowMs: () => START_MS + DAY_MS };
  const retention = { rawMs: 30 * DAY_MS, rollupMs: 365 * DAY_MS };
  const { url, org, token } = influx;
  const options = { url, org, token, bucket: 'bench', retention, clock, log: memoryLog(), metrics: memoryMetrics() };
  const open = () => openInfluxTimeSeries({ ...options, onServer: 'for-ever' });
  await using store = await open();
  const series = Uint32Array.from({ length: DEVICES * METRICS.length }, (_, row) =>
    store.series(`device-${Math.floor(row / METRICS.length)}`, METRICS[row % METRICS.length] as Metric),
  );
  const city: City = { influx, store, series };
  for (let minute = 0; minute < WARM_MINUTES; minute++) await store.write(minuteOf(series, minute));
  const batches: Record<string, object> = {};
  for (const [place, readings] of [2_000, 200].entries()) {
    batches[`batchesOf${readings}`] = await ingest(city, readings, WARM_MINUTES + place * MINUTES);
  }
  const answers = await questions(city);
  const points = series.length * (WARM_MINUTES + 2 * MINUTES);
  const reopening = await used(city, async () => (await open()).close());
  const sealing = await used(city, () => store.expire(START_MS + 33 * DAY_MS));
  return {
    ...{ devices: DEVICES, metrics: METRICS.length, points, ingest: batches, questions: answers },
    opening: { wallMs: round(reopening.wallMs), serverCpuMs: round(reopening.serverCpuUs / 1_000) },
    rollingUp: {
      wallMs: round(sealing.wallMs),
      ourCpuUsPerPoint: round(sealing.ourCpuUs / points),
      serverCpuUsPerPoint: round(sealing.serverCpuUs / points),
    },
  };
}
