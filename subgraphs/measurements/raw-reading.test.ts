import { METRICS, metricDefinition } from '@greencity/air/metric';
import { rawReadingFormat } from '@greencity/schema/events/reading';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRaw } from './raw-reading.ts';

const key = fc.constantFrom(...METRICS.map((metric) => metricDefinition(metric).key));
const value = fc.double({ noNaN: true, noDefaultInfinity: true });
const whole = fc.integer({ min: 0, max: 2e12 });

/** A good reading, in which one field may be something else. */
const reading = fc
  .record({
    v: fc.constant(1),
    deviceId: fc.string({ minLength: 1 }),
    zoneId: fc.string({ minLength: 1 }),
    timeMs: whole,
    receivedAtMs: whole,
    timeSource: fc.constantFrom('device', 'server'),
    values: fc.dictionary(key, value),
  })
  .chain((good) =>
    fc
      .tuple(fc.constantFrom('none', ...Object.keys(good)), fc.jsonValue())
      .map(([field, other]) => (field === 'none' ? good : { ...good, [field]: other })),
  );

it('takes exactly the records that the format takes', () => {
  fc.assert(
    fc.property(reading, (candidate) => {
      const text = JSON.stringify(candidate);
      const checked = rawReadingFormat.safeParse(JSON.parse(text));
      const read = readRaw(text);
      expect(read.kind).toBe(checked.success ? 'reading' : 'unreadable');
      if (read.kind !== 'reading') return;
      expect(read.reading).toEqual(checked.data);
      expect(read.valueCount).toBe(Object.keys(candidate.values as object).length);
    }),
    { numRuns: 2_000 },
  );
});

it('passes over fields that it does not need, and says what is wrong with those it does', () => {
  const good = { v: 1, deviceId: 'd', zoneId: 'z', timeMs: 1, receivedAtMs: 2, timeSource: 'device', values: {} };
  expect(readRaw(JSON.stringify({ ...good, seq: 5 }))).toMatchObject({ kind: 'reading', valueCount: 0 });
  expect(readRaw(JSON.stringify({ ...good, values: { pm10: 'x' } }))).toMatchObject({
    detail: 'values.pm10: not a number',
  });
  // An object that cannot become text must be refused like any other version.
  expect(readRaw(JSON.stringify({ ...good, v: { toString: 0 } }))).toMatchObject({
    detail: 'v: version {"toString":0} is not known here',
  });
  expect(readRaw(JSON.stringify({ ...good, timeMs: 1.5 }))).toMatchObject({ detail: 'timeMs: not a whole number' });
});
