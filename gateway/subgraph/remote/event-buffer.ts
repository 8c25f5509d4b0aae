/** Events between a connection and the group that reads them. */
export interface EventBuffer {
  readonly events: AsyncIterator<unknown>;
  push(event: unknown): void;
  end(): void;
  /** What came before is still given. */
  fail(error: Error): void;
}

export interface EventBufferOptions {
  /** The reader wants no more. Called once, and not when the other side has ended it. */
  readonly left: () => void;
  readonly dropped: () => void;
  readonly waitingMax: number;
}

export function eventBuffer({ left, dropped, waitingMax }: EventBufferOptions): EventBuffer {
  const waiting: unknown[] = [];
  let reader: PromiseWithResolvers<IteratorResult<unknown>> | undefined;
  let over: { readonly error: Error | undefined } | undefined;
  const finish = (error: Error | undefined): void => {
    if (over) return;
    over = { error };
    if (error) reader?.reject(error);
    else reader?.resolve({ done: true, value: undefined });
    reader = undefined;
  };
  return {
    push(value) {
      if (over) return;
      if (reader) {
        reader.resolve({ done: false, value });
        reader = undefined;
        return;
      }
      waiting.push(value);
      if (waiting.length <= waitingMax) return;
      waiting.shift();
      dropped();
    },
    end: () => finish(undefined),
    fail: finish,
    events: {
      async next() {
        if (waiting.length > 0) return { done: false, value: waiting.shift() };
        if (over?.error) throw over.error;
        if (over) return { done: true, value: undefined };
        reader = Promise.withResolvers();
        return await reader.promise;
      },
      async return() {
        const first = !over;
        waiting.length = 0;
        finish(undefined);
        if (first) left();
        return { done: true, value: undefined };
      },
    },
  };
}
