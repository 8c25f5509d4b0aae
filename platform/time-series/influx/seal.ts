/**
 * Rolls up days that have left the raw retention, for good. InfluxDB's task has done the sums by then; they are held against the points, and made
 * anew where they differ. Medians and P95 are worked out here, by the arithmetic of the embedded engine, for Flux rounds them otherwise.
 */
import { METRICS, type Metric } from '@greencity/air/metric';
import { BAD_BITS } from '@greencity/air/quality';
import { DAY_MS, HOUR_MS } from '@greencity/air/time';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import { quantile } from '../embedded/statistics.ts';
import type { RawPoints } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import { downsample, fromBucket, keep, type Range, time, VALUES, where } from './flux.ts';
import { ALL, type Buckets, metricOf, READING, type RollupUnit, SEALED } from './layout.ts';
import { nanoseconds, tag } from './lines.ts';
import { END_OF_TIME_MS } from './newest.ts';
import { readPoints } from './points.ts';

export interface SealOptions {
  readonly connection: InfluxConnection;
  readonly buckets: Buckets;
  readonly log: Logger;
}

const LINES_MAX = 5_000;

/** Until when days were rolled up for good; undefined where none was. */
export async function sealedUntil({ connection, buckets }: SealOptions): Promise<number | undefined> {
  let untilMs: number | undefined;
  const range = { fromMs: 0, toMs: END_OF_TIME_MS };
  const flux = `${fromBucket(buckets.rollups, range)} ${where(SEALED)} |> last() ${keep('_value')}`;
  await connection.ask(flux, ['_value'], ([cell]) => {
    untilMs = Math.max(untilMs ?? Number.NEGATIVE_INFINITY, Number(cell));
  });
  return untilMs;
}

/** Remembers until when days were rolled up. */
export async function markSealed({ connection, buckets }: SealOptions, untilMs: number): Promise<void> {
  // A tag of its own for each mark: two of the same moment stand side by side, and the greatest holds.
  await connection.send(
    buckets.rollups,
    `${SEALED},until=${new Date(untilMs).toISOString().slice(0, 10)} untilMs=${untilMs}i`,
  );
}

/** Rolls up every day of a range that has points. @throws AppError UNAVAILABLE, STORE_UNWRITABLE: the days done stay done, and are done again at no harm */
export async function sealDays(options: SealOptions, range: Range): Promise<void> {
  if (range.fromMs >= range.toMs) return;
  const days = await daysWithPoints(options, range);
  for (const [dayMs, points] of [...days].sort(([a], [b]) => a - b)) await sealDay(options, dayMs, points);
}

/** Points by day, then metric. */
async function daysWithPoints(
  { connection, buckets }: SealOptions,
  range: Range,
): Promise<ReadonlyMap<number, ReadonlyMap<Metric, number>>> {
  const days = new Map<number, Map<Metric, number>>();
  const flux = `${fromBucket(buckets.raw, range)} ${where(READING, VALUES)}
    |> aggregateWindow(every: 1d, fn: count, createEmpty: false, timeSrc: "_start")
    |> group(columns: ["_time", "_field"]) |> sum() ${keep('_time', '_field', '_value')}`;
  await connection.ask(flux, ['_time', '_field', '_value'], ([at = '', field = '', cell]) => {
    const metric = metricOf(field);
    if (!metric) return;
    const dayMs = Math.floor(Date.parse(at) / DAY_MS) * DAY_MS;
    const day = days.get(dayMs) ?? new Map<Metric, number>();
    days.set(dayMs, day);
    day.set(metric, (day.get(metric) ?? 0) + Number(cell));
  });
  return days;
}

async function sealDay(options: SealOptions, dayMs: number, points: ReadonlyMap<Metric, number>): Promise<void> {
  const { connection, buckets, log } = options;
  const range = { fromMs: dayMs, toMs: dayMs + DAY_MS };
  const expected = [...points.values()].reduce((sum, count) => sum + count, 0);
  let rolledUp = await rolledUpPoints(options, range);
  if (!rolledUp.every((count) => count === expected)) {
    const cut = `|> range(start: ${time(range.fromMs)}, stop: ${time(range.toMs)})`;
    for (const flux of downsample(buckets, cut)) await connection.work(flux);
    rolledUp = await rolledUpPoints(options, range);
    if (!rolledUp.every((count) => count === expected)) {
      throw new AppError(
        'STORE_UNWRITABLE',
        `${time(dayMs)}: ${expected} points, ${rolledUp.join(' and ')} of them rolled up`,
      );
    }
  }
  for (const metric of METRICS) if (points.has(metric)) await sealOrder(options, metric, range);
  log.info({ dayMs, points: expected }, 'a day was rolled up for good');
}

/** Points that hours and days of a range say they were made from. */
async function rolledUpPoints({ connection, buckets }: SealOptions, range: Range): Promise<number[]> {
  const counts: number[] = [];
  for (const unit of ['hour', 'day']) {
    let points = 0;
    const flux = `${fromBucket(buckets.rollups, range)} ${where(`${unit}.count`)} |> group() |> sum() ${keep('_value')}`;
    await connection.ask(flux, ['_value'], ([cell]) => {
      points += Number(cell);
    });
    counts.push(points);
  }
  return counts;
}

/** Writes medians and P95 of the hours and the day. */
async function sealOrder({ connection, buckets }: SealOptions, metric: Metric, range: Range): Promise<void> {
  const wants = { deviceIds: undefined, wantsCorrected: false, wantsFlags: true, onlyGood: false };
  const found = await readPoints(connection, buckets.raw, { metric, ...range, ...wants });
  let lines: string[] = [];
  for (const [device, points] of found) {
    lines.push(...orderLines(device, metric, points));
    if (lines.length < LINES_MAX) continue;
    await connection.send(buckets.rollups, lines.join('\n'));
    lines = [];
  }
  if (lines.length > 0) await connection.send(buckets.rollups, lines.join('\n'));
}

function* orderLines(device: string, metric: Metric, points: RawPoints): Generator<string> {
  for (const [unit, unitMs] of [
    ['hour', HOUR_MS],
    ['day', DAY_MS],
  ] as const) {
    const { timeMs } = points;
    for (let from = 0; from < timeMs.length; ) {
      const startMs = Math.floor((timeMs[from] as number) / unitMs) * unitMs;
      let to = from + 1;
      while (to < timeMs.length && (timeMs[to] as number) < startMs + unitMs) to++;
      yield* orderLinesOf({ unit, device, metric, startMs }, points, [from, to]);
      from = to;
    }
  }
}

interface Place {
  readonly unit: RollupUnit;
  readonly device: string;
  readonly metric: Metric;
  readonly startMs: number;
}

function* orderLinesOf(
  { unit, device, metric, startMs }: Place,
  { value, flags }: RawPoints,
  [from, to]: readonly [number, number],
): Generator<string> {
  const all = value.slice(from, to);
  const good = all.filter((_, row) => ((flags[from + row] as number) & BAD_BITS) === 0);
  const kinds = [
    ...(good.length > 0 ? [[metric, good.sort()] as const] : []),
    ...(good.length < all.length ? [[`${metric}${ALL}`, all.sort()] as const] : []),
  ];
  for (const [kind, share] of [
    ['median', 0.5],
    ['p95', 0.95],
  ] as const) {
    const fields = kinds.map(([field, values]) => `${field}=${quantile(values, values.length, share)}`);
    yield `${unit}.${kind},device=${tag(device)} ${fields.join(',')} ${nanoseconds(startMs)}`;
  }
}
