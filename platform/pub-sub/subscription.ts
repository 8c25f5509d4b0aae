import type { Listener, Subscription } from './port.ts';

export type Receiver = (message: unknown) => void;

export interface SubscriptionOptions {
  readonly queueMax: number;
  /** Default: at once. */
  readonly ready?: Promise<void>;
  readonly onDrop: () => void;
  /** Called once, when the subscription has ended, from whichever side. */
  readonly onEnd: () => void;
}

export interface OpenSubscription<T> {
  readonly subscription: Subscription<T>;
  readonly receive: Receiver;
  readonly end: () => void;
}

/** Messages that were taken are forgotten in steps of this, so that taking one costs the same however many wait. */
const TAKEN_MAX = 1_024;

/**
 * A bounded queue that is read as an async iterator. It is not an async generator, because a generator's `return()` waits behind a `next()`
 * that is waiting, which would leak the subscription of every client that leaves while nothing happens.
 */
export function openSubscription<T>({
  queueMax,
  ready = Promise.resolve(),
  onDrop,
  onEnd,
}: SubscriptionOptions): OpenSubscription<T> {
  if (!(queueMax >= 1)) throw new Error(`queueMax must be 1 or more, got ${queueMax}`);
  let queue: unknown[] = [];
  let taken = 0;
  let ended = false;
  let waiting: ((result: IteratorResult<T>) => void)[] = [];
  let listener: Listener<T> | undefined;

  function skip(): unknown {
    const message = queue[taken];
    queue[taken] = undefined;
    taken += 1;
    if (taken === queue.length) {
      queue = [];
      taken = 0;
    } else if (taken >= TAKEN_MAX) {
      queue = queue.slice(taken);
      taken = 0;
    }
    return message;
  }

  function receive(message: unknown): void {
    if (ended) return;
    if (listener) {
      listener.heard(message as T);
      return;
    }
    const waiter = waiting.shift();
    if (waiter) {
      waiter({ value: message as T, done: false });
      return;
    }
    if (queue.length - taken >= queueMax) {
      skip();
      subscription.dropped += 1;
      onDrop();
    }
    queue.push(message);
  }

  function end(): void {
    if (ended) return;
    ended = true;
    queue = [];
    taken = 0;
    const waiters = waiting;
    waiting = [];
    onEnd();
    for (const waiter of waiters) waiter({ value: undefined, done: true });
    listener?.ended();
  }

  const subscription: Subscription<T> & { dropped: number } = {
    ready,
    dropped: 0,
    next() {
      if (ended) return Promise.resolve({ value: undefined, done: true });
      if (queue.length > taken) return Promise.resolve({ value: skip() as T, done: false });
      return new Promise((resolve) => waiting.push(resolve));
    },
    hear(by) {
      while (queue.length > taken) by.heard(skip() as T);
      if (ended) by.ended();
      else listener = by;
    },
    return() {
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]: () => subscription,
  };
  return { subscription, receive, end };
}
