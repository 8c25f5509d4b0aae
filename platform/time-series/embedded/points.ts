/** Points of one series on their way from the places that hold them to the question that asks. */

/** From `fromMs`, up to but not including `toMs`. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Columns that grow. What is not wanted is not read: `flags` and `corrected` then hold nothing of use. */
export interface PointBuffer {
  length: number;
  timeMs: Float64Array;
  value: Float64Array;
  corrected: Float64Array;
  flags: Uint8Array;
  readonly wantsFlags: boolean;
  readonly wantsCorrected: boolean;
}

/** A place that holds points: hot memory, or a day file. */
export interface PointSource {
  /** Appends the points of a series in a range, in time order. */
  read(series: number, range: TimeRange, into: PointBuffer): void;
  /** The value stored at this very time; NaN where there is none. */
  valueAt(series: number, timeMs: number): number;
}

const CAPACITY_AT_FIRST = 256;

/** An empty buffer. */
export function pointBuffer(wants: { readonly flags: boolean; readonly corrected: boolean }): PointBuffer {
  return {
    length: 0,
    timeMs: new Float64Array(CAPACITY_AT_FIRST),
    value: new Float64Array(CAPACITY_AT_FIRST),
    corrected: new Float64Array(wants.corrected ? CAPACITY_AT_FIRST : 0),
    flags: new Uint8Array(wants.flags ? CAPACITY_AT_FIRST : 0),
    wantsFlags: wants.flags,
    wantsCorrected: wants.corrected,
  };
}

/** Makes room for `more` points. */
export function makeRoom(buffer: PointBuffer, more: number): void {
  const needed = buffer.length + more;
  if (needed <= buffer.timeMs.length) return;
  const capacity = Math.max(needed, Math.ceil(buffer.timeMs.length * 1.5));
  const grown = <T extends Float64Array | Uint8Array>(column: T, into: T): T => {
    into.set(column.subarray(0, buffer.length));
    return into;
  };
  buffer.timeMs = grown(buffer.timeMs, new Float64Array(capacity));
  buffer.value = grown(buffer.value, new Float64Array(capacity));
  if (buffer.wantsCorrected) buffer.corrected = grown(buffer.corrected, new Float64Array(capacity));
  if (buffer.wantsFlags) buffer.flags = grown(buffer.flags, new Uint8Array(capacity));
}

/** Drops what lies outside a range among the points from `first` on, which are in time order. */
export function cutToRange(buffer: PointBuffer, first: number, range: TimeRange): void {
  const { timeMs } = buffer;
  let start = first;
  let end = buffer.length;
  while (start < end && (timeMs[start] as number) < range.fromMs) start++;
  while (end > start && (timeMs[end - 1] as number) >= range.toMs) end--;
  if (start > first) {
    timeMs.copyWithin(first, start, end);
    buffer.value.copyWithin(first, start, end);
    if (buffer.wantsCorrected) buffer.corrected.copyWithin(first, start, end);
    if (buffer.wantsFlags) buffer.flags.copyWithin(first, start, end);
  }
  buffer.length = first + end - start;
}

/** Puts the points in time order. Sources hold different points, so that none is there twice. */
export function sortByTime(buffer: PointBuffer): void {
  const { length, timeMs } = buffer;
  let sorted = true;
  for (let i = 1; i < length && sorted; i++) sorted = (timeMs[i - 1] as number) <= (timeMs[i] as number);
  if (sorted) return;
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  order.sort((a, b) => (timeMs[a] as number) - (timeMs[b] as number));
  reorder(buffer.timeMs, order);
  reorder(buffer.value, order);
  if (buffer.wantsCorrected) reorder(buffer.corrected, order);
  if (buffer.wantsFlags) reorder(buffer.flags, order);
}

function reorder(column: Float64Array | Uint8Array, order: Uint32Array): void {
  const before = column.slice(0, order.length);
  for (let i = 0; i < order.length; i++) column[i] = before[order[i] as number] as number;
}

/** Place of the first of `length` rising times that is not before `timeMs`. */
export function firstAtOrAfter(times: Float64Array, length: number, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
