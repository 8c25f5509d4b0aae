import { METRICS, metricDefinition } from '@greencity/air/metric';
import { rawReadingFormat } from '@greencity/schema/events/reading';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRaw } from './raw-reading.ts';

const key = fc.constantFrom(...METRICS.map((metric) => metricDefinition(metric).key));
const value = fc.double({ noNaN: true, noDefaultInfinity: true });
const whole = fc.oneof(fc.integer({ min: 0, max: 2e12 }), fc.maxSafeInteger());

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

it.each(['timeMs', 'receivedAtMs'])('takes a %s from 1970 to the end of 2199, and no other', (field) => {
  const good = { v: 1, deviceId: 'd', zoneId: 'z', timeMs: 1, receivedAtMs: 2, timeSource: 'device', values: {} };
  const read = (timeMs: number) => readRaw(JSON.stringify({ ...good, [field]: timeMs }));
  expect(read(0).kind).toBe('reading');
  expect(read(Date.parse('2199-12-31T23:59:59.999Z')).kind).toBe('reading');
  for (const timeMs of [-1, Date.parse('2200-01-01T00:00:00Z'), 9e15, -9e15]) {
    expect(read(timeMs)).toEqual({
      kind: 'unreadable',
      detail: `${field}: ${timeMs} is not between the years 1970 and 2199`,
    });
  }
});
