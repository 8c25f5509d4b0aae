/** A message over a WebSocket: text of its own, or an event's answer in bytes that all clients of a group share, between what is the client's own. */
export type SocketMessage =
  | { readonly kind: 'text'; readonly text: string; readonly length: number }
  | { readonly kind: 'shared'; readonly head: Buffer; readonly body: Buffer; readonly length: number };

/** A whole message, of text: FIN and opcode 1 (RFC 6455, section 5.2). */
const FIN_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const LENGTH_7_MAX = 125;
const LENGTH_16_MAX = 0xffff;
const CLOSING_BRACE = 0x7d;

/**
 * One unmasked frame of `head`, `body` and a closing brace, as a server writes it. The same for thousands of clients but for the head, so
 * that copying beats everything that encodes text again.
 */
export function sharedFrame(head: Buffer, body: Buffer): Buffer {
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
