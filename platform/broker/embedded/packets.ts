/** MQTT 3.1.1 packets: what a client may send, read strictly, and what the broker answers. Source: OASIS MQTT Version 3.1.1 (2014), chapter 3. */
import { isUtf8 } from 'node:buffer';
import type { Frame } from './frames.ts';

export const PACKET = {
  CONNECT: 1,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  UNSUBSCRIBE: 10,
  PINGREQ: 12,
  DISCONNECT: 14,
} as const;

/** Return codes of CONNACK (section 3.2.2.3). */
export const CONNACK = {
  ACCEPTED: 0,
  BAD_PROTOCOL_LEVEL: 1,
  BAD_CLIENT_ID: 2,
  UNAVAILABLE: 3,
  BAD_CREDENTIALS: 4,
  NOT_AUTHORISED: 5,
} as const;

export type PacketFault =
  | 'BAD_CONNECT'
  | 'BAD_PROTOCOL_LEVEL'
  | 'BAD_PUBLISH'
  | 'BAD_SUBSCRIBE'
  | 'BAD_TOPIC'
  | 'BAD_ACKNOWLEDGEMENT';

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

export interface Connect {
  readonly clientId: string;
  readonly cleanSession: boolean;
  readonly keepAliveMs: number;
  readonly will: Will | undefined;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
}

/** A place in a packet's body. Reading past the end, or text that is none, sets `failed`. */
interface Cursor {
  readonly bytes: Buffer;
  readonly end: number;
  at: number;
  failed: boolean;
}

function cursorOf({ bytes, start, end }: Frame): Cursor {
  return { bytes, end, at: start, failed: false };
}

function readByte(cursor: Cursor): number {
  const byte = cursor.at < cursor.end ? cursor.bytes[cursor.at] : undefined;
  cursor.at += 1;
  if (byte === undefined) cursor.failed = true;
  return byte ?? 0;
}

function readWord(cursor: Cursor): number {
  return readByte(cursor) * 256 + readByte(cursor);
}

function readBytes(cursor: Cursor): Buffer {
  const length = readWord(cursor);
  const from = cursor.at;
  cursor.at += length;
  if (cursor.at > cursor.end) cursor.failed = true;
  return cursor.failed ? Buffer.alloc(0) : cursor.bytes.subarray(from, cursor.at);
}

/** Text is UTF-8 without U+0000 (section 1.5.3). */
function readText(cursor: Cursor): string {
  const bytes = readBytes(cursor);
  if (!isUtf8(bytes) || bytes.includes(0)) cursor.failed = true;
  return bytes.toString('utf8');
}

const CONNECT_FLAG = {
  reserved: 1,
  clean: 2,
  will: 4,
  willQos: 24,
  willRetain: 32,
  password: 64,
  username: 128,
} as const;
const PROTOCOL_LEVEL = 4;

/** A CONNECT, or what is wrong with it. */
export function readConnect(frame: Frame): Connect | PacketFault {
  const cursor = cursorOf(frame);
  const protocol = readText(cursor);
  const level = readByte(cursor);
  if (cursor.failed || (protocol !== 'MQTT' && protocol !== 'MQIsdp')) return 'BAD_CONNECT';
  if (level !== PROTOCOL_LEVEL) return 'BAD_PROTOCOL_LEVEL';
  const flags = readByte(cursor);
  const keepAliveMs = readWord(cursor) * 1000;
  const clientId = readText(cursor);
  const qos = (flags & CONNECT_FLAG.willQos) >> 3;
  const will = flags & CONNECT_FLAG.will ? readWill(cursor, qos, (flags & CONNECT_FLAG.willRetain) !== 0) : undefined;
  const username = flags & CONNECT_FLAG.username ? readText(cursor) : undefined;
  const password = flags & CONNECT_FLAG.password ? Buffer.from(readBytes(cursor)) : undefined;
  const unusedWillFlags = !will && (flags & (CONNECT_FLAG.willQos | CONNECT_FLAG.willRetain)) !== 0;
  const passwordAlone = password !== undefined && username === undefined;
  if (cursor.failed || cursor.at !== cursor.end || flags & CONNECT_FLAG.reserved || qos > 2) return 'BAD_CONNECT';
  if (unusedWillFlags || passwordAlone) return 'BAD_CONNECT';
  return { clientId, cleanSession: (flags & CONNECT_FLAG.clean) !== 0, keepAliveMs, will, username, password };
}

function readWill(cursor: Cursor, qos: number, retain: boolean): Will {
  const topic = readText(cursor);
  const payload = Buffer.from(readBytes(cursor));
  if (!isTopic(topic)) cursor.failed = true;
  return { topic, payload, qos: qos as 0 | 1 | 2, retain };
}

/** Whether a name may be published to: not empty and without wildcards (section 4.7). */
export function isTopic(topic: string): boolean {
  return topic.length > 0 && !topic.includes('+') && !topic.includes('#');
}

