import type { EventSocketOptions } from './event-socket.ts';
import { unavailable } from './failure.ts';

/** Makes a broken connection again, once for all who wait for it. */
export interface Recovery extends Disposable {
  /** @throws AppError UNAVAILABLE when it does not come back in time, or nobody wants it any more */
  reconnected(): Promise<void>;
}

/** @param connect takes the connection that is there, or makes one */
export function recovery(
  { name, settings, clock, log, random }: EventSocketOptions,
  connect: () => Promise<unknown>,
): Recovery {
  const closing = new AbortController();
  let recovering: Promise<void> | undefined;
  const recover = async (): Promise<void> => {
    const untilMs = clock.elapsedMs() + settings.reconnectWithinMs;
    for (let waitMs = settings.reconnectMs; ; waitMs = Math.min(2 * waitMs, settings.reconnectMsMax)) {
      await clock.sleep(waitMs * (0.5 + random() / 2), closing.signal);
      if (closing.signal.aborted) throw unavailable(name, { kind: 'broken-off', detail: 'the gateway closes' });
      try {
        await connect();
        log.info({ subgraph: name }, 'the connection of subscriptions is back');
        return;
      } catch (error) {
        const { message: detail } = error as Error;
        if (clock.elapsedMs() >= untilMs) throw unavailable(name, { kind: 'unreachable', detail });
      }
    }
  };
  return {
    reconnected() {
      recovering ??= recover().finally(() => {
        recovering = undefined;
      });
      return recovering;
    },
    [Symbol.dispose]: () => closing.abort(),
  };
}
