/** The five MQTT 3.1.1 packets that a sender needs (OASIS standard, sections 2 and 3), as bytes. */

const CONNECT = 0x10;
const PUBLISH_QOS_1 = 0x32;
const RETAIN = 0x01;
const DISCONNECT = 0xe0;
const CLEAN_SESSION = 0x02;
const PASSWORD = 0x40;
const USER_NAME = 0x80;
const PROTOCOL_LEVEL = 4;
const LENGTH_BYTES_MAX = 4;

/** Text behind its length in two bytes. */
function field(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function packet(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; ; ) {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? digit | 128 : digit);
    if (rest === 0) break;
  }
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

/** CONNECT with a clean session; the client id is the user name. */
export function connectPacket(credentials: {
  readonly username: string;
  readonly password: string;
  readonly keepAliveS: number;
}): Buffer {
  const { username, password, keepAliveS } = credentials;
  const flags = CLEAN_SESSION | PASSWORD | USER_NAME;
  const head = Buffer.from([PROTOCOL_LEVEL, flags, keepAliveS >> 8, keepAliveS & 255]);
  return packet(CONNECT, field('MQTT'), head, field(username), field(username), field(password));
}

/** PUBLISH at QoS 1. */
export function publishPacket(publication: {
  readonly topic: string;
  readonly payload: string;
  readonly messageId: number;
  readonly retain: boolean;
}): Buffer {
  const { topic, payload, messageId, retain } = publication;
  const id = Buffer.from([messageId >> 8, messageId & 255]);
  return packet(PUBLISH_QOS_1 | (retain ? RETAIN : 0), field(topic), id, Buffer.from(payload));
}

/** DISCONNECT: the last will is not sent. */
export function disconnectPacket(): Buffer {
  return packet(DISCONNECT);
}

/** What a broker answers a sender. */
export type BrokerPacket =
  | { readonly kind: 'connack'; readonly returnCode: number }
  | { readonly kind: 'puback'; readonly messageId: number }
  | { readonly kind: 'other' };

/** Reads a stream of packets; each call gives those that the new bytes complete. @throws Error for a length that is none */
export function packetReader(): (bytes: Uint8Array) => readonly BrokerPacket[] {
  let rest: Uint8Array = new Uint8Array();
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const packets: BrokerPacket[] = [];
    for (let found = readPacket(rest); found; found = readPacket(rest)) {
      packets.push(found.packet);
      rest = rest.subarray(found.bytes);
    }
    return packets;
  };
}

function readPacket(bytes: Uint8Array): { readonly packet: BrokerPacket; readonly bytes: number } | undefined {
  let length = 0;
  for (let at = 1; at < bytes.length; at += 1) {
    if (at > LENGTH_BYTES_MAX) throw new Error('the broker sent a packet without an end');
    const digit = bytes[at] ?? 0;
    length += (digit & 127) * 128 ** (at - 1);
    if (digit >= 128) continue;
    const end = at + 1 + length;
    return end > bytes.length ? undefined : { packet: decode(bytes[0] ?? 0, bytes.subarray(at + 1, end)), bytes: end };
  }
  return undefined;
}

function decode(head: number, body: Uint8Array): BrokerPacket {
  if (head >> 4 === 2) return { kind: 'connack', returnCode: body[1] ?? 0 };
  if (head >> 4 === 4) return { kind: 'puback', messageId: ((body[0] ?? 0) << 8) | (body[1] ?? 0) };
  return { kind: 'other' };
}
