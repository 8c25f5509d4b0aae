import type { Clock } from '@greencity/platform/clock/port';
import type { StreamLimits } from '../settings.ts';

/** How fast messages of one client come. */
export interface MessagePace {
  /** Counts one more; false when it came too fast after the others. A long one counts as several. */
  allows(bytes: number): boolean;
}

/** Of a message that counts once: what clients send is shorter. */
const COUNTED_BYTES = 4 * 1024;

/** A bucket that fills by the second: reading a message costs something, whatever is in it. */
export function messagePace(
  { messagesAtOnceMax, messagesPerSecondMax }: Pick<StreamLimits, 'messagesAtOnceMax' | 'messagesPerSecondMax'>,
  clock: Clock,
): MessagePace {
  let left = messagesAtOnceMax;
  let atMs = clock.elapsedMs();
  return {
    allows(bytes) {
      const nowMs = clock.elapsedMs();
      left = Math.min(messagesAtOnceMax, left + ((nowMs - atMs) / 1_000) * messagesPerSecondMax);
      atMs = nowMs;
      const count = 1 + Math.floor(bytes / COUNTED_BYTES);
      if (left < count) return false;
      left -= count;
      return true;
    },
  };
}
