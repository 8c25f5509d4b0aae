/**
 * Live fan-out: at most once, to whoever listens now. Publishing to a channel that nobody listens to costs next to nothing.
 * A subscriber that does not keep up loses its oldest messages (counted), and memory stays bounded.
 */

export interface SubscribeOptions {
  /** Messages waiting for a slow subscriber. At the limit the oldest is dropped and counted. */
  readonly queueMax: number;
}

/** Is told of each thing as it comes. It must not throw: what tells has others to tell. */
export interface Listener<T> {
  heard(thing: T): void;
  /** Nothing comes any more: it has ended, or failed with this error. Called once. */
  ended(failure?: { readonly error: unknown }): void;
}

/** Ends by `return()` or when the pub/sub closes; `return()` takes effect at once, also while `next()` is waiting. */
export interface Subscription<T> extends AsyncIterableIterator<T> {
  return(): Promise<IteratorResult<T>>;
  /**
   * Tells the listener of each message within `publish`, those first that wait already, until it ends: nothing waits here and nothing is dropped. Instead of `next`, and
   * once: a promise that waits for a message grows old, and keeps what it is resolved with until the next full collection.
   */
  hear(listener: Listener<T>): void;
  /** Resolves when messages of other processes are heard as well; those of this one are from the start. */
  readonly ready: Promise<void>;
  /** Messages dropped because the subscriber was slow, and one for each loss of a connection that may have cost some. */
  readonly dropped: number;
}

export interface PubSub extends AsyncDisposable {
  /** Messages are plain JSON values and must not be changed after. */
  publish(channel: string, message: unknown): void;
  /** Publishes one message, given as JSON text, to several channels. Text that nobody listens for is not read. */
  publishText(channels: readonly string[], text: string): void;
  /**
   * Hears every message published to any of the channels after it returned, by another process after its `ready`. A message on two of its channels is
   * delivered twice. Messages of one publisher on one channel keep their order
   * as long as its connection to a shared engine holds.
   */
  subscribe<T>(channels: readonly string[], options: SubscribeOptions): Subscription<T>;
  /** True when a message to this channel would reach somebody known to this process; may be true for a shared engine that cannot tell. */
  hasSubscribers(channel: string): boolean;
  /** Resolves when the engine answers, soon or never: whoever asks sets the deadline. @throws AppError that says why it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}
