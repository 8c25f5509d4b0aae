import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BAD_BITS } from '@greencity/air/quality';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ManualClock, manualClock } from '../../clock/manual-clock.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { memoryMetrics } from '../../metrics/memory-metrics.ts';
import { type PointLike, pointColumns } from '../contract.ts';
import type { BucketQuery, TimeSeries } from '../port.ts';
import { bucketQuery } from './bucket-query.ts';
import { diskFiles } from './files.ts';
import { DAY, HOUR, openForTest } from './fixtures/open-for-test.ts';
import { run, testEngine } from './fixtures/test-engine.ts';
import { maintain } from './maintenance.ts';
import type { Request } from './messages.ts';
import { rawQuery } from './raw-query.ts';
import { openStore } from './store.ts';
import { startThread, type Thread } from './thread.ts';

const START = Date.UTC(2026, 2, 10);
const MINUTE = 60_000;
const TICK = 10_000;

let folder: string;
let clock: ManualClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'greencity-life-'));
  clock = manualClock(START);
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (store: TimeSeries, points: readonly PointLike[]) => store.write(pointColumns(points));
const minutes = (series: number, from: number, to: number): PointLike[] =>
  Array.from({ length: to - from }, (_, i) => ({
    series,
    timeMs: START + (from + i) * MINUTE,
    value: (from + i) / 10,
  }));
const named = (start: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith(start))
    .sort();
const count = async (store: TimeSeries, series: number) =>
  (await store.raw({ series, fromMs: START - DAY, toMs: START + 90 * DAY, pointsMax: 200_000 })).timeMs.length;

