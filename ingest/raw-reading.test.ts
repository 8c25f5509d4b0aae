import type { AcceptedReading } from '@greencity/air/reading';
import { type RawReading, rawReadingFormat } from '@greencity/schema/events/reading';
import { describe, expect, it } from 'vitest';
import { rawReadingHead, rawReadingText, valuesText } from './raw-reading.ts';

function aReading(changes: Partial<AcceptedReading> = {}): AcceptedReading {
  return { timeMs: 1_795_428_000_000, timeSource: 'device', bootId: 7, seq: 1234, values: { pm2_5: 12.4 }, ...changes };
}

const cases: readonly (readonly [
  what: string,
  device: { deviceId: string; zoneId: string },
  reading: AcceptedReading,
])[] = [
  ['a whole reading', { deviceId: 'station-1', zoneId: 'harbour' }, aReading()],
  [
    'no boot id and no sequence number',
    { deviceId: 's', zoneId: 'z' },
    aReading({ bootId: undefined, seq: undefined }),
  ],
  ['number 0 of boot 0', { deviceId: 's', zoneId: 'z' }, aReading({ bootId: 0, seq: 0, timeSource: 'server' })],
  ['ids that need escaping', { deviceId: 'a"b\\c\n', zoneId: 'Ålesund\u2028' }, aReading()],
  [
    'numbers of every kind',
    { deviceId: 's', zoneId: 'z' },
    aReading({
      values: { pm1: 0, pm10: 1e-7, temperature: -12.5, co: 1e7, pressure: 1013.25, co2: 431, signal_strength: -0 },
    }),
  ],
];

describe('the record of a reading', () => {
  it.each(cases)("is the format's JSON: %s", (_, device, reading) => {
    const plain = { ...reading, valuesText: valuesText(reading.values) };
    const text = rawReadingText(rawReadingHead(device), plain, 1_795_428_000_123);
    const expected: RawReading = {
      ...{ v: 1, ...device, timeMs: reading.timeMs, receivedAtMs: 1_795_428_000_123, timeSource: reading.timeSource },
      ...(reading.bootId === undefined ? {} : { bootId: reading.bootId }),
      ...(reading.seq === undefined ? {} : { seq: reading.seq }),
      values: reading.values,
    };
    expect(text).toBe(JSON.stringify(expected));
    rawReadingFormat.parse(JSON.parse(text));
  });
});
