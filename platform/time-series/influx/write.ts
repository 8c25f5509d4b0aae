/** Writes points: batches that wait for one another go together, each row compared with what is stored at its time. */
import type { Metric } from '@greencity/air/metric';
import { AppError } from '../../errors.ts';
import type { PointColumns, WriteOutcome } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import type { Buckets } from './layout.ts';
import { linesOf } from './lines.ts';
import type { Names } from './names.ts';
import type { Others } from './others.ts';
import { lookUp, type StoredValues } from './stored-values.ts';

/** Rows of the calls that wait; one more call is refused. */
const WAITING_ROWS_MAX = 200_000;
/** Rows that go together. */
const ROWS_TOGETHER = 20_000;
/** Lines of one request, as InfluxDB advises. */
const LINES_MAX = 5_000;

export interface WriterOptions {
  readonly connection: InfluxConnection;
  readonly buckets: Buckets;
  readonly names: Names;
  readonly others: Others;
  readonly rawFloorMs: () => number;
  /** Told of each batch that was written: rows older than the retention are in none of its lists. */
  readonly onWritten: (written: WriteOutcome & { readonly rows: number; readonly expired: number }) => void;
}

export interface Writer {
  write(points: PointColumns): Promise<WriteOutcome>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly points: PointColumns;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: unknown) => void;
}

interface Sorted {
  readonly points: PointColumns;
  readonly fresh: number[];
  readonly duplicates: number[];
  readonly conflicts: number[];
  expired: number;
}

