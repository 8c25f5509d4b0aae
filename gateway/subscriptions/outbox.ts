import type { StreamLimits } from '../settings.ts';

/** Where messages to one client go. */
export interface Sink {
  /** Bytes written that the client has not taken yet. */
  bufferedBytes(): number;
  write(message: string): void;
  /** The client takes nothing: give up on it. */
  giveUp(): void;
}

/**
 * Messages to one client, in order. While the client is slow they wait here, a newer one replaces an older one of the
 * same key, and beyond a number of bytes or a time without progress the client is given up.
 */
export interface Outbox {
  /** `conflationKey` is only asked when the message has to wait. */
  send(message: string, conflationKey?: () => string | undefined): void;
  close(): void;
}

export interface Outboxes {
  open(sink: Sink): Outbox;
  /** Looks after slow clients; to be called now and then. */
  check(nowMs: number): void;
}

type Limits = Pick<StreamLimits, 'bufferedBytesMax' | 'waitingBytesMax' | 'stalledMs'>;

/** Outboxes of all clients; only those that wait cost anything. `conflated` counts messages that a newer one replaced. */
export function outboxes(limits: Limits, conflated: () => void): Outboxes {
  const waiting = new Set<WaitingOutbox>();
  return {
    open: (sink) => openOutbox(sink, limits, waiting, conflated),
    check(nowMs) {
      for (const outbox of waiting) outbox.check(nowMs);
    },
  };
}

interface WaitingOutbox extends Outbox {
  check(nowMs: number): void;
}

function openOutbox(sink: Sink, limits: Limits, all: Set<WaitingOutbox>, conflated: () => void): WaitingOutbox {
  /** Messages by conflation key, or by a number of their own: a Map keeps their order. */
  const messages = new Map<string | number, string>();
  let waitingBytes = 0;
  let count = 0;
  let progress: { readonly bytes: number; readonly atMs: number } | undefined;
  let open = true;

  const settle = (): void => {
    messages.clear();
    waitingBytes = 0;
    progress = undefined;
    all.delete(outbox);
  };
  const giveUp = (): void => {
    open = false;
    settle();
    sink.giveUp();
  };
  const wait = (message: string, key: string | number): void => {
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
    for (const [key, message] of messages) {
      if (!open || sink.bufferedBytes() > limits.bufferedBytesMax) return;
      messages.delete(key);
      waitingBytes -= message.length;
      sink.write(message);
      progress = undefined;
    }
  };
  const outbox: WaitingOutbox = {
    send(message, conflationKey) {
      if (!open) return;
      if (messages.size === 0 && sink.bufferedBytes() <= limits.bufferedBytesMax) return sink.write(message);
      count += 1;
      wait(message, conflationKey?.() ?? count);
    },
    check(nowMs) {
      flush();
      if (messages.size === 0) return settle();
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
