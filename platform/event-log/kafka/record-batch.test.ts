import { jsCRC32C, Reader, readRecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordBatch } from './record-batch.ts';

const IDENTITY = { producerId: 4_294_967_296n, producerEpoch: 3, firstSequence: 2_147_483_000 } as const;
const AT_MS = 1_795_428_000_000;

/** The bytes of a batch of these values, each with its key. */
function batchOf(values: readonly (readonly [value: string, key?: string])[]): Buffer {
  const batch = recordBatch();
  for (const [value, key = 'harbour'] of values) batch.add(Buffer.from(key), value);
  return batch.finish(IDENTITY, AT_MS);
}
const read = (buffer: Buffer) => readRecordsBatch(Reader.from(buffer));

describe('a batch of records', () => {
  it('is read back by the client as it was, whatever the texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) => value.toWellFormed());
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 200 }), (pairs) => {
        const { records } = read(batchOf(pairs.map(([key, value]) => [value, key])));
        expect(records.map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual(pairs);
        expect(records.map(({ offsetDelta }) => offsetDelta)).toEqual(pairs.map((_, place) => place));
      }),
    );
  });

  it.each([63, 64, 8_191, 8_192, 1_048_575, 1_048_576])(
    'holds a value of %d bytes, where a length grows by a byte',
    (bytes) => {
      const value = 'x'.repeat(bytes);
      const { records, length } = read(batchOf([[value], ['after']]));
      expect(records.map((record) => record.value?.toString())).toEqual([value, 'after']);
      expect(length).toBe(batchOf([[value], ['after']]).length - 12);
    },
  );

  it('tells how many bytes each record takes', () => {
    const batch = recordBatch();
    const added = ['a', 'ü'.repeat(64), 'x'.repeat(40_000)].map((value) => batch.add(Buffer.from('k'), value));
    expect(batch.records).toBe(3);
    expect(added.reduce((sum, bytes) => sum + bytes)).toBe(batch.finish(IDENTITY, AT_MS).length - 61);
  });

  it('is the same in memory that held another one, also where that is too small', () => {
    const used = recordBatch();
    used.add(Buffer.from('other'), 'y'.repeat(20_000));
    used.finish({ producerId: 7n, producerEpoch: 9, firstSequence: 11 }, 1);
    for (const bytes of [10, 100_000]) {
      const again = recordBatch(used.memory());
      again.add(Buffer.from('harbour'), 'x'.repeat(bytes));
      expect(again.finish(IDENTITY, AT_MS).equals(batchOf([['x'.repeat(bytes)]]))).toBe(true);
    }
  });

  it('says who sent it, when, and with which number it begins', () => {
    const batch = read(batchOf([['a'], ['b']]));
    expect(batch).toMatchObject({ ...IDENTITY, magic: 2, attributes: 0, lastOffsetDelta: 1, firstOffset: 0n });
    expect([batch.firstTimestamp, batch.maxTimestamp]).toEqual([BigInt(AT_MS), BigInt(AT_MS)]);
  });

  it('carries the CRC-32C of all behind it', () => {
    const buffer = batchOf([['a']]);
    expect(read(buffer).crc).toBe(jsCRC32C(buffer.subarray(21)));
    // The check value of CRC-32C, as catalogues of CRCs give it.
    expect(jsCRC32C(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});
