import { BAD_BITS, FLAG_BIT } from '@greencity/air/quality';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BucketColumns, BucketQuery, PointColumns, RawPoints, TimeSeries, TimeSeriesRetention } from './port.ts';

/** How the suite makes the store under test: `open` twice in a row, with a close between, must give the same contents. */
export interface TimeSeriesUnderTest {
  open(retention: TimeSeriesRetention, nowMs: number): Promise<TimeSeries>;
  /** Removes everything that `open` made. */
  remove(): Promise<void>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 2026-03-10T00:00:00Z, a Tuesday. */
const START = Date.UTC(2026, 2, 10);
const RETENTION: TimeSeriesRetention = { rawMs: 30 * DAY, rollupMs: 365 * DAY };

/** One point, with what a test does not care about left out. */
export interface PointLike {
  readonly series: number;
  readonly timeMs: number;
  readonly value: number;
  readonly corrected?: number;
  readonly flags?: number;
}

/** Columns of some points. */
export function pointColumns(points: readonly PointLike[]): PointColumns {
  return {
    length: points.length,
    series: Uint32Array.from(points, (point) => point.series),
    timeMs: Float64Array.from(points, (point) => point.timeMs),
    value: Float64Array.from(points, (point) => point.value),
    corrected: Float64Array.from(points, (point) => point.corrected ?? Number.NaN),
    flags: Uint8Array.from(points, (point) => point.flags ?? 0),
  };
}

function rawRows(raw: RawPoints): readonly (readonly [number, number])[] {
  return [...raw.timeMs].map((timeMs, i) => [timeMs, raw.value[i] as number]);
}

function bucketRows(buckets: BucketColumns): readonly (readonly [number, number])[] {
  return [...buckets.startMs].map((startMs, i) => [startMs, buckets.count[i] as number]);
}

/** Registers the promises of the port for one adapter. */
export function describeTimeSeries(name: string, make: () => Promise<TimeSeriesUnderTest>): void {
  describe(`time series: ${name}`, () => {
    let subject: TimeSeriesUnderTest;
    let store: TimeSeries;
    beforeEach(async () => {
      subject = await make();
      store = await subject.open(RETENTION, START + DAY);
    });
    afterEach(async () => {
      await store.close();
      await subject.remove();
    });

    const write = (...points: readonly PointLike[]) => store.write(pointColumns(points));
    const all = (series: number) =>
      store.raw({ series, fromMs: START - 400 * DAY, toMs: START + 400 * DAY, pointsMax: 100_000 });
    const buckets = (query: Partial<BucketQuery> & { readonly series: Uint32Array }) =>
      store.buckets({
        ...{ fromMs: START, toMs: START + DAY, intervalMs: HOUR, statistics: ['MEAN', 'COUNT'], excludeFlags: 0 },
        ...{ groupBy: 'series', bucketsMax: 10_000, ...query },
      });
    const reopen = async () => {
      await store.close();
      store = await subject.open(RETENTION, START + DAY);
    };

    it('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });

    it('gives a series one dense id, and finds only what was asked for or written before', () => {
      const a = store.series('device-a', 'PM2_5');
      const b = store.series('device-a', 'PM10');
      expect([a, b]).toEqual([0, 1]);
      expect(store.series('device-a', 'PM2_5')).toBe(a);
      expect(store.findSeries('device-a', 'PM10')).toBe(b);
      expect(store.findSeries('device-b', 'PM10')).toBeUndefined();
      expect(store.findSeries('device-a', 'CO2')).toBeUndefined();
    });

    it('gives back what was written, every field as it was', async () => {
      const series = store.series('device', 'PM2_5');
      await write({ series, timeMs: START + 1, value: 12.4, corrected: 10.123456789, flags: FLAG_BIT.SPIKE });
      await write({ series, timeMs: START + 2, value: -0.1 });
      const raw = await all(series);
      expect([...raw.timeMs]).toEqual([START + 1, START + 2]);
      expect([...raw.value]).toEqual([12.4, -0.1]);
      expect([...raw.corrected]).toEqual([10.123456789, Number.NaN]);
      expect([...raw.flags]).toEqual([FLAG_BIT.SPIKE, 0]);
    });

    it('keeps doubles that no decimal gives exactly', async () => {
      const series = store.series('device', 'CO2');
      const values = [Math.PI, 1e-9, 1e300, 0.1 + 0.2, 1 / 3, Number.MAX_SAFE_INTEGER, -5e-324];
      await write(...values.map((value, i) => ({ series, timeMs: START + i, value })));
      expect([...(await all(series)).value]).toEqual(values);
      await reopen();
      expect([...(await all(store.series('device', 'CO2'))).value]).toEqual(values);
    });

    it('stores the same point once and names its row', async () => {
      const series = store.series('device', 'PM10');
      await write({ series, timeMs: START, value: 1 }, { series, timeMs: START + 1, value: 2 });
      const outcome = await write({ series, timeMs: START + 2, value: 3 }, { series, timeMs: START + 1, value: 2 });
      expect([...outcome.duplicates]).toEqual([1]);
      expect([...outcome.conflicts]).toEqual([]);
      expect(rawRows(await all(series))).toEqual([
        [START, 1],
        [START + 1, 2],
        [START + 2, 3],
      ]);
    });

    it('keeps the stored value when another comes for the same time, and names the row', async () => {
      const series = store.series('device', 'PM10');
      await write({ series, timeMs: START, value: 1 });
      const outcome = await write({ series, timeMs: START, value: 1.5 });
      expect([...outcome.conflicts]).toEqual([0]);
      expect([...outcome.duplicates]).toEqual([]);
      expect(rawRows(await all(series))).toEqual([[START, 1]]);
      expect((await store.latest(Uint32Array.of(series))).value[0]).toBe(1);
    });

    it('finds repetition within one batch too: the first row wins', async () => {
      const series = store.series('device', 'PM10');
      const outcome = await write(
        { series, timeMs: START + 5, value: 1 },
        { series, timeMs: START + 5, value: 1 },
        { series, timeMs: START + 5, value: 2 },
        { series, timeMs: START + 1, value: 7 },
        { series, timeMs: START + 1, value: 8 },
        { series, timeMs: START + 1, value: 7 },
      );
      expect([...outcome.duplicates]).toEqual([1, 5]);
      expect([...outcome.conflicts]).toEqual([2, 4]);
      expect(rawRows(await all(series))).toEqual([
        [START + 1, 7],
        [START + 5, 1],
      ]);
    });

    it('puts late points where their time says, in any order', async () => {
      const series = store.series('device', 'HUMIDITY');
      const minutes = [50, 3, 99, 0, 4, 98, 51, 2, 1];
      for (const minute of minutes) await write({ series, timeMs: START + minute * MINUTE, value: minute });
      const sorted = [0, 1, 2, 3, 4, 50, 51, 98, 99];
      expect(rawRows(await all(series))).toEqual(sorted.map((minute) => [START + minute * MINUTE, minute]));
    });

    it('keeps series apart', async () => {
      const a = store.series('a', 'PM1');
      const b = store.series('b', 'PM1');
      await write({ series: b, timeMs: START, value: 2 }, { series: a, timeMs: START, value: 1 });
      expect([...(await all(a)).value]).toEqual([1]);
      expect([...(await all(b)).value]).toEqual([2]);
    });

    it('takes an empty batch', async () => {
      const outcome = await write();
      expect(outcome.duplicates.length + outcome.conflicts.length).toBe(0);
    });

    it('gives a range with its start and without its end', async () => {
      const series = store.series('device', 'PM1');
      await write(...[0, 1, 2, 3].map((i) => ({ series, timeMs: START + i, value: i })));
      const raw = await store.raw({ series, fromMs: START + 1, toMs: START + 3, pointsMax: 10 });
      expect([...raw.value]).toEqual([1, 2]);
    });

    it('gives as many raw points as asked for and refuses one more', async () => {
      const series = store.series('device', 'PM1');
      await write(...[0, 1, 2].map((i) => ({ series, timeMs: START + i, value: i })));
      const query = { series, fromMs: START, toMs: START + DAY };
      expect((await store.raw({ ...query, pointsMax: 3 })).timeMs.length).toBe(3);
      await expect(store.raw({ ...query, pointsMax: 2 })).rejects.toMatchObject({ code: 'SERIES_TOO_LONG' });
    });

    it('gives the newest point by time, not by arrival, and NaN where there is none', async () => {
      const a = store.series('a', 'PM1');
      const b = store.series('b', 'PM1');
      await write(
        { series: a, timeMs: START + 9, value: 9, corrected: 8, flags: 4 },
        { series: a, timeMs: START + 3, value: 3 },
      );
      const latest = await store.latest(Uint32Array.of(b, a));
      expect([...latest.timeMs]).toEqual([Number.NaN, START + 9]);
      expect([...latest.value]).toEqual([Number.NaN, 9]);
      expect([...latest.corrected]).toEqual([Number.NaN, 8]);
      expect([...latest.flags]).toEqual([0, 4]);
    });

    it('gives each statistic of a bucket as worked out by hand', async () => {
      const series = store.series('device', 'PM2_5');
      // 1 2 3 4 10: mean 4, median 3; P95 at rank 0.95 * 4 = 3.8, so 4 + 0.8 * (10 - 4) = 8.8.
      await write(...[10, 2, 3, 1, 4].map((value, i) => ({ series, timeMs: START + i * MINUTE, value })));
      // 1 2 3 4: median 2.5; P95 at rank 2.85, so 3 + 0.85 = 3.85.
      await write(...[4, 2, 3, 1].map((value, i) => ({ series, timeMs: START + HOUR + i * MINUTE, value })));
      const { statistics, startMs, count } = await buckets({
        series: Uint32Array.of(series),
        statistics: ['MEAN', 'MIN', 'MAX', 'MEDIAN', 'P95', 'COUNT'],
      });
      expect([...startMs]).toEqual([START, START + HOUR]);
      expect([...count]).toEqual([5, 4]);
      expect([...(statistics.COUNT ?? [])]).toEqual([5, 4]);
      expect([...(statistics.MEAN ?? [])]).toEqual([4, 2.5]);
      expect([...(statistics.MIN ?? [])]).toEqual([1, 1]);
      expect([...(statistics.MAX ?? [])]).toEqual([10, 4]);
      expect([...(statistics.MEDIAN ?? [])]).toEqual([3, 2.5]);
      expect(statistics.P95?.[0]).toBeCloseTo(8.8, 9);
      expect(statistics.P95?.[1]).toBeCloseTo(3.85, 9);
    });

    it('gives all statistics of one point as that point', async () => {
      const series = store.series('device', 'PM2_5');
      await write({ series, timeMs: START, value: 7.5 });
      const statistics = ['MEAN', 'MIN', 'MAX', 'MEDIAN', 'P95'] as const;
      const found = await buckets({ series: Uint32Array.of(series), statistics });
      for (const statistic of statistics) expect([...(found.statistics[statistic] ?? [])]).toEqual([7.5]);
    });

    it('aligns buckets to the epoch, cuts them at the range and leaves empty ones out', async () => {
      const series = store.series('device', 'PM2_5');
      const times = [START + HOUR - 1, START + HOUR, START + 2 * HOUR - 1, START + 4 * HOUR, START + 5 * HOUR];
      await write(...times.map((timeMs) => ({ series, timeMs, value: 1 })));
      const found = await buckets({ series: Uint32Array.of(series), fromMs: START + HOUR + 1, toMs: START + 5 * HOUR });
      expect(bucketRows(found)).toEqual([
        [START + HOUR, 1],
        [START + 4 * HOUR, 1],
      ]);
    });

    it('makes one bucket of the whole range, labelled by its start, when there is no interval', async () => {
      const series = store.series('device', 'PM2_5');
      await write(...[1, 2, 30 * HOUR].map((after) => ({ series, timeMs: START + after, value: after })));
      const found = await buckets({
        series: Uint32Array.of(series),
        fromMs: START + 2,
        toMs: START + 2 * DAY,
        intervalMs: null,
      });
      expect(bucketRows(found)).toEqual([[START + 2, 2]]);
    });

    it('takes intervals that are no whole hours', async () => {
      const series = store.series('device', 'PM2_5');
      await write(...[0, 14, 15, 29, 30].map((minute) => ({ series, timeMs: START + minute * MINUTE, value: minute })));
      const found = await buckets({ series: Uint32Array.of(series), intervalMs: 15 * MINUTE });
      expect(bucketRows(found)).toEqual([
        [START, 2],
        [START + 15 * MINUTE, 2],
        [START + 30 * MINUTE, 1],
      ]);
    });

    it('orders rows by series as asked, then time', async () => {
      const [a, b] = [store.series('a', 'PM1'), store.series('b', 'PM1')];
      await write(
        { series: a, timeMs: START, value: 1 },
        { series: b, timeMs: START, value: 2 },
        { series: a, timeMs: START + HOUR, value: 3 },
      );
      const found = await buckets({ series: Uint32Array.of(b, a) });
      expect([...found.series]).toEqual([b, a, a]);
      expect([...(found.statistics.MEAN ?? [])]).toEqual([2, 1, 3]);
    });

    it('merges all series into one row per bucket', async () => {
      const [a, b] = [store.series('a', 'PM1'), store.series('b', 'PM1')];
      await write(
        { series: a, timeMs: START, value: 1 },
        { series: b, timeMs: START + HOUR, value: 5 },
        { series: b, timeMs: START + MINUTE, value: 2 },
        { series: a, timeMs: START + MINUTE, value: 9 },
      );
      const found = await buckets({
        series: Uint32Array.of(a, b),
        groupBy: 'all',
        statistics: ['MEAN', 'MEDIAN', 'MAX'],
      });
      expect(found.series.length).toBe(0);
      expect(bucketRows(found)).toEqual([
        [START, 3],
        [START + HOUR, 1],
      ]);
      expect([...(found.statistics.MEAN ?? [])]).toEqual([4, 5]);
      expect([...(found.statistics.MEDIAN ?? [])]).toEqual([2, 5]);
      expect([...(found.statistics.MAX ?? [])]).toEqual([9, 5]);
    });

    it('leaves out points with an excluded flag, and buckets that have no others', async () => {
      const series = store.series('device', 'PM2_5');
      await write(
        { series, timeMs: START, value: 1 },
        { series, timeMs: START + MINUTE, value: 100, flags: FLAG_BIT.STUCK | FLAG_BIT.LATE },
        { series, timeMs: START + 2 * MINUTE, value: 3, flags: FLAG_BIT.SPIKE },
        { series, timeMs: START + HOUR, value: 5, flags: FLAG_BIT.HUMID },
      );
      const found = await buckets({
        series: Uint32Array.of(series),
        excludeFlags: BAD_BITS,
        statistics: ['MEAN', 'MAX'],
      });
      expect(bucketRows(found)).toEqual([[START, 2]]);
      expect([...(found.statistics.MEAN ?? [])]).toEqual([2]);
      expect([...(found.statistics.MAX ?? [])]).toEqual([3]);
    });

    it('aggregates the corrected twin where it is asked for, and the raw value where there is none', async () => {
      const series = store.series('device', 'PM2_5');
      await write({ series, timeMs: START, value: 10, corrected: 6 }, { series, timeMs: START + 1, value: 2 });
      const found = await buckets({ series: Uint32Array.of(series), of: 'corrected' });
      expect([...(found.statistics.MEAN ?? [])]).toEqual([4]);
    });

    it('gives as many buckets as asked for and refuses one more', async () => {
      const series = Uint32Array.of(store.series('device', 'PM2_5'));
      await write(...[0, 1, 2].map((hour) => ({ series: 0, timeMs: START + hour * HOUR, value: hour })));
      expect((await buckets({ series, bucketsMax: 3 })).length).toBe(3);
      await expect(buckets({ series, bucketsMax: 2 })).rejects.toMatchObject({ code: 'SERIES_TOO_LONG' });
    });

    it('gives nothing for a series without points', async () => {
      const series = store.series('device', 'PM2_5');
      expect((await all(series)).timeMs.length).toBe(0);
      expect((await buckets({ series: Uint32Array.of(series) })).length).toBe(0);
    });

    it('holds the same points, names and newest values when it is opened again', async () => {
      const series = store.series('device', 'NO2');
      await write({ series, timeMs: START, value: 1 }, { series, timeMs: START + 1, value: 2, corrected: 3, flags: 4 });
      await reopen();
      const again = store.findSeries('device', 'NO2');
      expect(again).toBeDefined();
      const latest = await store.latest(Uint32Array.of(again ?? 0));
      expect([latest.timeMs[0], latest.value[0], latest.corrected[0], latest.flags[0]]).toEqual([START + 1, 2, 3, 4]);
      expect(rawRows(await all(again ?? 0))).toEqual([
        [START, 1],
        [START + 1, 2],
      ]);
      const outcome = await write(
        { series: again ?? 0, timeMs: START, value: 1 },
        { series: again ?? 0, timeMs: START + 1, value: 9 },
      );
      expect([...outcome.duplicates]).toEqual([0]);
      expect([...outcome.conflicts]).toEqual([1]);
    });

    it('drops raw points after their retention and still answers hours and days from roll-ups', async () => {
      const series = store.series('device', 'PM10');
      const old = [0, 1, 2, 3].map((i) => ({
        series,
        timeMs: START + 3 * HOUR + i * MINUTE,
        value: i,
        flags: i === 3 ? 1 : 0,
      }));
      await write(...old, { series, timeMs: START + 40 * DAY, value: 50 });
      await store.expire(START + 40 * DAY);
      expect(rawRows(await all(series))).toEqual([[START + 40 * DAY, 50]]);
      const statistics = ['MEAN', 'MIN', 'MAX', 'MEDIAN', 'P95', 'COUNT'] as const;
      for (const [intervalMs, label] of [
        [HOUR, START + 3 * HOUR],
        [DAY, START],
      ] as const) {
        const found = await buckets({ series: Uint32Array.of(series), intervalMs, statistics });
        expect(bucketRows(found)).toEqual([[label, 4]]);
        // 0 1 2 3: P95 at rank 2.85.
        const expected = { MEAN: 1.5, MIN: 0, MAX: 3, MEDIAN: 1.5, P95: 2.85, COUNT: 4 };
        for (const statistic of statistics) {
          expect(found.statistics[statistic]?.[0], statistic).toBeCloseTo(expected[statistic], 9);
        }
        const good = await buckets({ series: Uint32Array.of(series), intervalMs, statistics, excludeFlags: BAD_BITS });
        expect([good.count[0], good.statistics.MEAN?.[0], good.statistics.MEDIAN?.[0]]).toEqual([3, 1, 1]);
      }
    });

    it('says that an order statistic of another interval is not kept where raw points have expired', async () => {
      const series = store.series('device', 'PM10');
      await write({ series, timeMs: START, value: 1 }, { series, timeMs: START + 40 * DAY, value: 2 });
      await store.expire(START + 40 * DAY);
      const query = { series: Uint32Array.of(series), intervalMs: 2 * HOUR } as const;
      expect(bucketRows(await buckets({ ...query, statistics: ['MEAN'] }))).toEqual([[START, 1]]);
      await expect(buckets({ ...query, statistics: ['P95'] })).rejects.toMatchObject({ code: 'STATISTIC_NOT_KEPT' });
    });

    it('drops roll-ups after their retention', async () => {
      const series = store.series('device', 'PM10');
      await write({ series, timeMs: START, value: 1 });
      await store.expire(START + 400 * DAY);
      expect((await buckets({ series: Uint32Array.of(series) })).length).toBe(0);
      expect((await store.latest(Uint32Array.of(series))).timeMs[0]).toBeNaN();
    });
  });
}
