import type { EventLog, LogRecord } from '@greencity/platform/event-log/port';
import { METRIC_INDEX } from './raw-reading.ts';

/** Which values `processed.measurements` held already when a partition of `raw.measurements` was taken over. */
export interface ToldBefore {
  /** @param metric place in METRICS */
  has(deviceId: string, timeMs: number, metric: number): boolean;
}

/** A crash leaves some seconds of readings that may have been told; more than this are not looked through. */
const RECORDS_MAX = 50_000;
const READ_RECORDS = 5_000;

export interface ToldBeforeOptions {
  /** End of `processed.measurements` when the partition was taken over. */
  readonly endOffset: number;
  /** When the oldest record was appended that may have been told, Unix ms. */
  readonly sinceMs: number;
}

/** Reads the newest records, back to a moment. What is further back counts as not told: whoever hears it again knows it by device, metric and time. */
export async function readToldBefore(eventLog: EventLog, options: ToldBeforeOptions): Promise<ToldBefore> {
  const { endOffset, sinceMs } = options;
  const told = new Map<string, number>();
  for (let end = endOffset; end > Math.max(0, endOffset - RECORDS_MAX); ) {
    const from = Math.max(0, end - READ_RECORDS);
    const records = await eventLog.read('processed.measurements', 0, from, end - from);
    for (const record of records) note(told, record);
    const [oldest] = records;
    if (!oldest || oldest.appendedAtMs < sinceMs) break;
    end = from;
  }
  return {
    has: (deviceId, timeMs, metric) => ((told.get(`${timeMs} ${deviceId}`) ?? 0) & (1 << metric)) !== 0,
  };
}

interface Told {
  readonly deviceId: string;
  readonly timeMs: number;
  readonly values: Readonly<Record<string, number>>;
}

function note(told: Map<string, number>, { value }: LogRecord): void {
  const { deviceId, timeMs, values } = JSON.parse(value) as Told;
  const reading = `${timeMs} ${deviceId}`;
  let metrics = told.get(reading) ?? 0;
  for (const key of Object.keys(values)) metrics |= 1 << (METRIC_INDEX.get(key) ?? 0);
  told.set(reading, metrics);
}