describe('how the embedded store ages', () => {
  it('seals and rolls up a day an hour after it has ended, not before', async () => {
    await using store = await openForTest({ folder, clock });
    const series = store.series('device', 'PM10');
    await clock.advance(TICK);
    await write(store, minutes(series, 0, 100));
    await clock.advance(DAY + HOUR - 2 * TICK);
    expect(named('day-')).toEqual([]);
    await clock.advance(TICK);
    expect(named('day-').length).toBe(1);
    expect(named('rollup-').length).toBe(1);
    expect(await count(store, series)).toBe(100);
  }, 30_000);

  it('seals when memory is full, and keeps one log file of what is not sealed', async () => {
    await using store = await openForTest({ folder, clock, hotPointsMax: 100 });
    const series = store.series('device', 'PM10');
    for (let batch = 0; batch < 10; batch++) await write(store, minutes(series, batch * 30, batch * 30 + 30));
    await clock.advance(TICK);
    expect(named('day-').length).toBeGreaterThan(1);
    expect(named('log-').length).toBe(1);
    expect(named('series-').length).toBe(1);
    expect(await count(store, series)).toBe(300);
  });

  it('counts late points of a rolled-up day at once, and merges them into its files', async () => {
    const series = 0;
    const hours: BucketQuery = {
      ...{ series: Uint32Array.of(series), fromMs: START, toMs: START + DAY, groupBy: 'series', bucketsMax: 100 },
      ...{ intervalMs: HOUR, statistics: ['COUNT', 'MAX'], excludeFlags: 0 },
    };
    const expectHours = async (store: TimeSeries) => {
      const found = await store.buckets(hours);
      expect([...found.count]).toEqual([61, 5]);
      expect([...(found.statistics.MAX ?? [])]).toEqual([99, 7.4]);
    };
    clock = manualClock(START + 3 * DAY);
    const store = await openForTest({ folder, clock });
    store.series('device', 'PM10');
    await write(store, [...minutes(series, 0, 60), ...minutes(series, 1_440, 1_500)]);
    await clock.advance(TICK);
    expect([named('day-').length, named('rollup-').length]).toEqual([2, 2]);
    await write(store, [{ series, timeMs: START + 30, value: 99 }, ...minutes(series, 70, 75)]);
    await expectHours(store);
    await store.close();
    clock = manualClock(START + 4 * DAY);
    await using later = await openForTest({ folder, clock });
    await expectHours(later);
    await clock.advance(TICK);
    expect([named('day-').length, named('rollup-').length]).toEqual([2, 2]);
    await expectHours(later);
  });

  it('removes a day with one unlink when its raw points expire, and forgets the newest point of a silent device', async () => {
    await using store = await openForTest({ folder, clock, retention: { rawMs: 2 * DAY, rollupMs: 5 * DAY } });
    const [silent, alive] = [store.series('silent', 'PM10'), store.series('alive', 'PM10')];
    await write(store, [
      ...minutes(silent, 0, 10),
      ...minutes(alive, 0, 10),
      ...minutes(alive, 4 * 1_440, 4 * 1_440 + 10),
    ]);
    await store.expire(START + 4 * DAY);
    expect(named('day-').map((name) => name.slice(0, 14))).toEqual(['day-2026-03-14']);
    expect(named('rollup-').map((name) => name.slice(0, 17))).toEqual(['rollup-2026-03-10']);
    expect((await store.latest(Uint32Array.of(silent, alive))).value[0]).toBeNaN();
    expect((await store.latest(Uint32Array.of(silent, alive))).value[1]).toBe(576.9);
    await store.expire(START + 7 * DAY);
    expect(named('rollup-').map((name) => name.slice(0, 17))).toEqual(['rollup-2026-03-14']);
  });

  it('does not store a point that is older than the retention, and says so', async () => {
    const log = memoryLog();
    await using store = await openForTest({ folder, clock, log, retention: { rawMs: DAY, rollupMs: 90 * DAY } });
    const series = store.series('device', 'PM10');
    await store.expire(START + 10 * DAY);
    const outcome = await write(store, [
      { series, timeMs: START, value: 1 },
      { series, timeMs: START + 10 * DAY, value: 2 },
    ]);
    expect(outcome.duplicates.length + outcome.conflicts.length).toBe(0);
    expect(await count(store, series)).toBe(1);
    expect(log.entries.some(({ level, attributes }) => level === 'warn' && attributes['rows'] === 1)).toBe(true);
  });

  it('opens to the same answers when it was closed in the middle of everything', async () => {
    let store = await openForTest({ folder, clock, hotPointsMax: 50 });
    const series = store.series('device', 'PM10');
    const writes = Array.from({ length: 30 }, (_, batch) => write(store, minutes(series, batch * 20, batch * 20 + 20)));
    const closing = Promise.all(writes).then(() => store.close());
    await closing;
    await expect(write(store, minutes(series, 0, 1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    store = await openForTest({ folder, clock, hotPointsMax: 50 });
    expect(await count(store, store.series('device', 'PM10'))).toBe(600);
    await store.close();
  });
});

describe('the embedded store under many calls at once', () => {
  it('shows each query every point that was acknowledged before it, once, while it seals and merges', async () => {
    await using store = await openForTest({ folder, clock, hotPointsMax: 300 });
    const series = Array.from({ length: 5 }, (_, i) => store.series(`device-${i}`, 'PM10'));
    let acknowledged = 0;
    let writing = true;
    const writer = (async () => {
      for (let batch = 0; batch < 200; batch++) {
        await write(
          store,
          series.flatMap((id) => minutes(id, batch * 10, batch * 10 + 10)),
        );
        acknowledged = (batch + 1) * 10;
        if (batch % 50 === 49) await clock.advance(TICK);
      }
      writing = false;
    })();
    const all: BucketQuery = {
      ...{
        series: Uint32Array.from(series),
        fromMs: START,
        toMs: START + 9 * DAY,
        intervalMs: null,
        statistics: ['COUNT'],
      },
      ...{ excludeFlags: 0, groupBy: 'series', bucketsMax: 100 },
    };
    let queries = 0;
    while (writing) {
      const before = acknowledged;
      const { count: counts } = await store.buckets(all);
      for (const each of counts) {
        expect(each).toBeGreaterThanOrEqual(before);
        expect(each).toBeLessThanOrEqual(2_000);
      }
      if (before > 0) expect(counts.length).toBe(5);
      queries++;
    }
    await writer;
    expect(queries).toBeGreaterThan(3);
    expect([...(await store.buckets(all)).count]).toEqual([2_000, 2_000, 2_000, 2_000, 2_000]);
  }, 30_000);

  it('answers writes that were sent together in their order: what an earlier one stored is a duplicate in a later one', async () => {
    await using store = await openForTest({ folder, clock });
    const series = store.series('device', 'PM10');
    const outcomes = await Promise.all(
      [minutes(series, 0, 10), minutes(series, 5, 15), minutes(series, 0, 20)].map((batch) => write(store, batch)),
    );
    expect(outcomes.map(({ duplicates }) => duplicates.length)).toEqual([0, 5, 15]);
    expect(await count(store, series)).toBe(20);
  });
});

describe('mistakes of the caller', () => {
  it('are refused with what was expected, and nothing of the batch is stored', async () => {
    await using store = await openForTest({ folder, clock });
    const series = store.series('device', 'PM10');
    const good = { series, timeMs: START, value: 1 };
    for (const bad of [
      { series: 7 },
      { timeMs: START + 0.5 },
      { timeMs: Number.NaN },
      { timeMs: 1e300 },
      { value: Number.NaN },
      { value: Number.POSITIVE_INFINITY },
    ]) {
      await expect(write(store, [good, { ...good, timeMs: START + 1, ...bad }])).rejects.toThrow(/RangeError/);
    }
    const asked: BucketQuery = {
      ...{ series: Uint32Array.of(series), fromMs: START, toMs: START + DAY, intervalMs: 0, statistics: ['MEAN'] },
      ...{ excludeFlags: 0, groupBy: 'series', bucketsMax: 100 },
    };
    await expect(store.buckets(asked)).rejects.toThrow(/RangeError/);
    expect(await count(store, series)).toBe(0);
  });
});

describe('the embedded store whose thread ends', () => {
  it('rejects what waits, starts the thread again, and has everything that was acknowledged', async () => {
    const log = memoryLog();
    const threads: Thread[] = [];
    const start: typeof startThread = async (options) => {
      const thread = await startThread(options);
      threads.push(thread);
      return thread;
    };
    const retention = { rawMs: 30 * DAY, rollupMs: 90 * DAY };
    await using store = await openStore({ folder, clock, log, metrics: memoryMetrics(), retention }, start);
    const series = store.series('device', 'PM10');
    await write(store, minutes(series, 0, 10));
    // Not a request: the thread fails over it.
    const waiting = threads[0]?.ask(undefined as unknown as Request);
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(count(store, series)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await store.latest(Uint32Array.of(series))).value[0]).toBe(0.9);
    const other = store.series('other', 'PM10');
    await vi.waitUntil(() => threads.length === 2 && log.entries.some(({ message }) => message.endsWith('runs again')));
    await write(store, [...minutes(series, 5, 15), ...minutes(other, 0, 3)]);
    expect([await count(store, series), await count(store, other)]).toEqual([15, 3]);
    expect(log.entries.filter(({ level }) => level === 'error').length).toBe(1);
  });
});

describe('day files and roll-ups of many series', () => {
  it('find each series among several groups, together and alone', () => {
    const files = { ...diskFiles(), sync: () => {}, syncFolder: () => {} };
    const subject = testEngine({ folder, files, series: 1_800 });
    const batch: PointLike[] = [];
    for (let series = 0; series < 1_800; series += series % 7 === 0 ? 2 : 1) {
      for (const hour of [1, 2, 23])
        batch.push({
          series,
          timeMs: START + hour * HOUR + series,
          value: series / 10,
          flags: series % 9 === 0 ? 2 : 0,
        });
    }
    subject.write(batch);
    run(maintain(subject.engine, START + 3 * DAY));
    const ids = Uint32Array.from({ length: 1_800 }, (_, id) => id);
    const day = {
      fromMs: START,
      toMs: START + DAY,
      intervalMs: HOUR,
      bucketsMax: 10_000,
      statistics: ['MEAN', 'MAX'],
    } as const;
    const found = run(bucketQuery(subject.engine, { ...day, series: ids, groupBy: 'series', excludeFlags: 0 }));
    expect(found.length).toBe(batch.length);
    for (let row = 0; row < found.length; row++)
      expect(found.statistics.MEAN?.[row]).toBe((found.series[row] as number) / 10);
    for (const subset of [ids, ids.filter((id) => id % 3 === 1), ids.filter((id) => id > 700 && id < 1_500)]) {
      for (const excludeFlags of [0, BAD_BITS]) {
        const kept = batch.filter(
          (point) => subset.includes(point.series) && ((point.flags ?? 0) & excludeFlags) === 0,
        );
        const sum = kept.reduce((total, point) => total + point.value, 0);
        const together = run(bucketQuery(subject.engine, { ...day, series: subset, groupBy: 'all', excludeFlags }));
        expect([...together.count]).toEqual([kept.length / 3, kept.length / 3, kept.length / 3]);
        expect(together.statistics.MEAN?.[1]).toBeCloseTo(sum / kept.length, 9);
        expect(together.statistics.MAX?.[2]).toBe(Math.max(...kept.map((point) => point.value)));
      }
    }
    for (const series of [0, 1, 3, 855, 1_799]) {
      const raw = run(rawQuery(subject.engine, { series, fromMs: START, toMs: START + DAY, pointsMax: 10 }));
      expect([...raw.value]).toEqual(batch.filter((point) => point.series === series).map(({ value }) => value));
    }
    subject.close();
  });
});
