import { type Bytes, getVarint, putVarint, reserve } from './bytes.ts';

/**
 * Rising times of one series within one UTC day. Sensors report on a beat: each time is written as how far it lies from the next stroke,
 * so that a jitter of a second costs about a bit once the bytes are compressed, and a gap costs no more than one longer number.
 */

const SECOND_MS = 1_000;
const DELTAS_SAMPLED = 15;

/** The middle one of some differences: the beat, whatever the gaps. */
function beat(times: Float64Array, from: number, to: number, unit: number): number {
  const count = to - from;
  if (count < 2) return 0;
  const stride = Math.max(1, Math.floor((count - 1) / DELTAS_SAMPLED));
  const deltas: number[] = [];
  for (let i = from + 1; i < to; i += stride) deltas.push(((times[i] as number) - (times[i - 1] as number)) / unit);
  deltas.sort((a, b) => a - b);
  return deltas[deltas.length >> 1] as number;
}

function inSeconds(times: Float64Array, from: number, to: number, dayMs: number): boolean {
  for (let i = from; i < to; i++) if (((times[i] as number) - dayMs) % SECOND_MS !== 0) return false;
  return true;
}

/** Appends `times[from..to)`, whole ms that rise and lie in the day that begins at `dayMs`. */
export function encodeTimes(out: Bytes, times: Float64Array, range: readonly [number, number], dayMs: number): void {
  const [from, to] = range;
  const unit = inSeconds(times, from, to, dayMs) ? SECOND_MS : 1;
  const step = beat(times, from, to, unit);
  reserve(out, (to - from) * 5 + 24);
  out.buffer[out.at++] = unit === 1 ? 0 : 1;
  putVarint(out, step);
  let stroke = ((times[from] as number) - dayMs) / unit;
  putVarint(out, stroke);
  const { buffer } = out;
  let { at } = out;
  for (let i = from + 1; i < to; i++) {
    const now = ((times[i] as number) - dayMs) / unit;
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
