import { AppError } from '@greencity/platform/errors';
import type { NewRecord } from '@greencity/platform/event-log/port';
import type { TimeSeries, WriteOutcome } from '@greencity/platform/time-series/port';
import { conflictLetter, unreadableLetter } from './dead-letters.ts';
import type { PreparedBatch, PreparedReading } from './prepared-batch.ts';
import { processedJson } from './processed-json.ts';
import type { ToldBefore } from './told-before.ts';

/** What a stored batch sends on. */
export interface Emission {
  /** Records of `processed.measurements`, and the reading behind each. */
  readonly processed: readonly NewRecord[];
  readonly emitted: readonly PreparedReading[];
  /** Records of `raw.measurements.dlq`. */
  readonly letters: readonly NewRecord[];
  /** Repeated rows that are not told again. */
  readonly repeatedValues: number;
}

export interface EmissionOptions {
  readonly timeSeries: TimeSeries;
  /**
   * Readings of records before this offset may have been stored and not yet told when a process ended in between: their repeats are told,
   * but for those that were told before.
   */
  readonly toldAgainBefore: number;
  /** Only asked where there are such repeats. */
  readonly toldBefore: () => Promise<ToldBefore>;
  readonly nowMs: number;
}

/** Works out what to send on. Repeats are told again, or not at all; conflicts and unreadable records become dead letters. */
export async function emissionOf(
  batch: PreparedBatch,
  outcome: WriteOutcome,
  options: EmissionOptions,
): Promise<Emission> {
  const { length } = batch.columns;
  const odd = outcome.duplicates.length + outcome.conflicts.length > 0;
  const leftOut = odd ? new Uint8Array(length) : undefined;
  const letters = batch.unreadable.map((record) => unreadableLetter(record, options.nowMs));
  let repeatedValues = 0;
  if (leftOut) {
    repeatedValues = await leaveOutRepeats(batch, outcome, options, leftOut);
    letters.push(...leaveOutConflicts(batch, outcome, leftOut));
  }
  const processed: NewRecord[] = [];
  const emitted: PreparedReading[] = [];
  for (const reading of batch.readings) {
    const value = processedJson(batch, reading, leftOut);
    if (value === undefined) continue;
    processed.push({ key: reading.reading.zoneId, value });
    emitted.push(reading);
  }
  return { processed, emitted, letters, repeatedValues };
}

/** The reading of each row, for the few rows that need it. */
function readingOfRow(batch: PreparedBatch, row: number): PreparedReading {
  let low = 0;
  let high = batch.readings.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((batch.readings[middle]?.firstRow ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  const found = batch.readings[low];
  if (!found) throw new Error(`expected a reading for row ${row}`);
  return found;
}

async function leaveOutRepeats(
  batch: PreparedBatch,
  outcome: WriteOutcome,
  { timeSeries, toldAgainBefore, toldBefore }: EmissionOptions,
  leftOut: Uint8Array,
): Promise<number> {
  const toldAgain: number[] = [];
  for (const row of outcome.duplicates) {
    const { offset, reading } = readingOfRow(batch, row);
    const mayBeUntold = offset < toldAgainBefore;
    const isTold = !mayBeUntold || (await toldBefore()).has(reading.deviceId, reading.timeMs, batch.metric[row] ?? 0);
    if (isTold) leftOut[row] = 1;
    else toldAgain.push(row);
  }
  if (toldAgain.length > 0) await takeStored(batch, toldAgain, timeSeries);
  return outcome.duplicates.length - toldAgain.length;
}

/** What is told again is what was stored: judged anew, with other neighbours in memory, its flags could differ. */
async function takeStored(batch: PreparedBatch, rows: readonly number[], timeSeries: TimeSeries): Promise<void> {
  const bySeries = new Map<number, number[]>();
  for (const row of rows) {
    const series = batch.columns.series[row] ?? 0;
    const known = bySeries.get(series);
    if (known) known.push(row);
    else bySeries.set(series, [row]);
  }
  await Promise.all(
    [...bySeries].map(([series, ofSeries]) => takeStoredSeries(batch, { series, ofSeries }, timeSeries)),
  );
}

const STORED_POINTS_MAX = 100_000;

async function takeStoredSeries(
  batch: PreparedBatch,
  { series, ofSeries }: { readonly series: number; readonly ofSeries: readonly number[] },
  timeSeries: TimeSeries,
): Promise<void> {
  const { columns } = batch;
  const times = ofSeries.map((row) => columns.timeMs[row] ?? 0);
  const range = { fromMs: Math.min(...times), toMs: Math.max(...times) + 1 };
  const stored = await timeSeries.raw({ series, ...range, pointsMax: STORED_POINTS_MAX }).catch((error: unknown) => {
    // A dense series with repeats weeks apart: our own judgement, made anew, has to do.
    if (error instanceof AppError && error.code === 'SERIES_TOO_LONG') return undefined;
    throw error;
  });
  if (!stored) return;
  const placeOf = new Map<number, number>();
  stored.timeMs.forEach((timeMs, place) => {
    placeOf.set(timeMs, place);
  });
  for (const row of ofSeries) {
    const place = placeOf.get(columns.timeMs[row] ?? 0);
    if (place === undefined) continue;
    columns.flags[row] = stored.flags[place] ?? 0;
    columns.corrected[row] = stored.corrected[place] ?? Number.NaN;
  }
}

function leaveOutConflicts(batch: PreparedBatch, { conflicts }: WriteOutcome, leftOut: Uint8Array): NewRecord[] {
  const rows = new Set(conflicts);
  const readings = new Set<PreparedReading>();
  for (const row of conflicts) {
    leftOut[row] = 1;
    readings.add(readingOfRow(batch, row));
  }
  return [...readings].map((reading) => conflictLetter(batch, reading, rows));
}
