import type { PubSub, SubscribeOptions, Subscription } from './port.ts';

interface Member {
  push(message: unknown): void;
  end(): void;
}

/** Fan-out within this process. */
export function memoryPubSub(): PubSub {
  const channels = new Map<string, Set<Member>>();
  const members = new Set<Member>();

  function join(names: readonly string[], member: Member): void {
    members.add(member);
    for (const name of names) {
      const listeners = channels.get(name) ?? new Set();
      channels.set(name, listeners.add(member));
    }
  }
  function leave(names: readonly string[], member: Member): void {
    members.delete(member);
    for (const name of names) {
      const listeners = channels.get(name);
      listeners?.delete(member);
      if (listeners?.size === 0) channels.delete(name);
    }
  }
  async function close(): Promise<void> {
    for (const member of [...members]) member.end();
  }

  return {
    publish(channel, message) {
      const listeners = channels.get(channel);
      if (listeners) for (const member of listeners) member.push(message);
    },
    subscribe<T>(names: readonly string[], options: SubscribeOptions): Subscription<T> {
      const queue = messageQueue<T>(options.queueMax, (member) => leave(names, member));
      join(names, queue.member);
      return queue.subscription;
    },
    hasSubscribers: (channel) => channels.has(channel),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A bounded queue read as an async iterator. Not a generator: a generator that waits cannot be ended from outside. */
function messageQueue<T>(
  queueMax: number,
  onEnd: (member: Member) => void,
): { readonly member: Member; readonly subscription: Subscription<T> } {
  const waiting: T[] = [];
  const readers: ((result: IteratorResult<T>) => void)[] = [];
  let ended = false;
  let dropped = 0;
  const finished: IteratorResult<T> = { done: true, value: undefined };

  const member: Member = {
    push(message) {
      const reader = readers.shift();
      if (reader) return reader({ done: false, value: message as T });
      waiting.push(message as T);
      if (waiting.length <= queueMax) return;
      waiting.shift();
      dropped += 1;
    },
    end() {
      if (ended) return;
      ended = true;
      waiting.length = 0;
      onEnd(member);
      for (const reader of readers.splice(0)) reader(finished);
    },
  };
  const subscription: Subscription<T> = {
    get dropped() {
      return dropped;
    },
    next() {
      if (ended) return Promise.resolve(finished);
      if (waiting.length > 0) return Promise.resolve({ done: false, value: waiting.shift() as T });
      return new Promise((resolve) => readers.push(resolve));
    },
    return() {
      member.end();
      return Promise.resolve(finished);
    },
    [Symbol.asyncIterator]: () => subscription,
    async [Symbol.asyncDispose]() {
      member.end();
    },
  };
  return { member, subscription };
}
