/**
 * The embedded time-series store alone, with 2,000 devices of five metrics: thirty days of history, then a live part as fast as it goes;
 * what that costs, what it takes on disk and in memory, and what questions cost on 23 million values.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Metric } from '@greencity/air/metric';
import type { Clock } from '@greencity/platform/clock/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { openEmbeddedTimeSeries } from '@greencity/platform/time-series/embedded/store';
import type { BucketQuery, TimeSeries } from '@greencity/platform/time-series/port';
import { type City, openCity } from './store-city.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);
const HISTORY_DAYS = 30;
const LIVE_MINUTES = 500;
const BATCH_ROWS = 10_000;
/** Devices that report every minute in the history; the others every half hour. In the live part all report every minute. */
const DENSE_DEVICES = 20;
const SPARSE_MINUTES = 30;
const METRICS: readonly Metric[] = ['PM2_5', 'PM10', 'TEMPERATURE', 'HUMIDITY', 'CO2'];

interface BenchClock extends Clock {
  set(nowMs: number): void;
  tick(): Promise<void>;
}

/** A clock that follows the data. */
function benchClock(): BenchClock {
  let nowMs = START;
  const runs: (() => void | Promise<void>)[] = [];
  return {
    nowMs: () => nowMs,
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

const round = (value: number) => Math.round(value * 1_000) / 1_000;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function residentMib(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

/** Hands the city's readings of some minutes over in batches, minute by minute. */
async function feed(
  city: City,
  minutes: readonly [from: number, to: number],
  isDue: (device: number, minute: number) => boolean,
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

interface Load {
  readonly values: number;
  readonly cpuMs: number;
  readonly seconds: number;
  readonly batchMs: readonly number[];
}

/** Writes some minutes; the CPU time of making the values, measured by a run without the store, is taken off. */
async function load(
  store: TimeSeries,
  clock: BenchClock,
  minutes: readonly [number, number],
  isDue: (device: number, minute: number) => boolean,
): Promise<Load> {
  const series = (device: number, metric: Metric) => store.series(`bench-${device}`, metric);
  const dry = openCity({ devices: 2_000, metrics: METRICS, series, rowsMax: BATCH_ROWS + 16, seed: minutes[0] + 1 });
  const dryCpu = cpuMs();
  await feed(dry, minutes, isDue, () => {});
  const making = cpuMs() - dryCpu;
  const city = openCity({ devices: 2_000, metrics: METRICS, series, rowsMax: BATCH_ROWS + 16, seed: minutes[0] + 1 });
  const batchMs: number[] = [];
  const startedMs = performance.now();
  const cpu = cpuMs();
  const values = await feed(city, minutes, isDue, async (full, nowMs) => {
    clock.set(nowMs);
    const batchStartedMs = performance.now();
    await store.write(full.points());
    batchMs.push(performance.now() - batchStartedMs);
  });
  return { values, cpuMs: cpuMs() - cpu - making, seconds: (performance.now() - startedMs) / 1_000, batchMs };
}

function percentiles(values: readonly number[]): { readonly p50: number; readonly p99: number; readonly max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function loadFigures({ values, cpuMs: cpu, seconds, batchMs }: Load): object {
  return {
    values,
    valuesPerCpuSecond: Math.round((values / cpu) * 1_000),
    cpuMicrosecondsPerValue: round((cpu * 1_000) / values),
    valuesPerSecond: Math.round(values / seconds),
    batchMs: percentiles(batchMs),
  };
}

/** CPU and wall time of a question, run again and again. */
async function ask(times: number, question: () => Promise<unknown>): Promise<object> {
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let run = 0; run < times; run++) {
    const startedMs = performance.now();
    const before = cpuMs();
    await question();
    cpu.push(cpuMs() - before);
    wall.push(performance.now() - startedMs);
  }
  const first = round(cpu[0] ?? Number.NaN);
  return { cpuMs: { first, ...percentiles(cpu) }, wallMs: percentiles(wall) };
}

/** CPU of a question that is too quick to be measured alone. */
async function askTogether(times: number, question: () => Promise<unknown>): Promise<object> {
  const before = cpuMs();
  for (let run = 0; run < times; run++) await question();
  return { cpuMs: round((cpuMs() - before) / times) };
}

async function questions(store: TimeSeries, endMs: number): Promise<object> {
  const series = (device: number, metric: Metric) => store.series(`bench-${device}`, metric);
  const one = series(3, 'PM2_5');
  const box = Uint32Array.from({ length: 1_000 }, (_, i) => series(Math.floor(i / 5) * 7, METRICS[i % 5] ?? 'CO2'));
  const city = Uint32Array.from({ length: 2_000 }, (_, device) => series(device, 'PM2_5'));
  const lastDay = START + HISTORY_DAYS * DAY;
  const hourly = { intervalMs: HOUR, statistics: ['MEAN'], excludeFlags: 0, bucketsMax: 100_000 } as const;
  const ofOne: BucketQuery = {
    ...hourly,
    series: Uint32Array.of(one),
    fromMs: lastDay - 30 * DAY,
    toMs: lastDay,
    groupBy: 'series',
  };
  const ofAll: BucketQuery = { ...hourly, series: city, fromMs: lastDay - 7 * DAY, toMs: lastDay, groupBy: 'all' };
  return {
    latestOf200Devices: await askTogether(2_000, () => store.latest(box)),
    raw24hOfOneSeries: await ask(200, () =>
      store.raw({ series: one, fromMs: endMs - DAY, toMs: endMs, pointsMax: 10_000 }),
    ),
    hourly30dOfOneSeries: await ask(200, () => store.buckets(ofOne)),
    hourly30dOfOneSeriesFromPoints: await ask(20, () => store.buckets({ ...ofOne, of: 'corrected' })),
    cityWeekHourly: await ask(60, () => store.buckets(ofAll)),
    cityWeekHourlyWithoutBad: await ask(20, () => store.buckets({ ...ofAll, excludeFlags: 11 })),
    cityWeekHourlyFromPoints: await ask(20, () => store.buckets({ ...ofAll, of: 'corrected' })),
    p95ByDevice24h: await ask(10, () =>
      store.buckets({
        ...ofAll,
        fromMs: endMs - DAY,
        toMs: endMs,
        intervalMs: null,
        statistics: ['P95'],
        groupBy: 'series',
      }),
    ),
  };
}

function bytesIn(folder: string, kind: RegExp): number {
  return readdirSync(folder)
    .filter((name) => kind.test(name))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Sends again what is stored, as a consumer does after a crash, and points that come a day late. */
async function repeated(store: TimeSeries, clock: BenchClock, values: number): Promise<object> {
  const again = await load(
    store,
    clock,
    [HISTORY_DAYS * 1_440 + LIVE_MINUTES - 20, HISTORY_DAYS * 1_440 + LIVE_MINUTES],
    () => true,
  );
  // A minute that no device reported: between two half hours, ten days ago.
  const late = await load(store, clock, [20 * 1_440 + 11, 20 * 1_440 + 16], (device) => device >= DENSE_DEVICES);
  return { again: loadFigures(again), late: loadFigures(late), of: values };
}

/** How long a write waits while the city's week is scanned. */
async function writeBehindQuery(store: TimeSeries, clock: BenchClock, fromMinute: number): Promise<object> {
  const city = Uint32Array.from({ length: 2_000 }, (_, device) => store.series(`bench-${device}`, 'PM10'));
  const scan = {
    intervalMs: HOUR,
    statistics: ['MEAN'],
    excludeFlags: 0,
    bucketsMax: 100_000,
    of: 'corrected',
  } as const;
  let scanning = true;
  const scans = (async () => {
    for (let i = 0; i < 20; i++) {
      await store.buckets({ ...scan, series: city, fromMs: START, toMs: START + HISTORY_DAYS * DAY, groupBy: 'all' });
    }
    scanning = false;
  })();
  const batchMs: number[] = [];
  for (let minute = fromMinute; scanning; minute++) {
    batchMs.push(...(await load(store, clock, [minute, minute + 1], (device) => device < 200)).batchMs);
  }
  await scans;
  return percentiles(batchMs);
}

async function reopen(options: Parameters<typeof openEmbeddedTimeSeries>[0]): Promise<object> {
  const startedMs = performance.now();
  const store = await openEmbeddedTimeSeries(options);
  const ms = round(performance.now() - startedMs);
  await store.close();
  return { ms };
}

async function measure(folder: string): Promise<object> {
  const clock = benchClock();
  const options = {
    folder,
    clock,
    log: memoryLog(),
    metrics: memoryMetrics(),
    retention: { rawMs: 60 * DAY, rollupMs: 365 * DAY },
  };
  const residentBefore = residentMib();
  const store = await openEmbeddedTimeSeries(options);
  for (let device = 0; device < 2_000; device++) for (const metric of METRICS) store.series(`bench-${device}`, metric);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const end = HISTORY_DAYS * 1_440;
  const history = await load(
    store,
    clock,
    [0, end],
    (device, minute) => device < DENSE_DEVICES || minute % SPARSE_MINUTES === 0,
  );
  const live = await load(store, clock, [end, end + LIVE_MINUTES], () => true);
  const residentAfterLoad = residentMib();
  const answers = await questions(store, START + (end + LIVE_MINUTES) * MINUTE);
  const twice = await repeated(store, clock, history.values + live.values);
  const behind = await writeBehindQuery(store, clock, end + LIVE_MINUTES + 10);
  const sealing = cpuMs();
  clock.set(START + (HISTORY_DAYS + 2) * DAY);
  await clock.tick();
  const sealCpuMs = cpuMs() - sealing;
  const values = history.values + live.values;
  const expiry = await ask(1, () => store.expire(START + 61 * DAY));
  delay.disable();
  await store.close();
  const kept = values - 24 * 60 * 5 * DENSE_DEVICES - 48 * 5 * (2_000 - DENSE_DEVICES);
  return {
    ingest: { history: loadFigures(history), live: loadFigures(live) },
    repeated: twice,
    finalSealCpuMs: round(sealCpuMs),
    bytesPerValueAtRest: {
      points: round(bytesIn(folder, /^day-/) / kept),
      withRollups: round(bytesIn(folder, /./) / kept),
    },
    residentMib: {
      before: residentBefore,
      afterLoad: residentAfterLoad,
      peak: Math.round(process.resourceUsage().maxRSS / 1_024),
    },
    questions: answers,
    writeMsWhileScanning: behind,
    expireOneDay: expiry,
    eventLoopDelayMaxMs: round(delay.max / 1e6),
    reopen: await reopen(options),
  };
}

/** Figures of the time-series store. */
export async function benchStore(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-bench-store-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
