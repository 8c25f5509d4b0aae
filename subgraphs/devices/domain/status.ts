const MINUTE_MS = 60_000;

/** How old the newest reading may be, ends included. */
export const ONLINE_MAX_AGE_MS = 10 * MINUTE_MS;
export const LATE_MAX_AGE_MS = 60 * MINUTE_MS;
export const STALE_MAX_AGE_MS = 24 * 60 * MINUTE_MS;

export type DeviceStatus = 'NEW' | 'ONLINE' | 'LATE' | 'STALE' | 'OFFLINE' | 'RETIRED';

/** What a device's messages have told of it. Times are Unix ms; null is never. */
export interface Activity {
  /** Time of the newest reading, and never later than its receipt. */
  readonly lastSeenMs: number | null;
  /** When a reading was last received, whatever its time. */
  readonly lastReceivedMs: number | null;
  /** What the device, or its last will, last said. */
  readonly reported: { readonly state: 'online' | 'offline'; readonly atMs: number } | null;
  readonly firmware: string | null;
  /** The status that others were last told; missing when they were told nothing yet. */
  readonly told?: DeviceStatus;
}

/** Nothing heard yet. */
export const SILENT: Activity = { lastSeenMs: null, lastReceivedMs: null, reported: null, firmware: null };

/** A reading of `timeMs`, received at `receivedAtMs`. Readings may be told in any order, and twice. */
export function afterReading(activity: Activity, timeMs: number, receivedAtMs: number): Activity {
  return {
    ...activity,
    lastSeenMs: Math.max(activity.lastSeenMs ?? Number.NEGATIVE_INFINITY, Math.min(timeMs, receivedAtMs)),
    lastReceivedMs: Math.max(activity.lastReceivedMs ?? Number.NEGATIVE_INFINITY, receivedAtMs),
  };
}

/** A report of a device or its last will; one that is older than what is known changes nothing. */
export function afterReport(
  activity: Activity,
  report: { readonly state: 'online' | 'offline'; readonly atMs: number; readonly firmware?: string | undefined },
): Activity {
  if (activity.reported && activity.reported.atMs > report.atMs) return activity;
  return {
    ...activity,
    reported: { state: report.state, atMs: report.atMs },
    firmware: report.firmware ?? activity.firmware,
  };
}

/** Said goodbye, and neither spoke up nor sent a reading since. */
function saidGoodbye(activity: Activity): boolean {
  if (activity.reported?.state !== 'offline') return false;
  return activity.lastReceivedMs === null || activity.lastReceivedMs <= activity.reported.atMs;
}

/** Status at a moment. */
export function statusOf(activity: Activity, isRetired: boolean, nowMs: number): DeviceStatus {
  if (isRetired) return 'RETIRED';
  if (saidGoodbye(activity)) return 'OFFLINE';
  if (activity.lastSeenMs === null) return 'NEW';
  const ageMs = nowMs - activity.lastSeenMs;
  if (ageMs <= ONLINE_MAX_AGE_MS) return 'ONLINE';
  if (ageMs <= LATE_MAX_AGE_MS) return 'LATE';
  return ageMs <= STALE_MAX_AGE_MS ? 'STALE' : 'OFFLINE';
}

/** When the passing of time alone next changes the status; Infinity when it never does. */
export function nextChangeMs(activity: Activity, isRetired: boolean, nowMs: number): number {
  if (isRetired || activity.lastSeenMs === null || saidGoodbye(activity)) return Number.POSITIVE_INFINITY;
  const ageMs = nowMs - activity.lastSeenMs;
  const bound = [ONLINE_MAX_AGE_MS, LATE_MAX_AGE_MS, STALE_MAX_AGE_MS].find((maxAgeMs) => ageMs <= maxAgeMs);
  return bound === undefined ? Number.POSITIVE_INFINITY : activity.lastSeenMs + bound + 1;
}
