import type { Subscription } from '../pub-sub/port.ts';

/**
 * Gives each of the things that a message holds. Not a generator: its `return()` would wait behind a `next()` that waits for a message,
 * and the subscription of a client that has left would stay.
 */
export function eachOf<M, T>(
  messages: Subscription<M>,
  thingsIn: (message: M) => readonly T[],
): AsyncIterableIterator<T> {
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

  const iterator: AsyncIterableIterator<T> = {
    next,
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
