import type { Clock } from '@greencity/platform/clock/port';
import { isUnhurried } from '../http/body.ts';
import type { StreamLimits } from '../settings.ts';
import type { Turns } from '../turns.ts';
import { messagePace } from './message-pace.ts';

/** What comes over one WebSocket. */
export interface Arriving {
  /** Counts a message or ping of so many bytes; false for one too many, which is not to be read. */
  taken(bytes: number): boolean;
  /** Has a message read, in the order in which they came: a long one in its client's turn, as a body over HTTP, and what comes behind it after it. */
  inTurn(text: string, read: (text: string) => void): void;
}

export interface ArrivingOptions {
  readonly limits: StreamLimits;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly from: string | undefined;
  /** It comes too fast, or too much of this client waits already. */
  readonly tooMuch: () => void;
}

export function openArriving({ limits, clock, turns, from, tooMuch }: ArrivingOptions): Arriving {
  const pace = messagePace(limits, clock);
  let before: Promise<void> | undefined;
  return {
    taken(bytes) {
      const allowed = pace.allows(bytes);
      if (!allowed) tooMuch();
      return allowed;
    },
    inTurn(text, read) {
      const isLong = isUnhurried(text.length);
      if (!before && !isLong) return read(text);
      const inOrder = async (earlier: Promise<void> | undefined): Promise<void> => {
        await earlier;
        if (isLong) await turns.take(from);
        read(text);
      };
      const mine = inOrder(before)
        .catch(tooMuch)
        .finally(() => {
          if (before === mine) before = undefined;
        });
      before = mine;
    },
  };
}