/** The topic of the last PUBLISH, so that a device that repeats it costs no new string. */
export interface TopicMemory {
  bytes: Buffer;
  topic: string;
}

export interface Publish {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly packetId: number;
  /** Where the payload begins in the frame's bytes. */
  readonly payloadAt: number;
}

export const TOPIC_BYTES_MAX = 1024;

/** A PUBLISH, or what is wrong with it. */
export function readPublish(frame: Frame, memory: TopicMemory): Publish | PacketFault {
  const { bytes, start, end, header } = frame;
  const qos = (header >> 1) & 3;
  if (qos === 3 || end - start < 2) return 'BAD_PUBLISH';
  const topicAt = start + 2;
  const topicEnd = topicAt + ((bytes[start] ?? 0) << 8) + (bytes[start + 1] ?? 0);
  const payloadAt = qos > 0 ? topicEnd + 2 : topicEnd;
  if (payloadAt > end || topicEnd - topicAt > TOPIC_BYTES_MAX) return 'BAD_PUBLISH';
  const packetId = qos > 0 ? ((bytes[topicEnd] ?? 0) << 8) + (bytes[topicEnd + 1] ?? 0) : 0;
  if (qos > 0 && packetId === 0) return 'BAD_PUBLISH';
  if (topicEnd === topicAt) return 'BAD_TOPIC';
  const { length } = memory.bytes;
  if (length !== topicEnd - topicAt || memory.bytes.compare(bytes, topicAt, topicEnd) !== 0) {
    const named = Buffer.from(bytes.subarray(topicAt, topicEnd));
    const topic = named.toString('utf8');
    if (!isUtf8(named) || named.includes(0) || !isTopic(topic)) return 'BAD_TOPIC';
    memory.bytes = named;
    memory.topic = topic;
  }
  return { topic: memory.topic, qos: qos as 0 | 1 | 2, retain: (header & 1) !== 0, packetId, payloadAt };
}

export interface FilterRequest {
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
}

export interface FilterList {
  readonly packetId: number;
  readonly filters: readonly FilterRequest[];
}

/** A SUBSCRIBE or, without QoS, an UNSUBSCRIBE. */
export function readFilters(frame: Frame, withQos: boolean): FilterList | PacketFault {
  const cursor = cursorOf(frame);
  const packetId = readWord(cursor);
  const filters: FilterRequest[] = [];
  while (!cursor.failed && cursor.at < cursor.end) {
    const filter = readText(cursor);
    const qos = withQos ? readByte(cursor) : 0;
    if (qos > 2) return 'BAD_SUBSCRIBE';
    filters.push({ filter, qos: qos as 0 | 1 | 2 });
  }
  const rightFlags = (frame.header & 15) === 2;
  return cursor.failed || !rightFlags || packetId === 0 || filters.length === 0
    ? 'BAD_SUBSCRIBE'
    : { packetId, filters };
}

/** The packet id of a PUBACK, PUBREC, PUBREL or PUBCOMP. */
export function readPacketId(frame: Frame): number | PacketFault {
  if (frame.bodyBytes !== 2) return 'BAD_ACKNOWLEDGEMENT';
  return frame.bytes.readUInt16BE(frame.start);
}

function withLength(header: number, body: Buffer): Buffer {
  const head = [header];
  let rest = body.length;
  do {
    head.push(rest > 127 ? (rest & 127) | 128 : rest);
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), body]);
}

export function connackPacket(code: number, sessionPresent: boolean): Buffer {
  return Buffer.from([0x20, 2, sessionPresent ? 1 : 0, code]);
}

/** SUBACK with one code for each filter: the QoS granted, or 0x80 for a refusal. */
export function subackPacket(packetId: number, codes: readonly number[]): Buffer {
  return withLength(0x90, Buffer.from([packetId >> 8, packetId & 255, ...codes]));
}

/** Any packet that carries nothing but a packet id. */
export function idPacket(header: number, packetId: number): Buffer {
  return Buffer.from([header, 2, packetId >> 8, packetId & 255]);
}

export function pingrespPacket(): Buffer {
  return Buffer.from([0xd0, 0]);
}

export interface OutgoingPublish {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly duplicate: boolean;
  /** 0 at QoS 0. */
  readonly packetId: number;
}

export function publishPacket(message: OutgoingPublish): Buffer {
  const topic = Buffer.from(message.topic, 'utf8');
  const flags = (message.duplicate ? 8 : 0) | (message.qos << 1) | (message.retain ? 1 : 0);
  const id = message.qos > 0 ? [message.packetId >> 8, message.packetId & 255] : [];
  const body = [Buffer.from([topic.length >> 8, topic.length & 255]), topic, Buffer.from(id), message.payload];
  return withLength((PACKET.PUBLISH << 4) | flags, Buffer.concat(body));
}
