/** Writes points: batches that wait for one another go together, each row compared with what is stored at its time. */
import { AppError } from '../../errors.ts';
import type { PointColumns, WriteOutcome } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import { isMissing } from './failure.ts';
import type { FreshLog } from './fresh-log.ts';
import type { Buckets } from './layout.ts';
import { type Lines, openLines } from './lines.ts';
import type { Names } from './names.ts';
import type { Others } from './others.ts';
import { contestedIn, type Sorted, sortRows } from './sorting.ts';
import { lookUp, type StoredValues } from './stored-values.ts';
import { type Unsure, unsurePoints } from './unsure.ts';

/** Rows of the calls that wait; one more call is refused. */
const WAITING_ROWS_MAX = 200_000;
/** Rows that go together. */
const ROWS_TOGETHER = 20_000;

export interface WriterOptions {
  readonly connection: InfluxConnection;
  readonly buckets: Buckets;
  readonly names: Names;
  readonly others: Others;
  readonly freshLog: FreshLog;
  readonly rawFloorMs: () => number;
  /** Told of each batch that was written: rows older than the retention are in none of its lists. */
  readonly onWritten: (written: WriteOutcome & { readonly rows: number; readonly expired: number }) => void;
}

export interface Writer {
  write(points: PointColumns): Promise<WriteOutcome>;
  /** Why the last batch was not written; undefined when it was. */
  readonly trouble: unknown;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly points: PointColumns;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: unknown) => void;
}

interface Writing extends WriterOptions {
  /** As the connection's, noting that the server failed. */
  readonly patiently: InfluxConnection['patiently'];
  readonly lines: Lines;
  readonly unsure: Unsure;
}

/** A writer: one group of batches at a time, so that the second of two equal points always meets the first. */
export function openWriter(options: WriterOptions): Writer {
  const writing: Writing = {
    ...options,
    patiently: (call) => options.connection.patiently(() => noting(options.freshLog, call)),
    lines: openLines(options.names),
    unsure: unsurePoints(),
  };
  let waiting: Waiting[] = [];
  let waitingRows = 0;
  let working: Promise<void> | undefined;
  let trouble: unknown;

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
          writing,
          group.map(({ points }) => points),
        );
        trouble = undefined;
        for (const [place, { resolve }] of group.entries()) resolve(outcomes[place] as WriteOutcome);
      } catch (error) {
        trouble = error;
        for (const { reject } of group) reject(error);
      }
    }
    working = undefined;
  }

  return {
    get trouble() {
      return trouble;
    },
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

async function noting<T>(freshLog: FreshLog, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isMissing(error)) freshLog.doubt();
    throw error;
  }
}

async function writeGroup(options: Writing, batches: readonly PointColumns[]): Promise<readonly WriteOutcome[]> {
  const { connection, buckets, names, others, rawFloorMs, unsure, patiently } = options;
  await patiently(others.learn);
  const standing = { names, floorMs: rawFloorMs() };
  const { contested, late } = contestedIn(batches, standing);
  const stored: StoredValues = late.length > 0 ? await patiently(() => lookUp(connection, buckets, late)) : new Map();
  const sorted = sortRows(batches, { ...standing, contested, stored });
  const sent = sorted.map(({ points, fresh, duplicates }) => {
    const again = unsure.among(points, duplicates);
    return { points, fresh: again.length > 0 ? [...fresh, ...again] : fresh };
  });
  const bodies = options.lines.bodies(sent);
  if (bodies.length > 0) {
    const fromMs = Math.min(...sent.map(oldest));
    try {
      await options.freshLog.ensure();
      await send(options, bodies, others.line(fromMs));
    } catch (error) {
      // The server may have stored some of it before its answer was lost.
      others.doubt(fromMs);
      for (const { points, fresh } of sent) unsure.note(error, points, fresh);
      throw error;
    }
    for (const { points, fresh } of sent) unsure.taken(points, fresh);
  }
  return sorted.map((batch) => outcomeOf(options, batch));
}

async function send(
  { connection, buckets, patiently }: Writing,
  bodies: readonly string[],
  announcement: string,
): Promise<void> {
  // The same lines again change nothing where the first ones had arrived.
  const requests = bodies.map((body) => patiently(() => connection.send(buckets.raw, body + announcement)));
  const outcomes = await Promise.allSettled(requests);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

function oldest({ points, fresh }: Pick<Sorted, 'points' | 'fresh'>): number {
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
