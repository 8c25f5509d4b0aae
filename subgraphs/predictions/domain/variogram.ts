/** How values at two places differ with the distance between them. */
import { solveSymmetric } from './linear.ts';

/** Exponential variogram: nugget + sill (1 - e^(-3 d / range)). */
export interface Variogram {
  /** Variance between devices at one place. */
  readonly nugget: number;
  /** Variance that distance adds. */
  readonly sill: number;
  /** Metres at which 95 % of it is added. */
  readonly rangeM: number;
}

/** Half the mean squared difference of the pairs in a class of distance. */
export interface VariogramClass {
  readonly distanceM: number;
  readonly semivariance: number;
  readonly pairs: number;
}

const CLASSES = 12;
const RANGES = 24;
const PRACTICAL_RANGE = 3;

/** Half the variance of the difference between two places this far apart. */
export function semivariance({ nugget, sill, rangeM }: Variogram, distanceM: number): number {
  return distanceM === 0 ? 0 : nugget + sill * (1 - Math.exp((-PRACTICAL_RANGE * distanceM) / rangeM));
}

/**
 * Classes of distance, from values of the same devices at several times. `distances` is a square matrix, row by row.
 * A time at which a device has no value has NaN for it.
 */
export function variogramClasses(
  distances: Float64Array,
  times: readonly Float64Array[],
  devices: number,
): readonly VariogramClass[] {
  const farthestM = distances.reduce((most, distance) => Math.max(most, distance), 0);
  const sums = Array.from({ length: CLASSES }, () => ({ distance: 0, squares: 0, pairs: 0 }));
  for (let one = 0; one < devices; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const distance = distances[one * devices + other] as number;
      const sum = sums[Math.min(CLASSES - 1, Math.floor((distance / farthestM) * CLASSES))];
      if (!sum) continue;
      for (const values of times) {
        const difference = (values[one] as number) - (values[other] as number);
        if (Number.isNaN(difference)) continue;
        sum.distance += distance;
        sum.squares += difference * difference;
        sum.pairs += 1;
      }
    }
  }
  return sums
    .filter(({ pairs }) => pairs > 0)
    .map(({ distance, squares, pairs }) => ({
      distanceM: distance / pairs,
      semivariance: squares / pairs / 2,
      pairs,
    }));
}

/** The exponential variogram that fits the classes best, each class counting by its pairs. */
export function fitVariogram(classes: readonly VariogramClass[]): Variogram {
  const farthestM = classes.reduce((most, { distanceM }) => Math.max(most, distanceM), 1);
  let best: { readonly variogram: Variogram; readonly error: number } | undefined;
  for (let step = 0; step < RANGES; step += 1) {
    const rangeM = farthestM * 0.1 * 30 ** (step / (RANGES - 1));
    const variogram = { ...fitLevels(classes, rangeM), rangeM };
    const error = classes.reduce(
      (sum, found) => sum + found.pairs * (found.semivariance - semivariance(variogram, found.distanceM)) ** 2,
      0,
    );
    if (!best || error < best.error) best = { variogram, error };
  }
  return best?.variogram ?? { nugget: 0, sill: 1, rangeM: farthestM };
}

/** Nugget and sill by weighted least squares, neither below zero. */
function fitLevels(
  classes: readonly VariogramClass[],
  rangeM: number,
): { readonly nugget: number; readonly sill: number } {
  const gram = new Float64Array(4);
  const right = new Float64Array(2);
  for (const found of classes) {
    const weight = found.pairs;
    const share = semivariance({ nugget: 0, sill: 1, rangeM }, found.distanceM);
    gram[0] = (gram[0] as number) + weight;
    gram[2] = (gram[2] as number) + weight * share;
    gram[3] = (gram[3] as number) + weight * share * share;
    right[0] = (right[0] as number) + weight * found.semivariance;
    right[1] = (right[1] as number) + weight * share * found.semivariance;
  }
  const [weights = 0, , , shares = 0] = gram;
  const [level = 0, shared = 0] = right;
  const both = solveSymmetric(gram.slice(), right);
  const [nugget = 0, sill = 0] = both ?? [];
  if (both && nugget >= 0 && sill >= 0) return { nugget, sill };
  if (sill < 0 || shares === 0) return { nugget: weights > 0 ? level / weights : 0, sill: 0 };
  return { nugget: 0, sill: shared / shares };
}