/** A writer: one group of batches at a time, so that the second of two equal points always meets the first. */
export function openWriter(options: WriterOptions): Writer {
  let waiting: Waiting[] = [];
  let waitingRows = 0;
  let working: Promise<void> | undefined;

  function nextGroup(): readonly Waiting[] {
    let rows = 0;
    let count = 0;
    while (
      count < waiting.length &&
      (count === 0 || rows + (waiting[count] as Waiting).points.length <= ROWS_TOGETHER)
    ) {
      rows += (waiting[count++] as Waiting).points.length;
    }
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingRows -= rows;
    return group;
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const group = nextGroup();
      try {
        const outcomes = await writeGroup(
          options,
          group.map(({ points }) => points),
        );
        for (const [place, { resolve }] of group.entries()) resolve(outcomes[place] as WriteOutcome);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    working = undefined;
  }

  return {
    write: (points) => {
      if (waitingRows + points.length > WAITING_ROWS_MAX) {
        return Promise.reject(new AppError('STORE_UNWRITABLE', 'more readings wait for InfluxDB than it takes'));
      }
      return new Promise((resolve, reject) => {
        waiting.push({ points, resolve, reject });
        waitingRows += points.length;
        working ??= Promise.resolve().then(work);
      });
    },
    idle: async () => {
      await working;
    },
  };
}

async function writeGroup(options: WriterOptions, batches: readonly PointColumns[]): Promise<readonly WriteOutcome[]> {
  const { connection, buckets, names, others } = options;
  await connection.patiently(() => others.learn());
  const late = lateRows(options, batches);
  const stored: StoredValues =
    late.length > 0 ? await connection.patiently(() => lookUp(connection, buckets, late)) : new Map();
  const sorted = sort(options, batches, stored);
  const lines = sorted.flatMap(({ points, fresh }) => linesOf(points, fresh, names));
  if (lines.length > 0) {
    const fromMs = Math.min(...sorted.map(oldest));
    try {
      await send(connection, buckets.raw, lines, others.line(fromMs));
    } catch (error) {
      // The server may have stored some of it before its answer was lost.
      others.doubt(fromMs);
      throw error;
    }
  }
  return sorted.map((batch) => outcomeOf(options, batch));
}

async function send(
  connection: InfluxConnection,
  bucket: string,
  lines: readonly string[],
  announcement: string,
): Promise<void> {
  const requests: Promise<void>[] = [];
  for (let from = 0; from < lines.length; from += LINES_MAX) {
    const request = [...lines.slice(from, from + LINES_MAX), announcement];
    // The same lines again change nothing where the first ones had arrived.
    requests.push(connection.patiently(() => connection.send(bucket, request)));
  }
  const outcomes = await Promise.allSettled(requests);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

function oldest({ points, fresh }: Sorted): number {
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const row of fresh) oldestMs = Math.min(oldestMs, points.timeMs[row] as number);
  return oldestMs;
}

function outcomeOf({ names, rawFloorMs, onWritten }: WriterOptions, batch: Sorted): WriteOutcome {
  const { points, fresh, expired } = batch;
  names.remember(rowsOf(points, fresh), rawFloorMs());
  const outcome = {
    duplicates: Uint32Array.from(batch.duplicates),
    conflicts: Uint32Array.from(batch.conflicts),
  };
  onWritten({ ...outcome, rows: points.length, expired });
  return outcome;
}

function rowsOf(points: PointColumns, rows: readonly number[]): PointColumns {
  if (rows.length === points.length) return points;
  return {
    length: rows.length,
    series: Uint32Array.from(rows, (row) => points.series[row] as number),
    timeMs: Float64Array.from(rows, (row) => points.timeMs[row] as number),
    value: Float64Array.from(rows, (row) => points.value[row] as number),
    corrected: Float64Array.from(rows, (row) => points.corrected[row] as number),
    flags: Uint8Array.from(rows, (row) => points.flags[row] as number),
  };
}

/** A place in the store. */
export interface Slot {
  readonly deviceId: string;
  readonly metric: Metric;
  readonly timeMs: number;
}

/** Rows that are not newer than all of their series: something may be stored at their time. */
function lateRows({ names, rawFloorMs }: WriterOptions, batches: readonly PointColumns[]): readonly Slot[] {
  const floorMs = rawFloorMs();
  const late: Slot[] = [];
  for (const points of batches) {
    const newest = names.latest(points.series).timeMs;
    for (let row = 0; row < points.length; row++) {
      const timeMs = points.timeMs[row] as number;
      if (timeMs < floorMs || !(timeMs <= (newest[row] as number))) continue;
      const series = points.series[row] as number;
      late.push({ deviceId: names.deviceOf(series), metric: names.metricOf(series), timeMs });
    }
  }
  return late;
}

/** Tells rows that are new from those that are stored already, or stand earlier in the same group. */
function sort(
  { names, rawFloorMs }: WriterOptions,
  batches: readonly PointColumns[],
  stored: StoredValues,
): readonly Sorted[] {
  const floorMs = rawFloorMs();
  /** Values of the group by series, then time. */
  const taken = new Map<number, Map<number, number>>();
  return batches.map((points) => {
    const sorted: Sorted = { points, fresh: [], duplicates: [], conflicts: [], expired: 0 };
    for (let row = 0; row < points.length; row++) {
      const series = points.series[row] as number;
      const timeMs = points.timeMs[row] as number;
      if (timeMs < floorMs) {
        sorted.expired++;
        continue;
      }
      const value = points.value[row] as number;
      let ofSeries = taken.get(series);
      const found = ofSeries?.get(timeMs) ?? storedAt(stored, names, { series, timeMs });
      if (found === undefined) {
        if (!ofSeries) {
          ofSeries = new Map();
          taken.set(series, ofSeries);
        }
        ofSeries.set(timeMs, value);
        sorted.fresh.push(row);
      } else if (found === value) sorted.duplicates.push(row);
      else sorted.conflicts.push(row);
    }
    return sorted;
  });
}

function storedAt(
  stored: StoredValues,
  names: Names,
  { series, timeMs }: { readonly series: number; readonly timeMs: number },
): number | undefined {
  if (stored.size === 0) return undefined;
  return stored.get(names.metricOf(series))?.get(names.deviceOf(series))?.get(timeMs);
}
