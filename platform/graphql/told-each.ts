import type { Listener, Subscription } from '../pub-sub/port.ts';

/** Things that are told, to whoever asks for the next one or listens to them. */
export interface ToldEach<T> extends AsyncIterableIterator<T> {
  return(): Promise<IteratorResult<T>>;
  /** Tells the listener of each thing as it comes. Instead of `next`, and once. */
  hear(listener: Listener<T>): void;
}

/**
 * Gives each of the things that a message holds. Not a generator: its `return()` would wait behind a `next()` that waits for a message,
 * and the subscription of a client that has left would stay.
 */
export function eachOf<M, T>(messages: Subscription<M>, thingsIn: (message: M) => readonly T[]): ToldEach<T> {
  let waiting: readonly T[] = [];
  let given = 0;

  async function next(): Promise<IteratorResult<T>> {
    while (given >= waiting.length) {
      const message = await messages.next();
      if (message.done) return { value: undefined, done: true };
      // Another call of `next` may have come first; what it left is given before this.
      waiting = [...waiting.slice(given), ...thingsIn(message.value)];
      given = 0;
    }
    return { value: waiting[given++] as T, done: false };
  }

  const iterator: ToldEach<T> = {
    next,
    hear: (listener) => messages.hear(telling(messages, thingsIn, listener)),
    async return() {
      waiting = [];
      given = 0;
      await messages.return();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

/** A message whose things cannot be told ends the telling, and the subscription with it. */
function telling<M, T>(
  messages: Subscription<M>,
  thingsIn: (message: M) => readonly T[],
  listener: Listener<T>,
): Listener<M> {
  let hasEnded = false;
  const ended: Listener<M>['ended'] = (failure) => {
    if (hasEnded) return;
    hasEnded = true;
    listener.ended(failure);
  };
  return {
    ended,
    heard(message) {
      let things: readonly T[];
      try {
        things = thingsIn(message);
      } catch (error) {
        ended({ error });
        void messages.return();
        return;
      }
      for (const thing of things) listener.heard(thing);
    },
  };
}
