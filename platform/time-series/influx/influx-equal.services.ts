/** Every answer of InfluxDB beside the embedded engine's to the same points. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BAD_BITS, FLAG_BIT } from '@greencity/air/quality';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Influx, startInflux } from '../../../tools/engines/influx.ts';
import { type PointLike, pointColumns } from '../contract.ts';
import { openForTest as openEmbedded } from '../embedded/fixtures/open-for-test.ts';
import { type BucketColumns, type BucketQuery, STATISTICS, type Statistic, type TimeSeries } from '../port.ts';
import { openForTest } from './fixtures/open-for-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 2, 10);
const DAYS = 3;
const BATCHES = 40;
const BATCH_ROWS = 60;
const DEVICES = ['a', 'b, with = and spaces', 'c/(.*)|"é'] as const;
const METRICS = ['PM2_5', 'HUMIDITY'] as const;
const FLAGS = [0, 0, 0, FLAG_BIT.SPIKE, FLAG_BIT.HUMID, FLAG_BIT.STUCK | FLAG_BIT.LATE] as const;
/** Sums are added up in another order. The embedded engine's roll-ups keep order statistics as whole numbers, rounded in the last digit; InfluxDB's as doubles. */
const RELATIVE = 1e-12;

let influx: Influx;
let folder: string;
let ours: TimeSeries;
let embedded: TimeSeries;
let seed = 20_260_310;

/** A linear congruential generator: the same points in every run. */
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

function somePoints(series: Uint32Array): readonly PointLike[] {
  return Array.from({ length: BATCH_ROWS }, () => ({
    series: series[random(series.length)] as number,
    // Few moments, so that many points meet one that is there.
    timeMs: START + random(DAYS * 24 * 12) * 5 * MINUTE + (random(3) === 0 ? 1 : 0),
    value: random(4) === 0 ? random(1_000) / 7 : random(400) / 10,
    corrected: random(2) === 0 ? random(300) / 10 : Number.NaN,
    flags: FLAGS[random(FLAGS.length)] as number,
  }));
}

function seriesOf(store: TimeSeries): Uint32Array {
  return Uint32Array.from(DEVICES.flatMap((device) => METRICS.map((metric) => store.series(device, metric))));
}

/** @param rounded statistics that may differ in their last digit */
function expectEqual(
  found: BucketColumns,
  expected: BucketColumns,
  { about, rounded }: { readonly about: string; readonly rounded: readonly Statistic[] },
): void {
  expect([...found.series], about).toEqual([...expected.series]);
  expect([...found.startMs], about).toEqual([...expected.startMs]);
  expect([...found.count], about).toEqual([...expected.count]);
  for (const statistic of STATISTICS) {
    const values = [...(found.statistics[statistic] ?? [])];
    const wanted = [...(expected.statistics[statistic] ?? [])];
    if (!rounded.includes(statistic)) expect(values, `${about} ${statistic}`).toEqual(wanted);
    for (const [row, value] of values.entries()) {
      const difference = Math.abs(value - (wanted[row] as number));
      expect(difference, `${about} ${statistic} ${row}`).toBeLessThanOrEqual(RELATIVE * Math.abs(value));
    }
  }
}

beforeAll(async () => {
  influx = await startInflux();
  folder = mkdtempSync(join(tmpdir(), 'greencity-equal-'));
  ours = await openForTest(influx, { bucket: 'equal', nowMs: START + DAYS * DAY });
  embedded = await openEmbedded({ folder, nowMs: START + DAYS * DAY });
  const series = seriesOf(ours);
  expect([...seriesOf(embedded)]).toEqual([...series]);
});
afterAll(async () => {
  await ours.close();
  await embedded.close();
  rmSync(folder, { recursive: true });
  await influx.stop();
});

