/** Inverse distance weighting: what can be said with too few devices to know how values differ with distance. */
import type { Estimate } from './kriging.ts';

const POWER = 2;
/** A place this near to a device is taken as this far, so that no weight is infinite. */
const NEAREST_M = 1;

/** Estimate at a place from the distances to the known values in metres; the standard error is their weighted deviation, NaN for a single one, which cannot tell. */
export function inverseDistanceEstimate(values: Float64Array, distancesM: Float64Array): Estimate {
  let [weights, sum, squares] = [0, 0, 0];
  for (let index = 0; index < values.length; index += 1) {
    const weight = Math.max(NEAREST_M, distancesM[index] as number) ** -POWER;
    const value = values[index] as number;
    weights += weight;
    sum += weight * value;
    squares += weight * value * value;
  }
  const value = sum / weights;
  if (values.length < 2) return { value, standardError: Number.NaN };
  return { value, standardError: Math.sqrt(Math.max(0, squares / weights - value * value)) };
}
