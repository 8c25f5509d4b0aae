import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BAD_BITS } from '@greencity/air/quality';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PointLike, pointColumns } from '../contract.ts';
import type { BucketColumns, BucketQuery } from '../port.ts';
import { STATISTICS } from '../port.ts';
import { bucketQuery } from './bucket-query.ts';
import { diskFiles } from './files.ts';
import { DAY, HOUR } from './fixtures/open-for-test.ts';
import { run, type TestEngine, testEngine } from './fixtures/test-engine.ts';
import { expire, maintain } from './maintenance.ts';
import { rawQuery } from './raw-query.ts';
import { seal } from './seal.ts';

/** Nothing here is about power cuts. */
const files = { ...diskFiles(), sync: () => {}, syncFolder: () => {} };
const START = Date.UTC(2026, 2, 10);
const SERIES = 4;
const DAYS = 3;

/** The store as a plain list: what every answer must agree with. */
interface Model {
  readonly points: Map<string, PointLike>;
}

function writeModel(model: Model, batch: readonly PointLike[]): { duplicates: number[]; conflicts: number[] } {
  const outcome = { duplicates: [] as number[], conflicts: [] as number[] };
  for (const [row, point] of batch.entries()) {
    const key = `${point.series} ${point.timeMs}`;
    const known = model.points.get(key);
    if (!known) model.points.set(key, point);
    else if (known.value === point.value) outcome.duplicates.push(row);
    else outcome.conflicts.push(row);
  }
  return outcome;
}

function pointsOf(model: Model, series: number, fromMs: number, toMs: number): PointLike[] {
  return [...model.points.values()]
    .filter((point) => point.series === series && point.timeMs >= fromMs && point.timeMs < toMs)
    .sort((a, b) => a.timeMs - b.timeMs);
}

function naiveQuantile(sorted: readonly number[], share: number): number {
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] as number;
  return low + (rank - Math.floor(rank)) * ((sorted[Math.ceil(rank)] as number) - low);
}

function naiveBuckets(model: Model, query: BucketQuery): readonly (readonly number[])[] {
  const rows: number[][] = [];
  const segments = query.groupBy === 'all' ? [[...new Set(query.series)]] : [...query.series].map((series) => [series]);
  for (const segment of segments) {
    const buckets = new Map<number, number[]>();
    for (const series of segment) {
      for (const point of pointsOf(model, series, query.fromMs, query.toMs)) {
        if ((point.flags ?? 0) & query.excludeFlags) continue;
        const { intervalMs } = query;
        const start = intervalMs === null ? query.fromMs : Math.floor(point.timeMs / intervalMs) * intervalMs;
        const value = query.of === 'corrected' ? (point.corrected ?? point.value) : point.value;
        buckets.set(start, [...(buckets.get(start) ?? []), value]);
      }
    }
    for (const [start, values] of [...buckets].sort(([a], [b]) => a - b)) {
      values.sort((a, b) => a - b);
      const sum = values.reduce((total, value) => total + value, 0);
      const order = [naiveQuantile(values, 0.5), naiveQuantile(values, 0.95)];
      rows.push([
        ...(query.groupBy === 'all' ? [] : [segment[0] as number]),
        ...[start, values.length, sum / values.length, values[0] as number, values.at(-1) as number, ...order],
      ]);
    }
  }
  return rows;
}

function rowsOf(found: BucketColumns): readonly (readonly number[])[] {
  const { statistics } = found;
  return Array.from({ length: found.length }, (_, row) => [
    ...(found.series.length > 0 ? [found.series[row] as number] : []),
    ...[found.startMs, found.count].map((column) => column[row] as number),
    ...[statistics.MEAN, statistics.MIN, statistics.MAX, statistics.MEDIAN, statistics.P95].map(
      (column) => column?.[row] as number,
    ),
  ]);
}

function expectClose(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(found.map((row) => row.map((value) => Number(value.toPrecision(9))))).toEqual(
    expected.map((row) => row.map((value) => Number(value.toPrecision(9)))),
  );
}

const minute = fc.integer({ min: 0, max: DAYS * 1_440 - 1 });
const point: fc.Arbitrary<PointLike> = fc
  .record({
    series: fc.nat(SERIES - 1),
    timeMs: fc.oneof(
      { weight: 5, arbitrary: minute.map((at) => START + at * 60_000) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: DAYS * DAY - 1 }).map((offset) => START + offset) },
      // A few times that many points share, so that repetition is common.
      { weight: 3, arbitrary: fc.nat(30).map((at) => START + at * 2 * HOUR) },
    ),
    value: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: -50, max: 400 }).map((tenths) => tenths / 10 + 0) },
      {
        weight: 1,
        arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => (Math.abs(value) < 1e-9 ? 0 : value)),
      },
    ),
    corrected: fc.oneof(
      fc.constant(Number.NaN),
      fc.integer({ min: 0, max: 300 }).map((tenths) => tenths / 10),
    ),
    flags: fc.constantFrom(0, 0, 0, 1, 2, 4, 64, 65),
  })
  .map(({ corrected, ...rest }) => (Number.isNaN(corrected) ? rest : { ...rest, corrected }));

