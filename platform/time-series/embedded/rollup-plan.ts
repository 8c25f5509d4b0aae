import { BAD_BITS } from '@greencity/air/quality';
import { AppError } from '../../errors.ts';
import type { BucketQuery } from '../port.ts';
import { DAY_MS, HOUR_MS } from './engine.ts';
import type { TimeRange } from './points.ts';
import type { RollupFile, RollupQuestion } from './rollup-file.ts';
import type { SealedDay } from './sealed-days.ts';
import { daysIn, type Snapshot } from './snapshot.ts';

/** What of a bucket query is answered from roll-ups, and what from points. */
export interface RollupPlan {
  readonly question: RollupQuestion;
  /** True when buckets are whole days of which the day's own order statistics are asked. */
  readonly daily: boolean;
  /** Spans that no newer point can have touched. */
  readonly certain: readonly RollupSpan[];
  /** Spans of the series: what roll-ups cover, without those `answered` before, and the rest. */
  spansOf(series: number, answered: ReadonlySet<RollupSpan>): Spans;
  /** True when nothing is left for any series. */
  isDone(answered: ReadonlySet<RollupSpan>): boolean;
}

export interface Spans {
  readonly rollups: readonly RollupSpan[];
  readonly points: readonly TimeRange[];
}

/** Hours of one day, from a roll-up. */
export interface RollupSpan extends TimeRange {
  readonly file: RollupFile;
  /** Rows of the bucket table by hour of the day, as far as they are known; -1 where they are not. */
  readonly rows: Int32Array;
}

const HOURS_PER_DAY = 24;

interface Candidate extends RollupSpan {
  readonly day: SealedDay;
  /** True when some series may have points that the roll-up has not seen. */
  readonly suspect: boolean;
}

function asksOrder({ statistics }: BucketQuery): boolean {
  return statistics.includes('MEDIAN') || statistics.includes('P95');
}

/** Order statistics are kept of an hour and of a day of one series; those of several series cannot be made from them. */
function keepsOrder({ intervalMs, groupBy, series }: BucketQuery): boolean {
  const single = groupBy === 'series' || series.every((id) => id === series[0]);
  return single && (intervalMs === HOUR_MS || intervalMs === DAY_MS);
}

/** True when sums of hours, or order statistics of an hour or a day, answer the query. */
function fits(query: BucketQuery): boolean {
  const { intervalMs, excludeFlags, of } = query;
  if (of === 'corrected' || (excludeFlags !== 0 && excludeFlags !== BAD_BITS)) return false;
  if (asksOrder(query)) return keepsOrder(query);
  return intervalMs === null || intervalMs % HOUR_MS === 0;
}

/** The part of a day that its roll-up answers, or undefined. Where raw points have expired the range is widened to whole rows. */
function spanOf(day: SealedDay, query: BucketQuery, unit: number): TimeRange | undefined {
  const expired = day.files.length === 0;
  const from = Math.max(day.dayMs, query.fromMs);
  const to = Math.min(day.dayMs + DAY_MS, query.toMs);
  const down = (timeMs: number) => Math.floor(timeMs / unit) * unit;
  const up = (timeMs: number) => Math.ceil(timeMs / unit) * unit;
  const span = expired ? { fromMs: down(from), toMs: up(to) } : { fromMs: up(from), toMs: down(to) };
  return span.fromMs < span.toMs ? span : undefined;
}

function candidatesOf(snapshot: Snapshot, query: BucketQuery, unit: number): readonly Candidate[] {
  const hotDays = new Set(snapshot.hot.flatMap((hot) => hot.days()));
  const candidates: Candidate[] = [];
  for (const day of daysIn(snapshot, query)) {
    const span = day.rolledUp && spanOf(day, query, unit);
    if (!day.rolledUp || !span) continue;
    const suspect = day.files.length > 1 || (day.files.length > 0 && hotDays.has(day.dayMs));
    candidates.push({ ...span, file: day.rolledUp, rows: new Int32Array(HOURS_PER_DAY).fill(-1), day, suspect });
  }
  return candidates;
}

function hasNewerPoints(snapshot: Snapshot, { day }: Candidate, series: number): boolean {
  const range = { fromMs: day.dayMs, toMs: day.dayMs + DAY_MS };
  if (snapshot.hot.some((hot) => hot.has(series, range))) return true;
  return day.points.slice(1).some((file) => file.holds(series));
}

/** A range without some spans of it, which rise and do not overlap. */
function rest(range: TimeRange, spans: readonly TimeRange[]): readonly TimeRange[] {
  const ranges: TimeRange[] = [];
  let { fromMs } = range;
  for (const span of spans) {
    if (span.fromMs > fromMs) ranges.push({ fromMs, toMs: span.fromMs });
    fromMs = Math.max(fromMs, span.toMs);
  }
  if (fromMs < range.toMs) ranges.push({ fromMs, toMs: range.toMs });
  return ranges;
}

/**
 * Plans a query; undefined when roll-ups are of no use to it.
 * @throws AppError STATISTIC_NOT_KEPT for an order statistic that only expired points could answer
 */
export function planRollups(snapshot: Snapshot, query: BucketQuery): RollupPlan | undefined {
  if (!fits(query)) {
    if (asksOrder(query) && !keepsOrder(query) && daysIn(snapshot, query).some((day) => day.files.length === 0)) {
      throw new AppError(
        'STATISTIC_NOT_KEPT',
        'MEDIAN and P95 of expired points are kept for 1 h and 1 d of one series',
      );
    }
    return undefined;
  }
  const daily = asksOrder(query) && query.intervalMs === DAY_MS;
  const candidates = candidatesOf(snapshot, query, daily ? DAY_MS : HOUR_MS);
  if (candidates.length === 0) return undefined;
  const suspects = candidates.filter((candidate) => candidate.suspect);
  const points = rest(query, candidates);
  let forMost: Spans | undefined;
  const order = asksOrder(query) && !daily;
  const extremes = query.statistics.includes('MIN') || query.statistics.includes('MAX');
  return {
    question: { good: query.excludeFlags !== 0, extremes, order, day: daily },
    daily,
    certain: candidates.filter((candidate) => !candidate.suspect),
    spansOf: (series, answered) => {
      forMost ??= { rollups: candidates.filter((candidate) => !answered.has(candidate)), points };
      const newer = suspects.filter((candidate) => hasNewerPoints(snapshot, candidate, series));
      if (newer.length === 0) return forMost;
      const covered = candidates.filter((candidate) => !newer.includes(candidate));
      return { rollups: covered.filter((candidate) => !answered.has(candidate)), points: rest(query, covered) };
    },
    isDone: (answered) => points.length === 0 && candidates.every((candidate) => answered.has(candidate)),
  };
}
