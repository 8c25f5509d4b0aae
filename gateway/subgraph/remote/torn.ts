/** Streams of a subgraph that keeps no past: they go on after a broken connection, and tell of the gap. */
import type { Clock } from '@greencity/platform/clock/port';
import type { EventSource, Gap } from '../port.ts';
import { breakOf, type EventSocket } from './event-socket.ts';
import type { Subscription } from './resuming.ts';

export interface TornOptions {
  readonly socket: EventSocket;
  readonly subscription: Subscription;
  readonly clock: Clock;
  /** A stream has gone on, and nobody can say what it missed. */
  readonly torn: () => void;
  /** A live event was not taken in time and is not given. */
  readonly dropped: () => void;
}

/** Live events. @throws what the subgraph refused with, or AppError UNAVAILABLE when it stays away */
export async function tornEvents({ socket, subscription, clock, torn, dropped }: TornOptions): Promise<EventSource> {
  const gone = Promise.withResolvers<void>();
  const open = () => socket.open({ ...subscription, dropped });
  let live = await open();
  let gap: Gap | undefined;
  /** When the connection that broke was last heard; missing while there is one. */
  let heardMs: number | undefined;
  let over = false;

  const tear = (fromMs: number): Gap => ({ fromMs: gap?.fromMs ?? fromMs, toMs: clock.nowMs() });
  const openAgain = async (): Promise<void> => {
    while (!over) {
      await Promise.race([socket.reconnected(), gone.promise]);
      if (over) return;
      try {
        live = await open();
        if (over) void live.events.return?.();
        else torn();
        return;
      } catch (error) {
        if (!breakOf(error)) throw error;
      }
    }
  };
  return {
    takeGap() {
      const taken = heardMs === undefined ? gap : tear(heardMs);
      gap = undefined;
      return taken;
    },
    async next() {
      while (!over) {
        try {
          return await live.events.next();
        } catch (error) {
          if (over) break;
          const broken = breakOf(error);
          if (!broken) throw error;
          heardMs = broken.heardMs;
          await openAgain();
          gap = tear(heardMs);
          heardMs = undefined;
        }
      }
      return { done: true, value: undefined };
    },
    async return() {
      over = true;
      gone.resolve();
      await live.events.return?.();
      return { done: true, value: undefined };
    },
  };
}
