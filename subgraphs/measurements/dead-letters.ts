import { METRICS, metricDefinition } from '@greencity/air/metric';
import type { NewRecord } from '@greencity/platform/event-log/port';
import type { DeadLetter } from '@greencity/schema/events/reading';
import type { PreparedBatch, PreparedReading, UnreadableRecord } from './prepared-batch.ts';

/** Bytes of a payload that a dead letter keeps. */
const PAYLOAD_BYTES_MAX = 8_192;

function cut(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= PAYLOAD_BYTES_MAX) return text;
  // A character that the cut falls into is dropped whole.
  return new TextDecoder().decode(bytes.subarray(0, PAYLOAD_BYTES_MAX), { stream: true });
}

/** The letter for a record that is no reading. */
export function unreadableLetter({ record, detail }: UnreadableRecord, nowMs: number): NewRecord {
  const letter: DeadLetter = {
    v: 1,
    receivedAtMs: nowMs,
    reason: 'UNREADABLE_RECORD',
    detail: `raw.measurements ${record.partition}/${record.offset}: ${detail}`,
    payload: cut(record.value),
    encoding: 'utf8',
  };
  return { key: 'unknown', value: JSON.stringify(letter) };
}

/** The letter for a reading's values that contradict what is stored for the same device and time. Its payload is a device's message with those values alone. */
export function conflictLetter(
  batch: PreparedBatch,
  { reading, firstRow, endRow }: PreparedReading,
  conflicting: ReadonlySet<number>,
): NewRecord {
  const values: Record<string, number> = {};
  for (let row = firstRow; row < endRow; row += 1) {
    const metric = METRICS[batch.metric[row] ?? 0];
    if (metric && conflicting.has(row)) values[metricDefinition(metric).key] = batch.columns.value[row] ?? Number.NaN;
  }
  const time = new Date(reading.timeMs).toISOString();
  const { bootId, seq } = reading;
  const letter: DeadLetter = {
    v: 1,
    deviceId: reading.deviceId,
    topic: `greencity/v1/${reading.deviceId}/measurements`,
    receivedAtMs: reading.receivedAtMs,
    reason: 'CONFLICT',
    detail: `${Object.keys(values).join(', ')}: another value is stored for ${time}`,
    payload: JSON.stringify({ bootId, seq, time, values }),
    encoding: 'utf8',
  };
  return { key: reading.deviceId, value: JSON.stringify(letter) };
}
