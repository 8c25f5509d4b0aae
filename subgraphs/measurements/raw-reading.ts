import { METRICS, metricDefinition } from '@greencity/air/metric';
import { type RawReading, READING_TIME_MS_MAX } from '@greencity/schema/events/reading';

/** Place in METRICS by message key. */
export const METRIC_INDEX: ReadonlyMap<string, number> = new Map(
  METRICS.map((metric, index) => [metricDefinition(metric).key, index]),
);

export type ReadRaw =
  | { readonly kind: 'reading'; readonly reading: RawReading; readonly valueCount: number }
  | { readonly kind: 'unreadable'; readonly detail: string };

/**
 * The reading in a record of `raw.measurements`. Such records were written by this platform, so that what every step here relies on is checked
 * and no more: the whole format (schema/events/reading.ts) costs several times as much, on the path of every reading.
 */
export function readRaw(text: string): ReadRaw {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    return { kind: 'unreadable', detail: `not JSON: ${(cause as Error).message}` };
  }
  if (typeof parsed !== 'object' || parsed === null) return { kind: 'unreadable', detail: 'not an object' };
  const reading = parsed as RawReading;
  const wrong = wrongField(reading);
  if (wrong) return { kind: 'unreadable', detail: wrong };
  let valueCount = 0;
  for (const key in reading.values) {
    if (!METRIC_INDEX.has(key)) return { kind: 'unreadable', detail: `values.${key}: no such metric` };
    if (!Number.isFinite(reading.values[key])) return { kind: 'unreadable', detail: `values.${key}: not a number` };
    valueCount += 1;
  }
  return { kind: 'reading', reading, valueCount };
}

function wrongField(reading: RawReading): string | undefined {
  if (reading.v !== 1) return `v: version ${JSON.stringify(reading.v)} is not known here`;
  if (typeof reading.deviceId !== 'string' || reading.deviceId === '') return 'deviceId: missing';
  if (typeof reading.zoneId !== 'string' || reading.zoneId === '') return 'zoneId: missing';
  const wrongTime = timeFault('timeMs', reading.timeMs) ?? timeFault('receivedAtMs', reading.receivedAtMs);
  if (wrongTime) return wrongTime;
  if (reading.timeSource !== 'device' && reading.timeSource !== 'server') return 'timeSource: not device or server';
  if (typeof reading.values !== 'object' || reading.values === null || Array.isArray(reading.values))
    return 'values: missing';
  return undefined;
}

/** A time that is absurd would be the newest of its series for ever, or one that cannot be written as text. */
function timeFault(field: string, timeMs: number): string | undefined {
  if (!Number.isSafeInteger(timeMs)) return `${field}: not a whole number`;
  if (timeMs < 0 || timeMs > READING_TIME_MS_MAX) return `${field}: ${timeMs} is not between the years 1970 and 2199`;
  return undefined;
}