type Step =
  | { readonly kind: 'write'; readonly batch: readonly PointLike[] }
  | { readonly kind: 'seal' | 'reopen' }
  | { readonly kind: 'maintain'; readonly day: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.array(point, { maxLength: 60 }).map((batch): Step => ({ kind: 'write', batch })) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'seal' }, { kind: 'reopen' }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: DAYS + 1 }).map((day): Step => ({ kind: 'maintain', day })) },
);

const query: fc.Arbitrary<BucketQuery> = fc.record({
  series: fc.oneof(
    fc.constant(Uint32Array.from({ length: SERIES }, (_, id) => id)),
    fc.uniqueArray(fc.nat(SERIES - 1), { minLength: 1 }).map((ids) => Uint32Array.from(ids)),
  ),
  fromMs: fc.oneof(
    fc.constant(START),
    minute.map((at) => START + at * 60_000),
    fc.nat(DAYS * 24).map((hour) => START + hour * HOUR),
  ),
  toMs: fc.oneof(
    fc.constant(START + DAYS * DAY),
    minute.map((at) => START + at * 60_000 + 1),
    fc.nat(DAYS * 24).map((hour) => START + hour * HOUR),
  ),
  intervalMs: fc.constantFrom(null, HOUR, HOUR, DAY, DAY, 6 * HOUR, 7 * DAY, 90 * 60_000),
  statistics: fc.constant(STATISTICS),
  excludeFlags: fc.constantFrom(0, BAD_BITS, BAD_BITS, 64),
  groupBy: fc.constantFrom('series' as const, 'all' as const),
  bucketsMax: fc.constant(100_000),
  of: fc.constantFrom('value' as const, 'value' as const, 'corrected' as const),
});

function check(subject: TestEngine, model: Model, queries: readonly BucketQuery[]): void {
  for (let series = 0; series < SERIES; series++) {
    const raw = run(rawQuery(subject.engine, { series, fromMs: START, toMs: START + DAYS * DAY, pointsMax: 100_000 }));
    const expected = pointColumns(pointsOf(model, series, START, START + DAYS * DAY));
    for (const column of ['timeMs', 'value', 'corrected', 'flags'] as const) {
      expect([...raw[column]], column).toEqual([...expected[column]]);
    }
  }
  for (const each of queries) {
    expectClose(rowsOf(run(bucketQuery(subject.engine, each))), naiveBuckets(model, each));
    // Mergeable statistics alone take other ways: totals of groups, sums without extremes.
    for (const statistics of [['MEAN'], ['MIN', 'COUNT']] as const) {
      const found = run(bucketQuery(subject.engine, { ...each, statistics }));
      const whole = naiveBuckets(model, each);
      const at = each.groupBy === 'all' ? 0 : 1;
      const [place, column] = statistics[0] === 'MEAN' ? [2, found.statistics.MEAN] : [3, found.statistics.MIN];
      expectClose(
        [[...(column ?? [])], [...found.count]],
        [whole.map((row) => row[at + place] as number), whole.map((row) => row[at + 1] as number)],
      );
    }
  }
}

describe('the engine of the embedded store', () => {
  it('agrees with a plain list whatever is written, sealed, merged and opened again in between', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.array(query, { minLength: 3, maxLength: 3 }),
        (steps, queries) => {
          const folder = mkdtempSync(join(tmpdir(), 'greencity-model-'));
          const model: Model = { points: new Map() };
          let subject = testEngine({ folder, series: SERIES, files });
          try {
            for (const each of steps) {
              if (each.kind === 'write') {
                const { duplicates, conflicts } = subject.write(each.batch);
                expect({ duplicates: [...duplicates], conflicts: [...conflicts] }).toEqual(
                  writeModel(model, each.batch),
                );
              } else if (each.kind === 'seal') run(seal(subject.engine, START));
              else if (each.kind === 'maintain') run(maintain(subject.engine, START + each.day * DAY + 2 * HOUR));
              else {
                subject.close();
                subject = testEngine({ folder, series: SERIES, files });
              }
            }
            check(subject, model, queries);
          } finally {
            subject.close();
            rmSync(folder, { recursive: true });
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 120_000);

  it('gives the same hours and days after raw points have expired as before', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 150 }), (batch) => {
        const folder = mkdtempSync(join(tmpdir(), 'greencity-model-'));
        const model: Model = { points: new Map() };
        const subject = testEngine({ folder, series: SERIES, files });
        try {
          subject.write(batch);
          writeModel(model, batch);
          run(expire(subject.engine, START + 60 * DAY));
          expect(subject.engine.manifest.days.every((day) => day.files.length === 0)).toBe(true);
          const series = Uint32Array.from({ length: SERIES }, (_, id) => id);
          const range = { fromMs: START, toMs: START + DAYS * DAY, bucketsMax: 10_000, series, statistics: STATISTICS };
          for (const intervalMs of [HOUR, DAY]) {
            for (const excludeFlags of [0, BAD_BITS]) {
              const asked: BucketQuery = { ...range, intervalMs, excludeFlags, groupBy: 'series' };
              expectClose(rowsOf(run(bucketQuery(subject.engine, asked))), naiveBuckets(model, asked));
            }
          }
        } finally {
          subject.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
