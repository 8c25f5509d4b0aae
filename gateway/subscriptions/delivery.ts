/** One event's answer, written once for everybody in the group. */
export interface Delivery {
  /** JSON text of `{"data": …, "extensions": { "cursor": … }}`, in UTF-8. */
  readonly payload: Buffer;
  /** Where a client goes on that has taken this; undefined when the subgraph does not say. */
  readonly cursor: string | undefined;
  /** What a newer delivery with the same key replaces for a client that is slow; undefined when nothing may be left out. Not a getter: see `deadline.ts`. */
  conflationKey(): string | undefined;
  /** The last frame that was made of it, for the next client whose head is the same. */
  readonly framed: Framed;
}

/** Bytes that begin with a client's own head. */
export interface Framed {
  head?: Buffer;
  frame?: Buffer;
}

/** How a stream ends for its client. */
export type StreamEnd =
  | { readonly kind: 'completed' }
  /** JSON text of a list of errors. */
  | { readonly kind: 'failed'; readonly errors: string };

/** A client of a group. */
export interface Subscriber {
  deliver(delivery: Delivery): void;
  /** Resolves when the client has taken so much that more can be delivered without waiting here, and when it has gone. */
  drained(): Promise<void>;
  end(end: StreamEnd): void;
}
