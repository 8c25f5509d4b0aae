import type { LiveMapQuery } from './generated/graphql.ts';
import { numberFormat } from './words.ts';

/** One device on the map with its newest value of the chosen metric. */
export type Station = LiveMapQuery['latestMeasurements'][number];

/** How fresh a number is: drawn as the marker's ring and said in words. */
export type Freshness = 'live' | 'late' | 'stale' | 'offline';

const MINUTE_MS = 60_000;

/** Freshness by the device's own word and the age of the value. */
export function freshness(
  station: Pick<Station, 'time'> & { readonly device: { readonly status: string } },
  nowMs: number,
): Freshness {
  const ageMs = nowMs - Date.parse(station.time);
  if (station.device.status === 'OFFLINE' || ageMs > 1_440 * MINUTE_MS) return 'offline';
  if (ageMs > 60 * MINUTE_MS) return 'stale';
  return ageMs > 10 * MINUTE_MS ? 'late' : 'live';
}

/** A number for a marker: at most three characters where that is honest. */
export function markerText(value: number, locale?: string): string {
  const digits = Math.abs(value) < 9.95 ? 1 : 0;
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
  return numberFormat(form, locale).format(value);
}

/** The newer of two values of one device: events may arrive out of order, and the map never goes back in time. */
export function newer(before: Station | undefined, after: Station): Station {
  return before && Date.parse(before.time) > Date.parse(after.time) ? before : after;
}

/** Age in words, as in "12 s ago". */
export function ageText(time: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(time)) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}
