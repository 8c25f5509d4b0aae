import type { Value } from './archive.ts';

export type Statistic = 'MEAN' | 'MIN' | 'MAX' | 'MEDIAN' | 'P95' | 'COUNT';

/** Mean of numbers; NaN of none. */
export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Percentile, linear between closest ranks: rank p/100 of the way from the first to the last. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const rank = ((sorted.length - 1) * percent) / 100;
  const [lower = Number.NaN, upper = lower] = sorted.slice(Math.floor(rank), Math.floor(rank) + 2);
  return lower + (upper - lower) * (rank % 1);
}

/** A statistic of numbers. */
export function statisticOf(statistic: Statistic, numbers: readonly number[]): number {
  switch (statistic) {
    case 'MEAN':
      return mean(numbers);
    case 'MIN':
      return numbers.reduce((least, number) => Math.min(least, number));
    case 'MAX':
      return numbers.reduce((most, number) => Math.max(most, number));
    case 'MEDIAN':
      return percentile(numbers, 50);
    case 'P95':
      return percentile(numbers, 95);
    case 'COUNT':
      return numbers.length;
  }
}

/** Values by the start of the bucket that they lie in, in time order; a bucket without values has no entry. */
export function buckets(values: readonly Value[], widthMs: number): ReadonlyMap<number, readonly number[]> {
  const byStart = new Map<number, number[]>();
  for (const { timeMs, value } of [...values].sort((a, b) => a.timeMs - b.timeMs)) {
    const startMs = timeMs - (timeMs % widthMs);
    byStart.set(startMs, [...(byStart.get(startMs) ?? []), value]);
  }
  return byStart;
}
