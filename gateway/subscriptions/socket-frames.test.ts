import { describe, expect, it } from 'vitest';
import { headOf, sharedFrame } from './socket-frames.ts';

const deliveryOf = (payload: string) => ({ payload: Buffer.from(payload), framed: {} });

/** The text of one whole, unmasked frame, by RFC 6455, section 5.2. */
function read(frame: Buffer): string {
  expect(frame[0]).toBe(0x81);
  const short = frame[1] ?? 0;
  const [start, length] =
    short < 126 ? [2, short] : short === 126 ? [4, frame.readUInt16BE(2)] : [10, Number(frame.readBigUInt64BE(2))];
  expect(frame.length).toBe(start + length);
  if (short >= 126) expect(length).toBeGreaterThan(short === 126 ? 125 : 65_535);
  return frame.toString('utf8', start);
}

describe('a shared frame', () => {
  it.each([2, 60, 90, 200, 65_400, 65_535, 65_536, 200_000])(
    'is one message of head and answer, whatever the length: %i',
    (length) => {
      const payload = JSON.stringify('ü'.repeat(length / 2));
      const frame = sharedFrame(headOf('1'), deliveryOf(payload));
      expect(read(frame)).toBe(`{"id":"1","type":"next","payload":${payload}}`);
    },
  );

  it('carries any id', () => {
    const id = 'a "quoted" id ü';
    expect(JSON.parse(read(sharedFrame(headOf(id), deliveryOf('{}'))))).toEqual({
      id,
      type: 'next',
      payload: {},
    });
  });

  it('is the same bytes for all with the same short id, and right for the others', () => {
    const delivery = deliveryOf('{}');
    const frame = sharedFrame(headOf('1'), delivery);
    expect(sharedFrame(headOf('1'), delivery)).toBe(frame);
    expect(JSON.parse(read(sharedFrame(headOf('2'), delivery))).id).toBe('2');
    expect(sharedFrame(headOf('1'), delivery)).toBe(frame);
  });
});
