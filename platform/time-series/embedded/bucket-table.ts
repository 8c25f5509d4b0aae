import type { BucketColumns, Statistic } from '../port.ts';
import { tooLong } from './snapshot.ts';
import { quantile, sortRange } from './statistics.ts';

/** Buckets while they fill. Rows belong to a segment: a place in the list of series asked for, or 0 for all series together. */
export interface BucketTable {
  /** The row of a bucket of this segment; made when it is new. @throws AppError SERIES_TOO_LONG when it is one more than the most */
  row(startMs: number): number;
  /** Adds points that lie in one bucket: `values[from..to)`. */
  addValues(row: number, values: Float64Array, from: number, to: number): void;
  /** Adds points that were summed up before. */
  addPart(row: number, part: BucketPart): void;
  /** Order statistics of a row that is whole as it came from a roll-up. */
  setOrder(row: number, median: number, p95: number): void;
  /** The columns that fill, by row; valid until the next new row. */
  sums(): BucketSums;
  /** From here on rows belong to another segment; rows of the one before are complete. */
  startSegment(segment: number): void;
  /** The columns, in order of segment, then time. */
  finish(statistics: readonly Statistic[], seriesOf: ((segment: number) => number) | undefined): BucketColumns;
}

export interface BucketPart {
  count: number;
  sum: number;
  min: number;
  max: number;
}

export interface BucketSums {
  readonly count: Float64Array;
  readonly sum: Float64Array;
}

export interface BucketTableOptions {
  readonly bucketsMax: number;
  /** True when MEDIAN or P95 is asked for: every value of a segment is kept then. */
  readonly keepsValues: boolean;
}

/** Values kept of one segment: 48 MiB of them. */
const VALUES_MAX = 4_194_304;
const NUMBERS = ['startMs', 'count', 'sum', 'min', 'max', 'median', 'p95'] as const;

type Columns = Record<(typeof NUMBERS)[number], Float64Array> & { rows: number; segment: Uint32Array };

interface Values {
  count: number;
  row: Uint32Array;
  value: Float64Array;
}

function doubles(before: Float64Array, capacity: number): Float64Array {
  const into = new Float64Array(capacity);
  into.set(before);
  return into;
}

function wholes(before: Uint32Array, capacity: number): Uint32Array {
  const into = new Uint32Array(capacity);
  into.set(before);
  return into;
}

function addRow(columns: Columns, startMs: number, segment: number): number {
  if (columns.rows === columns.segment.length) {
    const capacity = Math.max(64, columns.rows * 2);
    for (const name of NUMBERS) columns[name] = doubles(columns[name], capacity);
    columns.segment = wholes(columns.segment, capacity);
  }
  const row = columns.rows++;
  columns.startMs[row] = startMs;
  columns.segment[row] = segment;
  columns.min[row] = Number.POSITIVE_INFINITY;
  columns.max[row] = Number.NEGATIVE_INFINITY;
  return row;
}

function keep(values: Values, row: number, from: readonly [Float64Array, number, number]): void {
  const [source, start, end] = from;
  const needed = values.count + end - start;
  if (needed > VALUES_MAX) throw tooLong(needed, VALUES_MAX);
  if (needed > values.value.length) {
    const capacity = Math.max(1_024, Math.ceil(needed * 1.5));
    values.value = doubles(values.value, capacity);
    values.row = wholes(values.row, capacity);
  }
  values.value.set(source.subarray(start, end), values.count);
  values.row.fill(row, values.count, needed);
  values.count = needed;
}

/** Sorts the kept values into their rows, and takes the order statistics of each row that has any. */
function takeOrder(columns: Columns, values: Values, firstRow: number): void {
  const ends = new Uint32Array(columns.rows - firstRow + 1);
  for (let i = 0; i < values.count; i++) {
    const row = (values.row[i] as number) - firstRow + 1;
    ends[row] = (ends[row] as number) + 1;
  }
  for (let i = 1; i < ends.length; i++) ends[i] = (ends[i] as number) + (ends[i - 1] as number);
  const next = ends.slice();
  const byRow = new Float64Array(values.count);
  for (let i = 0; i < values.count; i++) {
    const row = (values.row[i] as number) - firstRow;
    const at = next[row] as number;
    byRow[at] = values.value[i] as number;
    next[row] = at + 1;
  }
  for (let i = 0; i + 1 < ends.length; i++) {
    const from = ends[i] as number;
    const to = ends[i + 1] as number;
    if (from === to) continue;
    sortRange(byRow, from, to);
    const sorted = byRow.subarray(from, to);
    columns.median[firstRow + i] = quantile(sorted, to - from, 0.5);
    columns.p95[firstRow + i] = quantile(sorted, to - from, 0.95);
  }
  values.count = 0;
}

