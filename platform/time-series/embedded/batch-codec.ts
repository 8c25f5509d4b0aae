import { type Batch, batchBytes, batchIn } from './batch.ts';
import { type Bytes, getDouble, getSigned, getVarint, putDouble, putSigned, putVarint, reserve } from './bytes.ts';
import { decodeDecimals, encodeDecimals } from './decimal-codec.ts';

/** Rows of batches as the write-ahead log keeps them: cheap to write rather than small, for a seal soon replaces them. */

const HAS_CORRECTED = 1;
const HAS_FLAGS = 2;
const ROW_BYTES_MAX = 16;

let picked = new Float64Array(1_024);

function pick(column: Float64Array, rows: Uint32Array, count: number): Float64Array {
  if (picked.length < count) picked = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) picked[i] = column[rows[i] as number] as number;
  return picked;
}

function traits(batch: Batch, rows: Uint32Array, count: number): number {
  let corrected = 0;
  let flags = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    const twin = batch.corrected[row] as number;
    if (!Number.isNaN(twin)) corrected = HAS_CORRECTED;
    if (batch.flags[row] !== 0) flags = HAS_FLAGS;
  }
  return corrected | flags;
}

/** Which rows have a corrected value, a bit each, then those values. */
function encodeCorrected(out: Bytes, corrected: Float64Array, count: number): void {
  const bitmap = new Uint8Array(Math.ceil(count / 8));
  const present = new Float64Array(count);
  let length = 0;
  for (let i = 0; i < count; i++) {
    const value = corrected[i] as number;
    if (Number.isNaN(value)) continue;
    bitmap[i >> 3] = (bitmap[i >> 3] as number) | (1 << (i & 7));
    present[length++] = value;
  }
  reserve(out, bitmap.length);
  out.buffer.set(bitmap, out.at);
  out.at += bitmap.length;
  encodeDecimals(out, present, 0, length);
}

function decodeCorrected(bytes: Bytes, corrected: Float64Array): void {
  const count = corrected.length;
  const bitmap = bytes.buffer.subarray(bytes.at, bytes.at + Math.ceil(count / 8));
  bytes.at += bitmap.length;
  const rows: number[] = [];
  for (let i = 0; i < count; i++) if ((bitmap[i >> 3] as number) & (1 << (i & 7))) rows.push(i);
  const present = new Float64Array(rows.length);
  decodeDecimals(bytes, present, 0, rows.length);
  rows.forEach((row, i) => {
    corrected[row] = present[i] as number;
  });
}

/** Appends the first `count` of the rows named by `rows`. */
export function encodeBatch(out: Bytes, batch: Batch, rows: Uint32Array, count: number): void {
  putVarint(out, count);
  if (count === 0) return;
  const has = traits(batch, rows, count);
  putVarint(out, has);
  reserve(out, count * ROW_BYTES_MAX + 32);
  let series = 0;
  let time = batch.timeMs[rows[0] as number] as number;
  putDouble(out, time);
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    const nextSeries = batch.series[row] as number;
    const nextTime = batch.timeMs[row] as number;
    putSigned(out, nextSeries - series);
    putSigned(out, nextTime - time);
    series = nextSeries;
    time = nextTime;
  }
  encodeDecimals(out, pick(batch.value, rows, count), 0, count);
  if (has & HAS_CORRECTED) encodeCorrected(out, pick(batch.corrected, rows, count), count);
  if (has & HAS_FLAGS) {
    reserve(out, count);
    for (let i = 0; i < count; i++) out.buffer[out.at++] = batch.flags[rows[i] as number] as number;
  }
}

/** Reads what `encodeBatch` wrote. */
export function decodeBatch(bytes: Bytes): Batch {
  const count = getVarint(bytes);
  const batch = batchIn(new ArrayBuffer(batchBytes(count)), count);
  batch.corrected.fill(Number.NaN);
  if (count === 0) return batch;
  const has = getVarint(bytes);
  let series = 0;
  let time = getDouble(bytes);
  for (let i = 0; i < count; i++) {
    series += getSigned(bytes);
    time += getSigned(bytes);
    batch.series[i] = series;
    batch.timeMs[i] = time;
  }
  decodeDecimals(bytes, batch.value, 0, count);
  if (has & HAS_CORRECTED) decodeCorrected(bytes, batch.corrected);
  if (has & HAS_FLAGS) {
    batch.flags.set(bytes.buffer.subarray(bytes.at, bytes.at + count));
    bytes.at += count;
  }
  return batch;
}
