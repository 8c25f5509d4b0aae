import { type Bytes, reserve } from './bytes.ts';

/**
 * Doubles as sensors make them: numbers with few decimals. A block is written as whole numbers of the smallest power of ten that gives
 * every double back exactly, each as its difference from the one before it; a block that has no such power keeps its eight bytes a value.
 */

/** Powers of ten that are tried; the place in the list is the number of decimals. */
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const;
/** The decimals of a block that is kept as doubles. */
export const AS_DOUBLES = 255;
/** Whole numbers stay below this, so that every difference fits 31 bits. */
const WHOLE_MAX = 2 ** 29;

/** Ten to the number of decimals. */
export function powerOf(decimals: number): number {
  return POWERS[decimals] ?? 1;
}

let wholes = new Int32Array(2_048);

/** Fills `wholes` and returns the decimals, or AS_DOUBLES. */
function toWholes(values: Float64Array, from: number, to: number): number {
  if (to - from > wholes.length) wholes = new Int32Array((to - from) * 2);
  let decimals = 0;
  let power = 1;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    while (Math.round(value * power) / power !== value) {
      if (++decimals >= POWERS.length) return AS_DOUBLES;
      power = POWERS[decimals] as number;
    }
  }
  for (let i = from; i < to; i++) {
    const whole = Math.round((values[i] as number) * power);
    if (whole >= WHOLE_MAX || whole <= -WHOLE_MAX) return AS_DOUBLES;
    wholes[i - from] = whole;
  }
  return decimals;
}

/** Puts `values[from..to)` into `into` from 0 on, as whole numbers of the decimals it returns, or as they are for AS_DOUBLES. */
export function scaleToWholes(values: Float64Array, from: number, to: number, into: Float64Array): number {
  const decimals = toWholes(values, from, to);
  if (decimals === AS_DOUBLES) into.set(values.subarray(from, to));
  else for (let i = 0; i < to - from; i++) into[i] = wholes[i] as number;
  return decimals;
}

/** Appends `values[from..to)`. Minus zero must not be among them. */
export function encodeDecimals(out: Bytes, values: Float64Array, from: number, to: number): void {
  const decimals = toWholes(values, from, to);
  const count = to - from;
  reserve(out, count * 8 + 16);
  out.buffer[out.at++] = decimals;
  if (decimals === AS_DOUBLES) {
    const copy = values.slice(from, to);
    out.buffer.set(new Uint8Array(copy.buffer), out.at);
    out.at += count * 8;
    return;
  }
  const { buffer } = out;
  let { at } = out;
  let before = 0;
  for (let i = 0; i < count; i++) {
    const whole = wholes[i] as number;
    const step = whole - before;
    before = whole;
    let folded = ((step << 1) ^ (step >> 31)) >>> 0;
    while (folded >= 128) {
      buffer[at++] = (folded & 127) | 128;
      folded >>>= 7;
    }
    buffer[at++] = folded;
  }
  out.at = at;
}

/** Reads `count` values into `values` from `from` on; `bytes.at` moves behind them. */
export function decodeDecimals(bytes: Bytes, values: Float64Array, from: number, count: number): void {
  const { buffer } = bytes;
  const decimals = buffer[bytes.at++] as number;
  if (decimals === AS_DOUBLES) {
    const copy = buffer.slice(bytes.at, bytes.at + count * 8);
    values.set(new Float64Array(copy.buffer, 0, count), from);
    bytes.at += count * 8;
    return;
  }
  const power = powerOf(decimals);
  let { at } = bytes;
  let whole = 0;
  for (let i = from, end = from + count; i < end; i++) {
    let byte = buffer[at++] as number;
    let folded = byte & 127;
    for (let shift = 7; byte >= 128; shift += 7) {
      byte = buffer[at++] as number;
      folded |= (byte & 127) << shift;
    }
    whole += (folded >>> 1) ^ -(folded & 1);
    values[i] = whole / power;
  }
  bytes.at = at;
}
