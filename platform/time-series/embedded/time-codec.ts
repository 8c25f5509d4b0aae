import { type Bytes, getVarint, putVarint, reserve } from './bytes.ts';

/**
 * Rising times of one series within one UTC day. Sensors report on a beat: each time is written as how far it lies from the next stroke,
 * so that a jitter of a second costs about a bit once the bytes are compressed, and a gap costs no more than one longer number.
 */

const SECOND_MS = 1_000;

/** The middle one of three differences: the beat, unless gaps are more common than strokes. */
function beat(count: number): number {
  if (count < 2) return 0;
  const middle = count >> 1;
  const delta = (i: number) => (offsets[i] as number) - (offsets[i - 1] as number);
  const [a, b, c] = [delta(1), delta(middle), delta(count - 1)];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

let offsets = new Int32Array(2_048);

/** Fills `offsets` with the times since the day began, in seconds where all are whole ones; gives the unit. */
function toOffsets(times: Float64Array, from: number, to: number, dayMs: number): number {
  const count = to - from;
  if (count > offsets.length) offsets = new Int32Array(count * 2);
  let whole = true;
  for (let i = 0; i < count; i++) {
    // A day has fewer than 2^31 ms; as an integer the remainder is cheap.
    const offset = ((times[from + i] as number) - dayMs) | 0;
    offsets[i] = offset;
    if (offset % SECOND_MS !== 0) whole = false;
  }
  if (!whole) return 1;
  for (let i = 0; i < count; i++) offsets[i] = ((offsets[i] as number) / SECOND_MS) | 0;
  return SECOND_MS;
}

/** Appends `times[from..to)`, whole ms that rise and lie in the day that begins at `dayMs`. */
export function encodeTimes(out: Bytes, times: Float64Array, range: readonly [number, number], dayMs: number): void {
  const [from, to] = range;
  const count = to - from;
  const unit = toOffsets(times, from, to, dayMs);
  const step = beat(count);
  reserve(out, count * 5 + 24);
  out.buffer[out.at++] = unit === 1 ? 0 : 1;
  putVarint(out, step);
  let stroke = offsets[0] as number;
  putVarint(out, stroke);
  const { buffer } = out;
  let { at } = out;
  for (let i = 1; i < count; i++) {
    const now = offsets[i] as number;
    const off = now - stroke - step;
    // Half a beat away or more, the beat starts anew where the point lies.
    stroke = off * 2 < step && off * -2 < step ? stroke + step : now;
    let folded = ((off << 1) ^ (off >> 31)) >>> 0;
    while (folded >= 128) {
      buffer[at++] = (folded & 127) | 128;
      folded >>>= 7;
    }
    buffer[at++] = folded;
  }
  out.at = at;
}

/** Reads `count` times of the day that begins at `dayMs` into `times` from `from` on; `bytes.at` moves behind them. */
export function decodeTimes(bytes: Bytes, times: Float64Array, range: readonly [number, number], dayMs: number): void {
  const [from, to] = range;
  const { buffer } = bytes;
  const unit = buffer[bytes.at++] === 1 ? SECOND_MS : 1;
  const step = getVarint(bytes);
  let stroke = getVarint(bytes);
  times[from] = dayMs + stroke * unit;
  let { at } = bytes;
  for (let i = from + 1; i < to; i++) {
    let byte = buffer[at++] as number;
    let folded = byte & 127;
    for (let shift = 7; byte >= 128; shift += 7) {
      byte = buffer[at++] as number;
      folded |= (byte & 127) << shift;
    }
    const off = (folded >>> 1) ^ -(folded & 1);
    const now = stroke + step + off;
    stroke = off * 2 < step && off * -2 < step ? stroke + step : now;
    times[i] = dayMs + now * unit;
  }
  bytes.at = at;
}

/** Place of `timeMs` among the `count` times that `bytes` begin, or -1; reads no further than it must. */
export function placeOfTime(bytes: Bytes, count: number, dayMs: number, timeMs: number): number {
  const { buffer } = bytes;
  const unit = buffer[bytes.at++] === 1 ? SECOND_MS : 1;
  const step = getVarint(bytes);
  let stroke = getVarint(bytes);
  const wanted = (timeMs - dayMs) / unit;
  let now = stroke;
  let { at } = bytes;
  for (let place = 0; ; ) {
    if (now >= wanted) return now === wanted ? place : -1;
    if (++place >= count) return -1;
    let byte = buffer[at++] as number;
    let folded = byte & 127;
    for (let shift = 7; byte >= 128; shift += 7) {
      byte = buffer[at++] as number;
      folded |= (byte & 127) << shift;
    }
    const off = (folded >>> 1) ^ -(folded & 1);
    now = stroke + step + off;
    stroke = off * 2 < step && off * -2 < step ? stroke + step : now;
  }
}
