/** Systems of linear equations, small and dense. Matrices are row by row. */

/**
 * Solves A x = b for a symmetric positive definite A, of which the lower half is read and overwritten (Cholesky). Undefined when A is not positive definite.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array): Float64Array | undefined {
  const size = b.length;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = a[i * size + j] as number;
      for (let k = 0; k < j; k += 1) sum -= (a[i * size + k] as number) * (a[j * size + k] as number);
      if (i !== j) a[i * size + j] = sum / (a[j * size + j] as number);
      else if (sum > 0) a[i * size + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  const x = b.slice();
  for (let i = 0; i < size; i += 1) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k += 1) sum -= (a[i * size + k] as number) * (x[k] as number);
    x[i] = sum / (a[i * size + i] as number);
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = x[i] as number;
    for (let k = i + 1; k < size; k += 1) sum -= (a[k * size + i] as number) * (x[k] as number);
    x[i] = sum / (a[i * size + i] as number);
  }
  return x;
}

/** The inverse of a square matrix, which is overwritten (Gauss-Jordan with pivoting); undefined when it has none. */
export function inverse(a: Float64Array, size: number): Float64Array | undefined {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) result[i * size + i] = 1;
  for (let column = 0; column < size; column += 1) {
    const pivot = pivotRow(a, size, column);
    const value = a[pivot * size + column] as number;
    if (Math.abs(value) < 1e-12) return undefined;
    swapRows(a, size, [pivot, column]);
    swapRows(result, size, [pivot, column]);
    for (let k = 0; k < size; k += 1) {
      a[column * size + k] = (a[column * size + k] as number) / value;
      result[column * size + k] = (result[column * size + k] as number) / value;
    }
    eliminate(a, result, size, column);
  }
  return result;
}

function pivotRow(a: Float64Array, size: number, column: number): number {
  let best = column;
  for (let row = column + 1; row < size; row += 1)
    if (Math.abs(a[row * size + column] as number) > Math.abs(a[best * size + column] as number)) best = row;
  return best;
}

function swapRows(a: Float64Array, size: number, [one, other]: readonly [number, number]): void {
  if (one === other) return;
  const kept = a.slice(one * size, (one + 1) * size);
  a.copyWithin(one * size, other * size, (other + 1) * size);
  a.set(kept, other * size);
}

function eliminate(a: Float64Array, result: Float64Array, size: number, column: number): void {
  for (let row = 0; row < size; row += 1) {
    const factor = a[row * size + column] as number;
    if (row === column || factor === 0) continue;
    for (let k = 0; k < size; k += 1) {
      a[row * size + k] = (a[row * size + k] as number) - factor * (a[column * size + k] as number);
      result[row * size + k] = (result[row * size + k] as number) - factor * (result[column * size + k] as number);
    }
  }
}
