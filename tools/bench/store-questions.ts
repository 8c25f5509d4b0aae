/** What questions cost on a store that holds a city's month. */
import { performance } from 'node:perf_hooks';
import type { Metric } from '@greencity/air/metric';
import type { BucketQuery, TimeSeries } from '@greencity/platform/time-series/port';
import { cpuMs, DAY, HOUR, METRICS, percentiles, round } from './store-load.ts';

const BAD_BITS = 11;

/** CPU and wall time of a question, run again and again. */
export async function ask(times: number, question: () => Promise<unknown>): Promise<object> {
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

/** `endMs` is the newest minute, `lastDay` the end of the last day that is rolled up. */
export async function questions(store: TimeSeries, endMs: number, lastDay: number): Promise<object> {
  const series = (device: number, metric: Metric) => store.series(`bench-${device}`, metric);
  const one = series(3, 'PM2_5');
  const box = Uint32Array.from({ length: 1_000 }, (_, i) => series(Math.floor(i / 5) * 7, METRICS[i % 5] ?? 'CO2'));
  const city = Uint32Array.from({ length: 2_000 }, (_, device) => series(device, 'PM2_5'));
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
    cityWeekHourlyWithoutBad: await ask(20, () => store.buckets({ ...ofAll, excludeFlags: BAD_BITS })),
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
