import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, batchBytes, fillBatch } from './batch.ts';
import { decodeBatch, encodeBatch } from './batch-codec.ts';
import { emptyBytes, getSigned, getText, getVarint, putSigned, putText, putVarint } from './bytes.ts';
import { decodeDecimals, encodeDecimals } from './decimal-codec.ts';
import { decodeTimes, encodeTimes, placeOfTime } from './time-codec.ts';

const DAY = 86_400_000;
const DAY_MS = Date.UTC(2026, 2, 10);
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const decimal = fc
  .tuple(fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.integer({ min: 0, max: 7 }))
  .map(([whole, decimals]) => whole / 10 ** decimals + 0);

describe('whole numbers', () => {
  it('come back as they were, up to 2^53 - 1, and small ones take one byte', () => {
    for (const value of [0, 1, 127, 128, 16_383, 2 ** 31 - 1, 2 ** 31, 2 ** 35 + 5, Number.MAX_SAFE_INTEGER]) {
      const bytes = emptyBytes(1);
      putVarint(bytes, value);
      expect(bytes.at, String(value)).toBe(value < 128 ? 1 : Math.ceil(Math.log2(value + 1) / 7));
      bytes.at = 0;
      expect(getVarint(bytes)).toBe(value);
    }
  });

  it('of either sign come back as they were', () => {
    for (const value of [0, -1, 1, -64, 64, -(2 ** 40), 2 ** 51]) {
      const bytes = emptyBytes();
      putSigned(bytes, value);
      bytes.at = 0;
      expect(getSigned(bytes)).toBe(value);
    }
  });
});

describe('texts', () => {
  it('come back as they were, one after the other', () => {
    const bytes = emptyBytes(1);
    for (const text of ['', 'sensor-1', 'Łódź 🌳']) putText(bytes, text);
    bytes.at = 0;
    expect([getText(bytes), getText(bytes), getText(bytes)]).toEqual(['', 'sensor-1', 'Łódź 🌳']);
  });
});

describe('values', () => {
  const roundTrip = (values: readonly number[]) => {
    const bytes = emptyBytes(1);
    putVarint(bytes, 7);
    encodeDecimals(bytes, Float64Array.from([99, ...values]), 1, values.length + 1);
    const length = bytes.at;
    bytes.at = 1;
    const decoded = new Float64Array(values.length + 1);
    decodeDecimals(bytes, decoded, 1, values.length);
    expect(bytes.at).toBe(length);
    expect([...decoded.subarray(1)]).toEqual(values);
    return length - 1;
  };

  it('come back bit for bit, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyDouble, decimal), { maxLength: 60 }), (values) => void roundTrip(values)),
    );
    fc.assert(fc.property(fc.array(decimal, { maxLength: 60 }), (values) => void roundTrip(values)));
  });

  it('of a sensor take a byte each', () => {
    const values = Array.from({ length: 1_000 }, (_, i) => Math.round(120 + 30 * Math.sin(i / 50)) / 10);
    expect(roundTrip(values)).toBeLessThan(1_010);
  });

  it('keep their eight bytes where no six decimals give them back', () => {
    expect(roundTrip([0.1 + 0.2, 1])).toBe(17);
    expect(roundTrip([2 ** 29, 1])).toBe(17);
  });
});

describe('times of a day', () => {
  const roundTrip = (offsets: readonly number[]) => {
    const bytes = emptyBytes(1);
    const times = Float64Array.from(offsets, (offset) => DAY_MS + offset);
    encodeTimes(bytes, times, [0, times.length], DAY_MS);
    const length = bytes.at;
    bytes.at = 0;
    const decoded = new Float64Array(times.length + 2);
    decodeTimes(bytes, decoded, [2, times.length + 2], DAY_MS);
    expect(bytes.at).toBe(length);
    expect([...decoded.subarray(2)]).toEqual([...times]);
    for (const [place, timeMs] of times.entries()) {
      const found = (at: number) => placeOfTime({ buffer: bytes.buffer, at: 0 }, times.length, DAY_MS, at);
      expect(found(timeMs)).toBe(place);
      expect(found(timeMs + 1)).toBe(times[place + 1] === timeMs + 1 ? place + 1 : -1);
    }
    return length;
  };

  it('come back as they were, whatever their gaps', () => {
    const offsets = fc.uniqueArray(fc.integer({ min: 0, max: DAY - 1 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(offsets, fc.boolean(), (found, seconds) => {
        const times = found.map((offset) => (seconds ? Math.floor(offset / 1_000) * 1_000 : offset));
        roundTrip([...new Set(times)].sort((a, b) => a - b));
      }),
    );
  });

  it('that keep a beat with a second of jitter take a byte each, across a gap too', () => {
    const minutes = Array.from({ length: 600 }, (_, i) => (i < 300 ? i : i + 200));
    expect(roundTrip(minutes.map((minute) => minute * 60_000 + (minute % 5 === 0 ? 1_000 : 0)))).toBeLessThan(610);
  });
});

describe('batches in the log', () => {
  const row = fc.record({
    series: fc.nat(1_000_000),
    timeMs: fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
    value: fc.oneof(anyDouble, decimal),
    corrected: fc.oneof(fc.constant(Number.NaN), decimal),
    flags: fc.nat(255),
  });

  function batchOf(
    rows: readonly { series: number; timeMs: number; value: number; corrected: number; flags: number }[],
  ): Batch {
    return fillBatch(new ArrayBuffer(batchBytes(rows.length)), {
      length: rows.length,
      series: Uint32Array.from(rows, (each) => each.series),
      timeMs: Float64Array.from(rows, (each) => each.timeMs),
      value: Float64Array.from(rows, (each) => each.value),
      corrected: Float64Array.from(rows, (each) => each.corrected),
      flags: Uint8Array.from(rows, (each) => each.flags),
    });
  }

  it('come back row by row, only the rows that were named', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), fc.nat(2), (rows, rest) => {
        const named = Uint32Array.from(rows.keys()).filter((place) => place % 3 !== rest);
        const bytes = emptyBytes(1);
        encodeBatch(bytes, batchOf(rows), named, named.length);
        bytes.at = 0;
        const decoded = decodeBatch(bytes);
        const expected = batchOf([...named].map((place) => rows[place] as (typeof rows)[number]));
        for (const column of ['series', 'timeMs', 'value', 'corrected', 'flags'] as const) {
          expect([...decoded[column]]).toEqual([...expected[column]]);
        }
      }),
    );
  });
});
