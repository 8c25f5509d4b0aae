import type { Counter, Metrics } from '../metrics/port.ts';
import type { PubSub } from './port.ts';
import { openSubscription, type Receiver } from './subscription.ts';

export interface MemoryPubSubOptions {
  /** Counts dropped messages, where given. */
  readonly metrics?: Metrics;
}

/** Fan-out inside this process. Publishing to nobody is one look into a map. */
export function memoryPubSub({ metrics }: MemoryPubSubOptions = {}): PubSub {
  const receivers = new Map<string, Set<Receiver>>();
  const open = new Set<() => void>();
  const drops: Counter | undefined = metrics?.counter(
    'greencity_pubsub_dropped_total',
    'Live messages dropped because a subscriber was slow.',
  );
  let closed = false;

  function leave(channels: readonly string[], receiver: Receiver): void {
    for (const channel of channels) {
      const members = receivers.get(channel);
      members?.delete(receiver);
      if (members?.size === 0) receivers.delete(channel);
    }
  }

  const close = async () => {
    closed = true;
    for (const end of [...open]) end();
  };

  return {
    publish(channel, message) {
      const members = receivers.get(channel);
      if (members) for (const member of members) member(message);
    },
    publishText(channels, text) {
      let message: unknown;
      for (const channel of channels) {
        const members = receivers.get(channel);
        if (!members) continue;
        message ??= JSON.parse(text);
        for (const member of members) member(message);
      }
    },
    subscribe<T>(channels: readonly string[], { queueMax }: { readonly queueMax: number }) {
      const distinct = [...new Set(channels)];
      const { subscription, receive, end } = openSubscription<T>({
        queueMax,
        onDrop: () => drops?.add(),
        onEnd: () => {
          open.delete(end);
          leave(distinct, receive);
        },
      });
      if (closed) end();
      else {
        open.add(end);
        for (const channel of distinct) {
          const members = receivers.get(channel);
          if (members) members.add(receive);
          else receivers.set(channel, new Set([receive]));
        }
      }
      return subscription;
    },
    hasSubscribers: (channel) => receivers.has(channel),
    ping: async () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
}
