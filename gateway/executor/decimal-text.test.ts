import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalText } from './decimal-text.ts';

test('the text of a number is the one that the language gives', () => {
  const tenths = fc.integer({ min: -5_000, max: 5_000 }).map((value) => value / 10);
  const hundredths = fc.integer({ min: -30_000, max: 30_000 }).map((value) => value / 100);
  const beside = hundredths.map((value) => value + Number.EPSILON * value);
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.oneof(tenths, hundredths, beside, any), (value) => {
      expect(decimalText(value)).toBe(JSON.stringify(value));
      expect(decimalText(value), 'the second time').toBe(JSON.stringify(value));
    }),
    { numRuns: 2_000 },
  );
});

test('a zero below zero is written as JSON does', () => {
  expect(decimalText(-0)).toBe('0');
});
