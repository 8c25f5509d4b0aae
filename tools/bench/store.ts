/**
 * The embedded time-series store alone, with 2,000 devices of five metrics: thirty days of history, then a live part as fast as it goes;
 * what that costs, what it takes on disk and in memory, and what questions cost on 23 million values.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { openEmbeddedTimeSeries } from '@greencity/platform/time-series/embedded/store';
import type { PointColumns, TimeSeries } from '@greencity/platform/time-series/port';
import { residentMib } from './process-usage.ts';
import {
  type BenchClock,
  benchClock,
  cpuMs,
  DAY,
  HOUR,
  load,
  loadBatches,
  loadFigures,
  loopDelay,
  METRICS,
  MINUTE,
  percentiles,
  round,
  START,
} from './store-load.ts';
import { ask, questions } from './store-questions.ts';

const HISTORY_DAYS = 30;
const LIVE_MINUTES = 500;
/** Devices that report every minute in the history; the others every half hour. In the live part all report every minute. */
const DENSE_DEVICES = 20;
const DEVICES = 2_000;
const SPARSE_MINUTES = 30;
const BATCHES_AGAIN = 20;
const END = HISTORY_DAYS * 1_440;
const DEMO = 'demo';
const DEMO_DEVICES = 300;
const DEMO_MINUTES = 2 * 1_440;

function options(folder: string, clock: BenchClock) {
  const retention = { rawMs: 60 * DAY, rollupMs: 365 * DAY };
  return { folder, clock, log: memoryLog(), metrics: memoryMetrics(), retention };
}

function bytesIn(folder: string, kind: RegExp): number {
  return readdirSync(folder)
    .filter((name) => kind.test(name))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** CPU of what is due: seals, merges and roll-ups. */
async function settle(clock: BenchClock): Promise<number> {
  const before = cpuMs();
  await clock.tick();
  return cpuMs() - before;
}

function copyOf(points: PointColumns): PointColumns {
  const { length } = points;
  return {
    length,
    series: points.series.slice(0, length),
    timeMs: points.timeMs.slice(0, length),
    value: points.value.slice(0, length),
    corrected: points.corrected.slice(0, length),
    flags: points.flags.slice(0, length),
  };
}

/** Sends again what is stored, as a consumer does after a crash; and points that come ten days late, between two half hours. */
async function repeated(store: TimeSeries, clock: BenchClock, last: readonly PointColumns[]): Promise<object> {
  const again = loadFigures(await loadBatches(store, last));
  const late = loadFigures(
    await load({
      store,
      clock,
      minutes: [20 * 1_440 + 11, 20 * 1_440 + 16],
      isDue: (device) => device >= DENSE_DEVICES,
    }),
  );
  return { again, tenDaysLate: late };
}

/** How long a write waits while a month of the whole city is scanned. */
async function writeBehindQuery(store: TimeSeries, clock: BenchClock): Promise<object> {
  const series = Uint32Array.from({ length: DEVICES }, (_, device) => store.series(`bench-${device}`, 'PM10'));
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
      await store.buckets({ ...scan, series, fromMs: START, toMs: START + HISTORY_DAYS * DAY, groupBy: 'all' });
    }
    scanning = false;
  })();
  const batchMs: number[] = [];
  for (let minute = END + LIVE_MINUTES + 10; scanning; minute++) {
    batchMs.push(
      ...(await load({ store, clock, minutes: [minute, minute + 1], isDue: (device) => device < 200 })).batchMs,
    );
  }
  await scans;
  return percentiles(batchMs);
}

async function reopen(folder: string, clock: BenchClock): Promise<object> {
  const startedMs = performance.now();
  const store = await openEmbeddedTimeSeries(options(folder, clock));
  const ms = round(performance.now() - startedMs);
  await store.close();
  return { ms };
}

/** Ends the day, so that all is sealed and merged, and gives what that cost and what lies on disk. */
async function atRest(folder: string, clock: BenchClock, values: number): Promise<object> {
  clock.set(START + (HISTORY_DAYS + 2) * DAY);
  const mergeCpuMs = round(await settle(clock));
  return {
    mergeOfTheLastDaysCpuMs: mergeCpuMs,
    bytesPerValue: {
      points: round(bytesIn(folder, /^day-/) / values),
      rollups: round(bytesIn(folder, /^rollup-/) / values),
      all: round(bytesIn(folder, /./) / values),
    },
  };
}

async function measure(folder: string): Promise<object> {
  const clock = benchClock();
  const before = residentMib(process.pid);
  const store = await openEmbeddedTimeSeries(options(folder, clock));
  for (let device = 0; device < DEVICES; device++)
    for (const metric of METRICS) store.series(`bench-${device}`, metric);
  const isDue = (device: number, minute: number) => device < DENSE_DEVICES || minute % SPARSE_MINUTES === 0;
  const history = await load({ store, clock, minutes: [0, END], isDue });
  const settled = await settle(clock);
  const last: PointColumns[] = [];
  const live = await load({
    ...{ store, clock, minutes: [END, END + LIVE_MINUTES] as const, isDue: () => true },
    each: (points) => {
      last.push(copyOf(points));
      if (last.length > BATCHES_AGAIN) last.shift();
    },
  });
  const afterLoad = residentMib(process.pid);
  const values = history.values + live.values;
  const answers = await questions(store, START + (END + LIVE_MINUTES) * MINUTE, START + HISTORY_DAYS * DAY);
  const twice = await repeated(store, clock, last);
  const writeMsWhileScanning = await writeBehindQuery(store, clock);
  const rest = await atRest(folder, clock, values);
  let day = 61;
  const expireOneDay = await ask(10, () => store.expire(START + day++ * DAY));
  await store.close();
  return {
    ingest: { history: loadFigures(history), historySettleCpuMs: round(settled), live: loadFigures(live) },
    repeated: twice,
    atRest: rest,
    residentMib: {
      before: Math.round(before),
      afterLoad: Math.round(afterLoad),
      peak: Math.round(process.resourceUsage().maxRSS / 1_024),
    },
    questions: answers,
    writeMsWhileScanning,
    expireOneDay,
    eventLoopDelayMs: { p99: round(loopDelay.p99Ms), max: round(loopDelay.maxMs) },
    reopen: await reopen(folder, clock),
  };
}

/** Two days of the demo's fleet in a process of its own: what its memory grows by. */
async function demo(folder: string): Promise<void> {
  const clock = benchClock();
  const before = residentMib(process.pid);
  const store = await openEmbeddedTimeSeries(options(folder, clock));
  const opened = residentMib(process.pid);
  await load({ store, clock, minutes: [0, DEMO_MINUTES], isDue: (device) => device < DEMO_DEVICES });
  await clock.tick();
  globalThis.gc?.();
  const figures = {
    values: DEMO_MINUTES * DEMO_DEVICES * METRICS.length,
    opened: opened - before,
    loaded: residentMib(process.pid) - before,
  };
  await store.close();
  process.stdout.write(JSON.stringify(figures));
}

async function demoMemory(folder: string): Promise<object> {
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), DEMO, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text) as object;
}

/** Figures of the time-series store. */
export async function benchStore(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-bench-store-'));
  try {
    const figures = await measure(join(folder, 'city'));
    return { ...figures, demoResidentMib: await demoMemory(join(folder, DEMO)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === DEMO) await demo(process.argv[3] ?? '');
