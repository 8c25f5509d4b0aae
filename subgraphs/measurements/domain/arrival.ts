import { FLAG_BIT } from '@greencity/air/quality';
import { HOUR_MS } from '@greencity/air/time';

/** A reading that takes longer to arrive is LATE. */
export const LATE_AFTER_MS = HOUR_MS;

/** Flags that tell how a reading came: LATE, SERVER_TIME. They hold for each of its values. */
export function arrivalFlags(timeMs: number, receivedAtMs: number, timeSource: 'device' | 'server'): number {
  const late = receivedAtMs - timeMs > LATE_AFTER_MS ? FLAG_BIT.LATE : 0;
  return timeSource === 'server' ? late | FLAG_BIT.SERVER_TIME : late;
}
