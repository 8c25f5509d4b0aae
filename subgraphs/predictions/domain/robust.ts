/** Middle and spread that a few wild values do not move. */

/** Makes the median absolute deviation of normal values their standard deviation. */
const NORMAL_SIGMAS = 1.4826;

/** Median of numbers; undefined for none. */
export function medianOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const ordered = Float64Array.from(values).sort();
  const middle = ordered.length >> 1;
  return ordered.length % 2 === 1
    ? ordered[middle]
    : ((ordered[middle - 1] as number) + (ordered[middle] as number)) / 2;
}

/** How many robust standard deviations a value lies above (or, negative, below) the others; no less than `deviationMin` counts as one. */
export function robustZ(value: number, others: readonly number[], deviationMin: number): number | undefined {
  const median = medianOf(others);
  if (median === undefined) return undefined;
  const deviation = medianOf(others.map((other) => Math.abs(other - median))) ?? 0;
  return (value - median) / Math.max(deviationMin, NORMAL_SIGMAS * deviation);
}
