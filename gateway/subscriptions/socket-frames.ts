import type { Delivery } from './delivery.ts';

/** A message over a WebSocket: text of its own, or an event's answer in bytes that all clients of a group share, between what is the client's own. */
export type SocketMessage =
  | { readonly kind: 'text'; readonly text: string; readonly length: number }
  | { readonly kind: 'shared'; readonly head: Buffer; readonly delivery: Framable; readonly length: number };

type Framable = Pick<Delivery, 'payload' | 'framed'>;

/** A whole message, of text: FIN and opcode 1 (RFC 6455, section 5.2). */
const FIN_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const LENGTH_7_MAX = 125;
const LENGTH_16_MAX = 0xffff;
const CLOSING_BRACE = 0x7d;

/** Heads are kept for short ids, which several clients are likely to have, so that these share whole frames. */
const KEPT_HEADS_MAX = 1_000;
const KEPT_ID_LENGTH_MAX = 8;
const keptHeads = new Map<string, Buffer>();

/** The part of a frame that is an operation's own. */
export function headOf(id: string): Buffer {
  const kept = keptHeads.get(id);
  if (kept) return kept;
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  if (id.length <= KEPT_ID_LENGTH_MAX && keptHeads.size < KEPT_HEADS_MAX) keptHeads.set(id, head);
  return head;
}

/** The whole frame of an event's answer: one for all clients whose operations have the same short id. */
export function sharedFrame(head: Buffer, { payload, framed }: Framable): Buffer {
  if (framed.head === head && framed.frame) return framed.frame;
  const frame = frameOf(head, payload);
  framed.head ??= head;
  if (framed.head === head) framed.frame = frame;
  return frame;
}

/**
 * One unmasked frame of `head`, `body` and a closing brace, as a server writes it. The same for thousands of clients but for the head, so
 * that copying beats everything that encodes text again.
 */
function frameOf(head: Buffer, body: Buffer): Buffer {
  const length = head.length + body.length + 1;
  const start = length <= LENGTH_7_MAX ? 2 : length <= LENGTH_16_MAX ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = FIN_TEXT;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(head, start);
  frame.set(body, start + head.length);
  frame[start + length - 1] = CLOSING_BRACE;
  return frame;
}
