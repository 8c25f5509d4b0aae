/** Linear regression that is held back from large coefficients. */
import { solveSymmetric } from './linear.ts';

export interface RidgeModel {
  /** Prediction for one row of features. */
  predict(row: Float64Array): number;
}

export interface TrainingRows {
  /** Number of features. */
  readonly width: number;
  /** Row by row. */
  readonly features: Float64Array;
  readonly targets: Float64Array;
}

/**
 * Fits y = a + b x on standardised features with a penalty of `penaltyPerRow` times the number of rows on b. Predictions are kept to the range of the
 * targets it has seen, so that an unheard-of input does not run away. Undefined for fewer rows than twice the features.
 */
export function fitRidge({ width, features, targets }: TrainingRows, penaltyPerRow: number): RidgeModel | undefined {
  const rows = targets.length;
  if (rows < 2 * width) return undefined;
  const { means, deviations } = moments(features, width, rows);
  const meanTarget = targets.reduce((sum, target) => sum + target, 0) / rows;
  const gram = new Float64Array(width * width);
  const right = new Float64Array(width);
  const row = new Float64Array(width);
  for (let index = 0; index < rows; index += 1) {
    for (let k = 0; k < width; k += 1)
      row[k] = ((features[index * width + k] as number) - (means[k] as number)) / (deviations[k] as number);
    const target = (targets[index] as number) - meanTarget;
    for (let i = 0; i < width; i += 1) {
      const value = row[i] as number;
      right[i] = (right[i] as number) + value * target;
      for (let j = 0; j <= i; j += 1)
        gram[i * width + j] = (gram[i * width + j] as number) + value * (row[j] as number);
    }
  }
  for (let i = 0; i < width; i += 1) gram[i * width + i] = (gram[i * width + i] as number) + penaltyPerRow * rows;
  const coefficients = solveSymmetric(gram, right);
  if (!coefficients) return undefined;
  const low = targets.reduce((least, target) => Math.min(least, target), Number.POSITIVE_INFINITY);
  const high = targets.reduce((most, target) => Math.max(most, target), Number.NEGATIVE_INFINITY);
  return {
    predict(features) {
      let sum = meanTarget;
      for (let k = 0; k < width; k += 1)
        sum +=
          (((features[k] as number) - (means[k] as number)) / (deviations[k] as number)) * (coefficients[k] as number);
      return Math.min(high, Math.max(low, sum));
    },
  };
}

function moments(features: Float64Array, width: number, rows: number) {
  const means = new Float64Array(width);
  const deviations = new Float64Array(width);
  for (let index = 0; index < features.length; index += 1)
    means[index % width] = (means[index % width] as number) + (features[index] as number) / rows;
  for (let index = 0; index < features.length; index += 1) {
    const difference = (features[index] as number) - (means[index % width] as number);
    deviations[index % width] = (deviations[index % width] as number) + difference ** 2 / rows;
  }
  // A feature that never changes says nothing: with a deviation of 1 its coefficient stays 0.
  return { means, deviations: deviations.map((variance) => (variance > 1e-12 ? Math.sqrt(variance) : 1)) };
}
