import type { Clock } from '@greencity/platform/clock/port';
import type { StreamLimits } from '../settings.ts';

/** How fast messages of one client come. */
export interface MessagePace {
  /** Counts one more; false when it came too fast after the others. */
  allows(): boolean;
}

/** A bucket that fills by the second: reading a message costs something, whatever is in it. */
export function messagePace(
  { messagesAtOnceMax, messagesPerSecondMax }: Pick<StreamLimits, 'messagesAtOnceMax' | 'messagesPerSecondMax'>,
  clock: Clock,
): MessagePace {
  let left = messagesAtOnceMax;
  let atMs = clock.elapsedMs();
  return {
    allows() {
      const nowMs = clock.elapsedMs();
      left = Math.min(messagesAtOnceMax, left + ((nowMs - atMs) / 1_000) * messagesPerSecondMax);
      atMs = nowMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
