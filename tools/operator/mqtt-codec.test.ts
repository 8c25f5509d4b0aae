import { expect, it } from 'vitest';
import { connectPacket, disconnectPacket, packetReader, publishPacket } from './mqtt-codec.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

it('writes packets as the standard says', () => {
  // Fixed header, "MQTT" level 4, flags, keep alive 60 s, then client id, user name and password.
  expect(hex(connectPacket({ username: 'a1', password: 'b', keepAliveS: 60 }))).toBe(
    ['10', '15', '00044d515454', '04', 'c2', '003c', '00026131', '00026131', '000162'].join(''),
  );
  expect(hex(publishPacket({ topic: 't/1', payload: 'hi', messageId: 258, retain: false }))).toBe(
    '3209' + '0003742f31' + '0102' + '6869',
  );
  expect(publishPacket({ topic: 't', payload: '', messageId: 1, retain: true })[0]).toBe(0x33);
  expect(hex(disconnectPacket())).toBe('e000');
});

it('writes lengths of more than 127 in base 128', () => {
  const packet = publishPacket({ topic: 't', payload: 'x'.repeat(316), messageId: 1, retain: false });
  // 2 + 1 + 2 + 316 = 321 = 65 + 2 · 128, the standard's own example.
  expect(hex(packet.subarray(0, 3))).toBe('32c102');
  expect(packet).toHaveLength(324);
});

it('reads acknowledgements, however they are cut', () => {
  const stream = Buffer.from('20020000' + '40020102' + 'd000' + '40020003', 'hex');
  const expected = [
    { kind: 'connack', returnCode: 0 },
    { kind: 'puback', messageId: 258 },
    { kind: 'other' },
    { kind: 'puback', messageId: 3 },
  ];
  expect(packetReader()(stream)).toEqual(expected);
  const read = packetReader();
  expect([...stream].flatMap((byte) => read(Uint8Array.of(byte)))).toEqual(expected);
  expect(() => packetReader()(Buffer.from('40ffffffffff', 'hex'))).toThrow();
});
