import { generate } from 'mqtt-packet';
import { expect, it } from 'vitest';
import { type Frame, frameReader } from '../embedded/frames.ts';
import { connackReason, disconnectReason, pubacks, readPublish, subackReason } from './packets.ts';

/** The first packet in these bytes; of its body so many are kept. */
function frameOf(bytes: Buffer, keptBytesMax = 1_000): Frame {
  let found: Frame | undefined;
  const onFrame = (frame: Frame) => {
    found = { ...frame };
    return true;
  };
  frameReader({ keptBytesMax, packetBytesMax: 1_000_000, onFrame }).push(bytes);
  if (!found) throw new Error('no packet');
  return found;
}

const bytesOf = (packet: Parameters<typeof generate>[0]) => generate(packet, { protocolVersion: 5 });
const published = { cmd: 'publish', topic: 'greencity/v1/größe/status', dup: false } as const;

it('reads a message, with and without acknowledgement, properties and retain', () => {
  const plain = bytesOf({ ...published, payload: 'hi', qos: 1, retain: false, messageId: 513 });
  expect(readPublish(frameOf(plain))).toEqual({
    ...{ topic: published.topic, payload: Buffer.from('hi'), payloadBytes: 2, qos: 1, retain: false, messageId: 513 },
  });
  const properties = { userProperties: { a: 'x'.repeat(200) }, contentType: 'application/json' };
  const rich = bytesOf({ ...published, payload: 'hi', qos: 0, retain: true, properties });
  expect(readPublish(frameOf(rich))).toEqual({
    ...{ topic: published.topic, payload: Buffer.from('hi'), payloadBytes: 2, qos: 0, retain: true, messageId: 0 },
  });
});

it('knows the length of a message of which the rest was passed over', () => {
  const long = bytesOf({ ...published, payload: 'x'.repeat(500), qos: 1, retain: false, messageId: 1 });
  const { payload, payloadBytes } = readPublish(frameOf(long, 100)) ?? {};
  expect(payloadBytes).toBe(500);
  expect(payload?.toString()).toMatch(/^x{50,90}$/);
});

it.each([[0x30], [0x32, 1, 0], [0x32, 4, 0, 1, 97, 0], [0x30, 5, 0, 1, 97, 0xff, 0xff], [0x30, 4, 0, 1, 97, 9]])(
  'finds no message in bytes %j',
  (...bytes) => {
    const frame: Frame = {
      ...{ header: bytes[0] ?? 0, bytes: Buffer.from(bytes), start: 2, end: bytes.length, bodyBytes: bytes.length - 2 },
    };
    expect(readPublish(frame)).toBeUndefined();
  },
);

it('reads why the broker let us in or not, what it granted, and why it hung up', () => {
  expect(connackReason(frameOf(bytesOf({ cmd: 'connack', reasonCode: 135, sessionPresent: false })))).toBe(135);
  const reasonString = 'not yours';
  const suback = (granted: number) =>
    bytesOf({ cmd: 'suback', messageId: 1, granted: [granted], properties: { reasonString } });
  expect(subackReason(frameOf(suback(135)))).toBe(135);
  expect(subackReason(frameOf(suback(1)))).toBe(1);
  expect(disconnectReason(frameOf(bytesOf({ cmd: 'disconnect', reasonCode: 142 })))).toBe(142);
});

it('acknowledges several messages in one piece', () => {
  expect([...pubacks([1, 65_535])]).toEqual([0x40, 2, 0, 1, 0x40, 2, 255, 255]);
});
