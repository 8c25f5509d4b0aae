import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameReader } from './frames.ts';

interface Seen {
  readonly header: number;
  readonly body: string;
  readonly bodyBytes: number;
}

const OPTIONS = { keptBytesMax: 300, packetBytesMax: 2_000 };

function packet(header: number, body: string): Buffer {
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Buffer.from([header, ...length]), Buffer.from(body)]);
}

function reading(stopAfter = Number.POSITIVE_INFINITY) {
  const seen: Seen[] = [];
  const reader = frameReader({
    ...OPTIONS,
    onFrame: ({ header, bytes, start, end, bodyBytes }) =>
      seen.push({ header, body: bytes.toString('latin1', start, end), bodyBytes }) % stopAfter !== 0,
  });
  return { seen, reader };
}

describe('a stream of packets', () => {
  it('is read the same however it is cut', () => {
    const bodies = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (lengths, cuts) => {
        const all = Buffer.concat(lengths.map((length, index) => packet(0x30 + index, 'x'.repeat(length))));
        const { seen, reader } = reading();
        for (let from = 0, turn = 0; from < all.length; turn += 1) {
          const to = from + (cuts[turn % cuts.length] ?? 1);
          // Its memory is used again for what comes next.
          const chunk = Buffer.from(all.subarray(from, to));
          expect(reader.push(chunk)).toBeUndefined();
          chunk.fill(0xff);
          from = to;
        }
        const expected = lengths.map((length, index) => ({
          header: 0x30 + index,
          body: 'x'.repeat(Math.min(length, OPTIONS.keptBytesMax)),
          bodyBytes: length,
        }));
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('stops when asked to, keeps what comes, and goes on', () => {
    const { seen, reader } = reading(1);
    reader.push(Buffer.concat([packet(1, 'a'), packet(2, 'b')]));
    reader.push(packet(3, 'c'));
    expect(seen.map(({ body }) => body)).toEqual(['a']);
    reader.resume();
    expect(seen.map(({ body }) => body)).toEqual(['a', 'b']);
    reader.resume();
    reader.resume();
    expect(seen.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
  });

  it('is read the same however it is cut and however often it stops', () => {
    const bodies = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 });
    fc.assert(
      fc.property(bodies, cuts, fc.array(fc.boolean(), { minLength: 1 }), (lengths, cutAt, goesOn) => {
        const all = Buffer.concat(lengths.map((length, index) => packet(0x30 + index, 'x'.repeat(length))));
        const { seen, reader } = reading(1);
        for (let from = 0, turn = 0; from < all.length; turn += 1) {
          const to = from + (cutAt[turn % cutAt.length] ?? 1);
          const chunk = Buffer.from(all.subarray(from, to));
          reader.push(chunk);
          chunk.fill(0xff);
          if (goesOn[turn % goesOn.length]) reader.resume();
          from = to;
        }
        for (let left = 0; left <= lengths.length; left += 1) reader.resume();
        expect(seen.map(({ header, bodyBytes }) => [header, bodyBytes])).toEqual(
          lengths.map((length, index) => [0x30 + index, length]),
        );
        expect(seen.every(({ body }) => /^x*$/.test(body))).toBe(true);
      }),
    );
  });

  it('ends at a packet beyond the limit, before its body has come', () => {
    const { seen, reader } = reading();
    expect(reader.push(Buffer.from([0x30, 0xd0, 0x0f]))).toBeUndefined();
    expect(reading().reader.push(Buffer.from([0x30, 0xd1, 0x0f]))).toBe('PACKET_TOO_LARGE');
    expect(reading().reader.push(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe('BAD_LENGTH');
    expect(seen).toEqual([]);
  });
});
