import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketStart, DAY_MS, formatDuration, HOUR_MS, parseDurationMs, parseInstantMs } from './time.ts';

describe('a duration', () => {
  it.each([
    ['PT0S', 0],
    ['PT5M', 300_000],
    ['PT1H', 3_600_000],
    ['P1D', 86_400_000],
    ['P1DT12H', 129_600_000],
    ['P2W', 1_209_600_000],
    ['PT1.5S', 1_500],
    ['PT90M', 5_400_000],
  ])('%s is %d ms', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

  it.each(['', 'P', 'PT', 'P1Y', 'P1M', '1H', 'PT-1H', '-PT1H', 'P1DT', 'pt1h', 'PT1H ', 'P1W2D'])(
    'is not %j',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it.each([
    [0, 'PT0S'],
    [DAY_MS, 'P1D'],
    [36 * HOUR_MS, 'PT36H'],
    [90_500, 'PT1M30.5S'],
  ])('of %d ms is written %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('comes back from its text', () => {
    fc.assert(fc.property(fc.nat({ max: 10_000_000_000 }), (ms) => parseDurationMs(formatDuration(ms)) === ms));
  });
});

describe('a moment', () => {
  it.each([
    ['2026-11-23T10:00:00Z', 1_795_428_000_000],
    ['2026-11-23T10:00:00.25Z', 1_795_428_000_250],
    ['2026-11-23T12:00:00+02:00', 1_795_428_000_000],
    ['2026-11-23T05:30:00-04:30', 1_795_428_000_000],
    ['1970-01-01T00:00:00Z', 0],
    ['0000-01-01T00:00:00Z', -62_167_219_200_000],
    ['0046-01-05T18:57:05.000907Z', -60_715_112_575_000],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
  ])('%s is %d', (text, ms) => expect(parseInstantMs(text)).toBe(ms));

  it.each([
    '2026-11-23',
    '2026-11-23T10:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23 10:00:00Z',
    'now',
    '2026-11-23T10:00:00+25:00',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '0046-02-29T00:00:00Z',
  ])('is not %j', (text) => expect(parseInstantMs(text)).toBeUndefined());

  it('comes back from its text', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        (ms) => parseInstantMs(new Date(ms).toISOString()) === ms,
      ),
    );
  });
});

it('puts a moment before the epoch into the bucket that ends at it', () => {
  expect(bucketStart(-1, HOUR_MS)).toBe(-HOUR_MS);
  expect(bucketStart(0, HOUR_MS)).toBe(0);
  expect(bucketStart(HOUR_MS - 1, HOUR_MS)).toBe(0);
});
