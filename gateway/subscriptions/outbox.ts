import type { StreamLimits } from '../settings.ts';

/** Something to be written to a client. */
export interface Message {
  /** Bytes, or what comes near it. */
  readonly length: number;
}

/** Where messages to one client go. */
export interface Sink<M extends Message> {
  /** Bytes written that the client has not taken yet. */
  bufferedBytes(): number;
  write(message: M): void;
  /** Calls back, once, when the client has taken what was written; only asked while something is buffered. */
  onDrain(drained: () => void): void;
  /** The client takes nothing: give up on it. */
  giveUp(): void;
}

/**
 * Messages to one client, in order. While the client is slow they wait here, a newer one replaces an older one of the
 * same key, and beyond a number of bytes or a time without progress the client is given up.
 */
export interface Outbox<M extends Message> {
  /** Whether a message would go out at once. */
  isClear(): boolean;
  /** `conflationKey` is only asked when the message has to wait. */
  send(message: M, conflationKey?: () => string | undefined): void;
  /** Whether something waits for the client to take what it was sent. */
  isWaiting(): boolean;
  /** Resolves when the client has taken nearly everything, or is gone. */
  drained(): Promise<void>;
  close(): void;
}

export interface Outboxes<M extends Message> {
  open(sink: Sink<M>): Outbox<M>;
  /** Looks after slow clients; to be called now and then. */
  check(nowMs: number): void;
}

type Limits = Pick<StreamLimits, 'bufferedBytesMax' | 'waitingBytesMax' | 'stalledMs'>;

/** Less than this on its way does not keep more from being made. */
const DRAINED_BYTES = 16 * 1024;

/** Outboxes of all clients; only those that wait cost anything. `conflated` counts messages that a newer one replaced. */
export function outboxes<M extends Message = string>(limits: Limits, conflated: () => void): Outboxes<M> {
  const waiting = new Set<WaitingOutbox<M>>();
  return {
    open: (sink) => openOutbox(sink, limits, waiting, conflated),
    check(nowMs) {
      for (const outbox of waiting) outbox.check(nowMs);
    },
  };
}

interface WaitingOutbox<M extends Message> extends Outbox<M> {
  check(nowMs: number): void;
}

function openOutbox<M extends Message>(
  sink: Sink<M>,
  limits: Limits,
  all: Set<WaitingOutbox<M>>,
  conflated: () => void,
): WaitingOutbox<M> {
  /** Messages by conflation key, or by a number of their own: a Map keeps their order. Made when one has to wait. */
  let messages: Map<string | number, M> | undefined;
  let waitingBytes = 0;
  let count = 0;
  let progress: { readonly bytes: number; readonly atMs: number } | undefined;
  let draining: PromiseWithResolvers<void> | undefined;
  let open = true;

  const settle = (): void => {
    draining?.resolve();
    messages = draining = progress = undefined;
    waitingBytes = 0;
    all.delete(outbox);
  };
  const giveUp = (): void => {
    open = false;
    settle();
    sink.giveUp();
  };
  const wait = (message: M, key: string | number): void => {
    messages ??= new Map();
    const older = messages.get(key);
    if (older !== undefined) {
      messages.delete(key);
      waitingBytes -= older.length;
      conflated();
    }
    messages.set(key, message);
    waitingBytes += message.length;
    all.add(outbox);
    if (waitingBytes > limits.waitingBytesMax) giveUp();
  };
  const flush = (): void => {
    for (const [key, message] of messages ?? []) {
      if (!open || sink.bufferedBytes() > limits.bufferedBytesMax) return;
      messages?.delete(key);
      waitingBytes -= message.length;
      sink.write(message);
      progress = undefined;
    }
    if (messages?.size === 0) messages = undefined;
    if (messages === undefined && (!draining || sink.bufferedBytes() <= DRAINED_BYTES)) settle();
  };
  const isClear = (): boolean => open && messages === undefined && sink.bufferedBytes() <= limits.bufferedBytesMax;
  const outbox: WaitingOutbox<M> = {
    isClear,
    isWaiting: () => messages !== undefined || draining !== undefined,
    send(message, conflationKey) {
      if (!open) return;
      if (isClear()) return sink.write(message);
      wait(message, conflationKey?.() ?? ++count);
    },
    drained() {
      if (!open || (messages === undefined && sink.bufferedBytes() <= DRAINED_BYTES)) return Promise.resolve();
      if (draining) return draining.promise;
      draining = Promise.withResolvers();
      all.add(outbox);
      sink.onDrain(() => open && flush());
      return draining.promise;
    },
    check(nowMs) {
      flush();
      if (messages === undefined && !draining) return;
      const bytes = sink.bufferedBytes();
      if (!progress || bytes < progress.bytes) progress = { bytes, atMs: nowMs };
      else if (nowMs - progress.atMs >= limits.stalledMs) giveUp();
    },
    close() {
      open = false;
      settle();
    },
  };
  return outbox;
}
