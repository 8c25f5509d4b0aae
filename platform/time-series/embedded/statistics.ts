/** Statistics of plain numbers; the same here as numpy gives. */

/** The `share` quantile of the first `count` rising values, by linear interpolation between closest ranks. `count` is at least 1. */
export function quantile(sorted: Float64Array, count: number, share: number): number {
  const rank = share * (count - 1);
  const below = Math.floor(rank);
  const low = sorted[below] as number;
  if (rank === below) return low;
  return low + (rank - below) * ((sorted[below + 1] as number) - low);
}

const SHORT = 24;

/** Puts `values[from..to)` in rising order; short ranges without the cost of a call into the engine. */
export function sortRange(values: Float64Array, from: number, to: number): void {
  if (to - from > SHORT) {
    values.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const value = values[i] as number;
    let j = i - 1;
    for (; j >= from && (values[j] as number) > value; j--) values[j + 1] = values[j] as number;
    values[j + 1] = value;
  }
}
