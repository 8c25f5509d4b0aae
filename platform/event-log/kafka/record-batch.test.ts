import { jsCRC32C, Reader, readRecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchRecord, encodeBatch } from './record-batch.ts';

const IDENTITY = { producerId: 4_294_967_296n, producerEpoch: 3, firstSequence: 2_147_483_000 } as const;
const AT_MS = 1_795_428_000_000;

const aRecord = (value: string, key = 'harbour'): BatchRecord => ({
  ...{ key, keyBytes: Buffer.byteLength(key), value, valueBytes: Buffer.byteLength(value) },
});
const read = (buffer: Buffer) => readRecordsBatch(Reader.from(buffer));

describe('a batch of records', () => {
  it('is read back by the client as it was, whatever the texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) => value.toWellFormed());
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 200 }), (pairs) => {
        const { records } = read(
          encodeBatch(
            pairs.map(([key, value]) => aRecord(value, key)),
            IDENTITY,
            AT_MS,
          ),
        );
        expect(records.map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual(pairs);
        expect(records.map(({ offsetDelta }) => offsetDelta)).toEqual(pairs.map((_, place) => place));
      }),
    );
  });

  it.each([63, 64, 8_191, 8_192, 1_048_575, 1_048_576])(
    'holds a value of %d bytes, where a length grows by a byte',
    (bytes) => {
      const value = 'x'.repeat(bytes);
      const { records, length } = read(encodeBatch([aRecord(value), aRecord('after')], IDENTITY, AT_MS));
      expect(records.map((record) => record.value?.toString())).toEqual([value, 'after']);
      expect(length).toBe(encodeBatch([aRecord(value), aRecord('after')], IDENTITY, AT_MS).length - 12);
    },
  );

  it('says who sent it, when, and with which number it begins', () => {
    const batch = read(encodeBatch([aRecord('a'), aRecord('b')], IDENTITY, AT_MS));
    expect(batch).toMatchObject({ ...IDENTITY, magic: 2, attributes: 0, lastOffsetDelta: 1, firstOffset: 0n });
    expect([batch.firstTimestamp, batch.maxTimestamp]).toEqual([BigInt(AT_MS), BigInt(AT_MS)]);
  });

  it('carries the CRC-32C of all behind it', () => {
    const buffer = encodeBatch([aRecord('a')], IDENTITY, AT_MS);
    expect(read(buffer).crc).toBe(jsCRC32C(buffer.subarray(21)));
    // The check value of CRC-32C, as catalogues of CRCs give it.
    expect(jsCRC32C(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});
