import { METRICS } from '@greencity/air/metric';
import { BAD_BITS, FLAG_BIT } from '@greencity/air/quality';
import type { LogRecord } from '@greencity/platform/event-log/port';
import type { PointColumns } from '@greencity/platform/time-series/port';
import type { RawReading } from '@greencity/schema/events/reading';
import type { DeviceSeries, DeviceSeriesBook } from './device-series.ts';
import { arrivalFlags } from './domain/arrival.ts';
import { correctedParticles, humidFlag, humidityAt, noteHumidity, toldHumidity } from './domain/humidity.ts';
import { RULES } from './domain/metric-rules.ts';
import type { SeriesHistory } from './domain/series-history.ts';
import { METRIC_INDEX, readRaw } from './raw-reading.ts';

/** A reading and the rows of the columns that hold its values, in the order of its `values`. */
export interface PreparedReading {
  readonly reading: RawReading;
  readonly device: DeviceSeries;
  /** Of its record in `raw.measurements`. */
  readonly offset: number;
  readonly firstRow: number;
  readonly endRow: number;
}

export interface UnreadableRecord {
  readonly record: LogRecord;
  readonly detail: string;
}

/** Records turned into columns, each value judged and, where it applies, corrected. */
export interface PreparedBatch {
  readonly readings: readonly PreparedReading[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly columns: PointColumns;
  /** Place in METRICS of each row. */
  readonly metric: Uint8Array;
}

export interface Judges {
  readonly book: DeviceSeriesBook;
  readonly history: SeriesHistory;
}

const HUMIDITY = METRICS.indexOf('HUMIDITY');
const IS_PARTICLES: readonly boolean[] = METRICS.map((metric) => ['PM1', 'PM2_5', 'PM10'].includes(metric));

interface Readable {
  readonly readings: readonly { readonly reading: RawReading; readonly offset: number }[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly valueCount: number;
}

function readAll(batch: readonly LogRecord[]): Readable {
  const readings: { reading: RawReading; offset: number }[] = [];
  const unreadable: UnreadableRecord[] = [];
  let valueCount = 0;
  for (const record of batch) {
    const read = readRaw(record.value);
    if (read.kind === 'unreadable') {
      unreadable.push({ record, detail: read.detail });
    } else {
      readings.push({ reading: read.reading, offset: record.offset });
      valueCount += read.valueCount;
    }
  }
  return { readings, unreadable, valueCount };
}

function emptyColumns(length: number): PointColumns {
  return {
    length,
    series: new Uint32Array(length),
    timeMs: new Float64Array(length),
    value: new Float64Array(length),
    corrected: new Float64Array(length).fill(Number.NaN),
    flags: new Uint8Array(length),
  };
}

/** Reads, judges and corrects a batch, in the order of its records. Devices met for the first time go on from what the store knows of them. */
export async function prepareBatch(batch: readonly LogRecord[], judges: Judges): Promise<PreparedBatch> {
  const { readings, unreadable, valueCount } = readAll(batch);
  const { book } = judges;
  const unmet = new Set<string>();
  for (const { reading } of readings) if (!book.get(reading.deviceId)) unmet.add(reading.deviceId);
  if (unmet.size > 0) await book.meet(unmet);

  const prepared: PreparedBatch = {
    readings: [],
    unreadable,
    columns: emptyColumns(valueCount),
    metric: new Uint8Array(valueCount),
  };
  let row = 0;
  for (const { reading, offset } of readings) {
    const device = book.get(reading.deviceId);
    if (!device) throw new Error(`expected device ${reading.deviceId} to have been met`);
    const firstRow = row;
    row = fillRows(prepared, { reading, device, firstRow }, judges);
    (prepared.readings as PreparedReading[]).push({ reading, device, offset, firstRow, endRow: row });
  }
  return prepared;
}

interface Filling {
  readonly reading: RawReading;
  readonly device: DeviceSeries;
  readonly firstRow: number;
}

/** Fills a reading's rows and gives the row after them. */
function fillRows(batch: PreparedBatch, { reading, device, firstRow }: Filling, judges: Judges): number {
  const { columns, metric } = batch;
  const { timeMs, values } = reading;
  const arrival = arrivalFlags(timeMs, reading.receivedAtMs, reading.timeSource);
  let row = firstRow;
  let ownHumidity: number | undefined;
  for (const key in values) {
    const place = METRIC_INDEX.get(key) ?? 0;
    const rules = RULES[place];
    const value = values[key] ?? 0;
    if (!rules) throw new Error(`expected rules for ${key}`);
    const series = judges.book.seriesOf(device, place);
    const flags = judges.history.judge(series, rules, timeMs, value);
    if (place === HUMIDITY) {
      noteHumidity(device.humidity, timeMs, value, flags);
      ownHumidity = toldHumidity(value, flags);
    }
    metric[row] = place;
    columns.series[row] = series;
    columns.timeMs[row] = timeMs;
    columns.value[row] = value;
    columns.flags[row] = flags | arrival;
    row += 1;
  }
  judgeParticles(batch, { percent: ownHumidity ?? humidityAt(device.humidity, timeMs), firstRow, endRow: row });
  return row;
}

interface ParticleRows {
  readonly percent: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/** After the whole reading, so that its own humidity counts wherever it stands among the values, and also when the reading is late. */
function judgeParticles(batch: PreparedBatch, { percent, firstRow, endRow }: ParticleRows): void {
  const { columns, metric } = batch;
  if (Number.isNaN(percent)) return;
  const humid = humidFlag(percent);
  for (let row = firstRow; row < endRow; row += 1) {
    if (!IS_PARTICLES[metric[row] ?? 0]) continue;
    const flags = (columns.flags[row] ?? 0) | humid;
    columns.flags[row] = flags;
    if ((flags & BAD_BITS) === 0) columns.corrected[row] = correctedParticles(columns.value[row] ?? 0, percent);
  }
}

/** How many rows carry each flag, by name. */
export function countFlags(flags: Uint8Array): Readonly<Record<keyof typeof FLAG_BIT, number>> {
  const rows = new Uint32Array(256);
  for (const byte of flags) rows[byte] = (rows[byte] ?? 0) + 1;
  const counts = { ...FLAG_BIT };
  for (const name of Object.keys(counts) as (keyof typeof FLAG_BIT)[]) {
    counts[name] = rows.reduce((sum, count, byte) => (byte & FLAG_BIT[name] ? sum + count : sum), 0);
  }
  return counts;
}
