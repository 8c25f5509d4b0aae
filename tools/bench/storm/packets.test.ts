import { decodeNative } from '@greencity/ingest/decode/native';
import { parser } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { connectPacket, publishTemplate } from './packets.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 10, 0, 0, 7);
const LIMITS = { receivedAtMs: NOW_MS, ageMsMax: 60_000, aheadMsMax: 60_000, readingsMax: 1, payloadBytesMax: 8192 };

function parse(bytes: Buffer) {
  const packets: unknown[] = [];
  const reading = parser();
  reading.on('packet', (packet) => packets.push(packet));
  reading.parse(bytes);
  return packets as readonly { readonly messageId: number; readonly topic: string; readonly payload: Buffer }[];
}

describe('a packet of the publish storm', () => {
  it('signs in as MQTT asks for it', () => {
    expect(parse(connectPacket({ username: 'station', password: 'secret' }))).toMatchObject([
      { cmd: 'connect', protocolVersion: 4, clean: true, username: 'station', password: Buffer.from('secret') },
    ]);
  });

  it.each([1, 5, 10])('is a reading of %d values that ingest takes whole, each other than the one before', (values) => {
    const template = publishTemplate('station', 3, values);
    const bytes = Buffer.alloc(template.bytes * 2_000);
    for (let seq = 0; seq < 2_000; seq += 1) {
      template.write(bytes, seq * template.bytes, { packetId: seq + 1, seq, timeMs: NOW_MS + seq });
    }
    const packets = parse(bytes);
    expect(packets).toHaveLength(2_000);
    const seen = new Set<string>();
    for (const [seq, { messageId, topic, payload }] of packets.entries()) {
      expect([messageId, topic]).toEqual([seq + 1, 'greencity/v1/station/measurements']);
      const { readings, refusals } = decodeNative({ payload, payloadBytes: payload.length }, LIMITS);
      expect(refusals).toEqual([]);
      expect(readings[0]).toMatchObject({ timeMs: NOW_MS + seq, bootId: 3, seq: 1_000_000_000 + seq });
      expect(Object.keys(readings[0]?.values ?? {})).toHaveLength(values);
      seen.add(payload.toString());
    }
    expect(seen.size).toBe(2_000);
  });
});