function queries(series: Uint32Array, intervals: readonly (number | null)[]): readonly BucketQuery[] {
  const ranges = [
    [START, START + DAYS * DAY],
    [START + 5 * HOUR + 7 * MINUTE, START + 2 * DAY + 11 * HOUR + 1],
  ] as const;
  return ranges.flatMap(([fromMs, toMs]) =>
    intervals.flatMap((intervalMs) =>
      [0, BAD_BITS].flatMap((excludeFlags) =>
        (['series', 'all'] as const).map((groupBy) => ({
          ...{ series, fromMs, toMs, intervalMs, excludeFlags, groupBy, bucketsMax: 100_000 },
          statistics: STATISTICS,
        })),
      ),
    ),
  );
}

async function compare(query: BucketQuery, rounded: readonly Statistic[] = ['MEAN']): Promise<void> {
  const { fromMs, intervalMs, excludeFlags, groupBy, statistics, of } = query;
  const about = `from ${fromMs - START} by ${intervalMs}, ${groupBy}, without ${excludeFlags}, ${statistics}, ${of}`;
  expectEqual(await ours.buckets(query), await embedded.buckets(query), { about, rounded });
}

const ROLLED_UP: readonly Statistic[] = ['MEAN', 'MEDIAN', 'P95'];
const SUMS = ['MEAN', 'MIN', 'MAX', 'COUNT'] as const;

describe('InfluxDB and the embedded engine', () => {
  it('say the same of every row that is written', async () => {
    const series = seriesOf(ours);
    for (let batch = 0; batch < BATCHES; batch++) {
      const points = pointColumns(somePoints(series));
      expect(await ours.write(points)).toEqual(await embedded.write(points));
    }
  });

  it('give the same newest values and the same points', async () => {
    const series = seriesOf(ours);
    expect(await ours.latest(series)).toEqual(await embedded.latest(series));
    for (const id of series) {
      const query = { series: id, fromMs: START + HOUR, toMs: START + 2 * DAY, pointsMax: 10_000 };
      expect(await ours.raw(query)).toEqual(await embedded.raw(query));
    }
  });

  it('give the same statistics of every bucket, over raw points', async () => {
    const [some, one] = [Uint32Array.of(4, 0, 3, 0), Uint32Array.of(2)];
    for (const query of queries(some, [null, 15 * MINUTE, HOUR, 5 * HOUR, DAY, 7 * DAY])) {
      await compare(query);
      await compare({ ...query, statistics: SUMS });
    }
    for (const query of queries(one, [HOUR])) {
      await compare({ ...query, of: 'corrected' });
      await compare({ ...query, excludeFlags: FLAG_BIT.SPIKE });
    }
  });

  it('give the same statistics when only roll-ups are left', async () => {
    for (const store of [ours, embedded]) await store.expire(START + 60 * DAY);
    const [some, one] = [Uint32Array.of(4, 0, 3, 0), Uint32Array.of(2)];
    for (const query of queries(some, [null, HOUR, 5 * HOUR, DAY, 7 * DAY]))
      await compare({ ...query, statistics: SUMS }, ROLLED_UP);
    for (const query of queries(some, [HOUR, DAY])) if (query.groupBy === 'series') await compare(query, ROLLED_UP);
    for (const query of queries(one, [HOUR, DAY])) await compare(query, ROLLED_UP);
  });

  it('give the same after being opened again', async () => {
    await ours.close();
    ours = await openForTest(influx, { bucket: 'equal', nowMs: START + 60 * DAY });
    const series = Uint32Array.from(DEVICES, (device) => ours.findSeries(device, 'PM2_5') ?? Number.NaN);
    const query = { fromMs: START, toMs: START + DAYS * DAY, intervalMs: DAY, statistics: STATISTICS } as const;
    const rest = { excludeFlags: 0, groupBy: 'series', bucketsMax: 100 } as const;
    const expected = await embedded.buckets({ ...query, ...rest, series: Uint32Array.of(0, 2, 4) });
    const found = await ours.buckets({ ...query, ...rest, series });
    expectEqual({ ...found, series: expected.series }, expected, { about: 'opened again', rounded: ROLLED_UP });
  });
});
