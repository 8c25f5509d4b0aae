/** The messages of a subscription that pass. Not an async generator: `return()` takes effect at once, also while `next()` waits. */
export function onlyThose<T>(
  messages: AsyncIterableIterator<T>,
  passes: (message: T) => boolean,
): AsyncIterableIterator<T> {
  const passing: AsyncIterableIterator<T> = {
    async next() {
      for (;;) {
        const result = await messages.next();
        if (result.done || passes(result.value)) return result;
      }
    },
    return: async () => (await messages.return?.()) ?? { value: undefined, done: true },
    [Symbol.asyncIterator]: () => passing,
  };
  return passing;
}
