/** Ordinary kriging: the best unbiased weighting of known values, by how values differ with distance. */
import { inverse } from './linear.ts';
import { semivariance, type Variogram } from './variogram.ts';

export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

export interface Kriging {
  /** Estimate at a place, from its distance to each of the known places in metres. */
  estimate(distancesM: Float64Array): Estimate;
}

/** Added to the diagonal, as a share of the variance: two devices at one place would otherwise make the system unsolvable. */
const JITTER = 1e-6;
/** Bounds of the factor that makes standard errors agree with the errors seen when leaving each device out. */
const ERROR_FACTOR_RANGE = [0.5, 2] as const;

/**
 * Kriging from values whose distances to each other are `distances` (square, row by row). Standard errors are scaled so that the known values, each
 * estimated from the others, lie as far off as the errors say. Undefined when the system cannot be solved.
 */
export function kriging(values: Float64Array, distances: Float64Array, variogram: Variogram): Kriging | undefined {
  const count = values.length;
  const size = count + 1;
  const variance = variogram.nugget + variogram.sill;
  if (variance <= 0) return constant(values);
  const matrix = new Float64Array(size * size).fill(1);
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1)
      matrix[row * size + column] =
        row === column ? -JITTER * variance : semivariance(variogram, distances[row * count + column] as number);
  }
  // A device at another's place still differs by the nugget: distance 0 between two devices is not the same device.
  separateTwins(matrix, distances, { count, nugget: variogram.nugget });
  matrix[size * size - 1] = 0;
  const inverted = inverse(matrix, size);
  if (!inverted) return undefined;
  const dual = new Float64Array(size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < count; column += 1)
      dual[row] = (dual[row] as number) + (inverted[row * size + column] as number) * (values[column] as number);
  }
  const factor = errorFactor(dual, inverted, count);
  return { estimate: (distancesM) => estimateAt(distancesM, { inverted, dual, variogram, factor, count }) };
}

function separateTwins(
  matrix: Float64Array,
  distances: Float64Array,
  { count, nugget }: { readonly count: number; readonly nugget: number },
): void {
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1)
      if (row !== column && distances[row * count + column] === 0) matrix[row * (count + 1) + column] = nugget;
  }
}

/** Equal values everywhere: nothing differs, so nothing is uncertain. */
function constant(values: Float64Array): Kriging {
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  return { estimate: () => ({ value, standardError: 0 }) };
}

/** Leaving one out needs no new system: its error is dual_i / inverse_ii, its variance -1 / inverse_ii. Source: Dubrule 1983, Math. Geol. 15, 687. */
function errorFactor(dual: Float64Array, inverted: Float64Array, count: number): number {
  let squares = 0;
  for (let index = 0; index < count; index += 1) {
    const diagonal = inverted[index * (count + 1) + index] as number;
    squares += (dual[index] as number) ** 2 / Math.abs(diagonal);
  }
  const [low, high] = ERROR_FACTOR_RANGE;
  return Math.min(high, Math.max(low, Math.sqrt(squares / count)));
}

interface System {
  readonly inverted: Float64Array;
  readonly dual: Float64Array;
  readonly variogram: Variogram;
  readonly factor: number;
  readonly count: number;
}

function estimateAt(distancesM: Float64Array, { inverted, dual, variogram, factor, count }: System): Estimate {
  const size = count + 1;
  const right = new Float64Array(size).fill(1);
  for (let index = 0; index < count; index += 1) {
    const distance = distancesM[index] as number;
    // Even at a device the air is not what it read: the nugget lies between them.
    right[index] = distance === 0 ? variogram.nugget : semivariance(variogram, distance);
  }
  let value = 0;
  let variance = 0;
  for (let row = 0; row < size; row += 1) {
    const known = right[row] as number;
    value += known * (dual[row] as number);
    let weight = 0;
    for (let column = 0; column < size; column += 1)
      weight += (inverted[row * size + column] as number) * (right[column] as number);
    variance += known * weight;
  }
  return { value, standardError: factor * Math.sqrt(Math.max(0, variance)) };
}