function statisticOf(columns: Columns, statistic: Statistic, row: number): number {
  switch (statistic) {
    case 'MEAN':
      return (columns.sum[row] as number) / (columns.count[row] as number);
    case 'MIN':
      return columns.min[row] as number;
    case 'MAX':
      return columns.max[row] as number;
    case 'MEDIAN':
      return columns.median[row] as number;
    case 'P95':
      return columns.p95[row] as number;
    case 'COUNT':
      return columns.count[row] as number;
  }
}

function columnsOf(
  columns: Columns,
  statistics: readonly Statistic[],
  seriesOf: ((segment: number) => number) | undefined,
): BucketColumns {
  const { rows, segment, startMs } = columns;
  const order = new Uint32Array(rows);
  let sorted = true;
  for (let row = 0; row < rows; row++) {
    order[row] = row;
    if (row === 0) continue;
    const step = (segment[row] as number) - (segment[row - 1] as number);
    if (step < 0 || (step === 0 && (startMs[row] as number) < (startMs[row - 1] as number))) sorted = false;
  }
  if (!sorted) {
    order.sort(
      (a, b) => (segment[a] as number) - (segment[b] as number) || (startMs[a] as number) - (startMs[b] as number),
    );
  }
  const column = (of: (row: number) => number): Float64Array => {
    const into = new Float64Array(rows);
    for (let i = 0; i < rows; i++) into[i] = of(order[i] as number);
    return into;
  };
  const asked: Partial<Record<Statistic, Float64Array>> = {};
  for (const statistic of statistics) asked[statistic] = column((row) => statisticOf(columns, statistic, row));
  const series = seriesOf ? Uint32Array.from(order, (row) => seriesOf(segment[row] as number)) : new Uint32Array(0);
  return {
    length: rows,
    series,
    startMs: column((row) => startMs[row] as number),
    count: column((row) => columns.count[row] as number),
    statistics: asked,
  };
}

function addRange(columns: Columns, row: number, values: Float64Array, range: readonly [number, number]): void {
  const [from, to] = range;
  let sum = columns.sum[row] as number;
  let min = columns.min[row] as number;
  let max = columns.max[row] as number;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  columns.sum[row] = sum;
  columns.min[row] = min;
  columns.max[row] = max;
  columns.count[row] = (columns.count[row] as number) + to - from;
}

/** An empty table. */
export function bucketTable({ bucketsMax, keepsValues }: BucketTableOptions): BucketTable {
  const columns = { rows: 0, segment: new Uint32Array(0) } as Columns;
  for (const name of NUMBERS) columns[name] = new Float64Array(0);
  const values: Values = { count: 0, row: new Uint32Array(0), value: new Float64Array(0) };
  const known = new Map<number, number>();
  let segment = 0;
  let firstRow = 0;
  let lastRow = -1;
  return {
    row: (startMs) => {
      // Series come with the same buckets in the same order, so that the next row is most often the one.
      if (lastRow >= firstRow && columns.startMs[lastRow] === startMs) return lastRow;
      if (lastRow + 1 < columns.rows && columns.startMs[lastRow + 1] === startMs) return ++lastRow;
      const found = known.get(startMs);
      if (found !== undefined) {
        lastRow = found;
        return found;
      }
      if (columns.rows >= bucketsMax) throw tooLong(columns.rows + 1, bucketsMax);
      lastRow = addRow(columns, startMs, segment);
      known.set(startMs, lastRow);
      return lastRow;
    },
    addValues: (row, source, from, to) => {
      addRange(columns, row, source, [from, to]);
      if (keepsValues) keep(values, row, [source, from, to]);
    },
    addPart: (row, part) => {
      columns.count[row] = (columns.count[row] as number) + part.count;
      columns.sum[row] = (columns.sum[row] as number) + part.sum;
      if (part.min < (columns.min[row] as number)) columns.min[row] = part.min;
      if (part.max > (columns.max[row] as number)) columns.max[row] = part.max;
    },
    setOrder: (row, median, p95) => {
      columns.median[row] = median;
      columns.p95[row] = p95;
    },
    sums: () => columns,
    startSegment: (next) => {
      if (values.count > 0) takeOrder(columns, values, firstRow);
      segment = next;
      firstRow = columns.rows;
      lastRow = firstRow - 1;
      known.clear();
    },
    finish: (statistics, seriesOf) => {
      if (values.count > 0) takeOrder(columns, values, firstRow);
      return columnsOf(columns, statistics, seriesOf);
    },
  };
}
