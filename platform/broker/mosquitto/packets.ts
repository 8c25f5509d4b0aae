/** MQTT 5 packets that a broker sends to a consumer, and its acknowledgements. Source: OASIS MQTT Version 5.0 (2019), chapter 3. */
import type { Frame } from '../embedded/frames.ts';

/** Types of packets, as in the four high bits of their first byte. */
export const PACKET = { CONNACK: 2, PUBLISH: 3, SUBACK: 9, DISCONNECT: 14 } as const;

const PUBACK_HEADER = 0x40;
const PUBACK_BYTES = 4;
const PROPERTY_LENGTH_BYTES_MAX = 4;

/** A message as it comes from the broker. The payload lies in what was read from the socket, and stays there until the next read. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  /** Length as sent: more than `payload.length` when the rest was passed over. */
  readonly payloadBytes: number;
  readonly qos: number;
  readonly retain: boolean;
  /** 0 for a message that wants no acknowledgement. */
  readonly messageId: number;
}

/** A PUBLISH, or undefined for bytes that are none. */
export function readPublish({ header, bytes, start, end, bodyBytes }: Frame): Message | undefined {
  const qos = (header >> 1) & 3;
  const topicEnd = start + 2 + wordAt(bytes, start);
  const properties = qos === 0 ? topicEnd : topicEnd + 2;
  const payload = behindProperties(bytes, properties);
  if (payload === undefined || payload > end) return undefined;
  return {
    topic: bytes.toString('utf8', start + 2, topicEnd),
    payload: bytes.subarray(payload, end),
    payloadBytes: bodyBytes - (payload - start),
    qos,
    retain: (header & 1) === 1,
    messageId: qos === 0 ? 0 : wordAt(bytes, topicEnd),
  };
}

/** Reason code of a CONNACK; 0 is that we are connected. */
export function connackReason({ bytes, start }: Frame): number {
  return bytes[start + 1] ?? 0;
}

/** Whether the broker found the session of a client again, as its CONNACK says. */
export function sessionIsPresent({ bytes, start }: Frame): boolean {
  return ((bytes[start] ?? 0) & 1) === 1;
}

/** Reason code of a DISCONNECT. */
export function disconnectReason({ bytes, start, end }: Frame): number {
  return start < end ? (bytes[start] ?? 0) : 0;
}

/** Reason code of a SUBACK for one filter: 0 to 2 is the QoS that was granted. */
export function subackReason({ bytes, start, end }: Frame): number {
  const codes = behindProperties(bytes, start + 2);
  return codes === undefined || codes >= end ? 0xff : (bytes[codes] ?? 0xff);
}

/** PUBACKs of success for these messages. */
export function pubacks(messageIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(messageIds.length * PUBACK_BYTES);
  let at = 0;
  for (const messageId of messageIds) {
    bytes[at] = PUBACK_HEADER;
    bytes[at + 1] = 2;
    bytes.writeUInt16BE(messageId, at + 2);
    at += PUBACK_BYTES;
  }
  return bytes;
}

function wordAt(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

/** Where what follows the properties begins, whose length stands at `at` in up to four bytes of seven bits. */
function behindProperties(bytes: Buffer, at: number): number | undefined {
  let length = 0;
  for (let read = 0; read < PROPERTY_LENGTH_BYTES_MAX; read += 1) {
    const byte = bytes[at + read];
    if (byte === undefined) return undefined;
    length |= (byte & 127) << (7 * read);
    if (byte < 128) return at + read + 1 + length;
  }
  return undefined;
}
