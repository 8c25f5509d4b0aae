import type { PointColumns } from '../port.ts';

/** A batch of points in one piece of memory, so that it goes to the store's thread without being copied again, and comes back. */
export interface Batch extends PointColumns {
  readonly buffer: ArrayBuffer;
}

const ROW_BYTES = 29;

/** Bytes that a batch of so many rows takes. */
export function batchBytes(rows: number): number {
  return rows * ROW_BYTES;
}

/** The columns of a batch within its memory. */
export function batchIn(buffer: ArrayBuffer, rows: number): Batch {
  return {
    buffer,
    length: rows,
    timeMs: new Float64Array(buffer, 0, rows),
    value: new Float64Array(buffer, rows * 8, rows),
    corrected: new Float64Array(buffer, rows * 16, rows),
    series: new Uint32Array(buffer, rows * 24, rows),
    flags: new Uint8Array(buffer, rows * 28, rows),
  };
}

/** Copies the first `points.length` rows into `buffer`. */
export function fillBatch(buffer: ArrayBuffer, points: PointColumns): Batch {
  const rows = points.length;
  const batch = batchIn(buffer, rows);
  const whole = points.timeMs.length === rows;
  batch.timeMs.set(whole ? points.timeMs : points.timeMs.subarray(0, rows));
  batch.value.set(whole ? points.value : points.value.subarray(0, rows));
  batch.corrected.set(whole ? points.corrected : points.corrected.subarray(0, rows));
  batch.series.set(whole ? points.series : points.series.subarray(0, rows));
  batch.flags.set(whole ? points.flags : points.flags.subarray(0, rows));
  return batch;
}
