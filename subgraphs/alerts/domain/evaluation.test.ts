import { describe, expect, it } from 'vitest';
import { begun, type Sighting } from './alert.ts';
import { evaluate, SILENCE_MAX_MS } from './evaluation.ts';
import { aRule, START_MS } from './fixtures/builders.ts';

const sighting = (value: number, sinceStartMs: number, previousMs?: number): Sighting => ({
  ...{ deviceId: 'd1', deviceName: 'Pier 1', zoneId: 'z1', value },
  timeMs: START_MS + sinceStartMs,
  previousMs: previousMs === undefined ? undefined : START_MS + previousMs,
});

describe('a pending alert', () => {
  const rule = aRule({ forMs: 60_000 });
  const pending = begun(rule, sighting(60, 0));

  it('fires at the millisecond at which it has lasted long enough', () => {
    expect(evaluate(rule, pending, sighting(60, 59_999, 0)).kind).toBe('quiet');
    expect(evaluate(rule, pending, sighting(60, 60_000, 0))).toMatchObject({
      kind: 'told',
      alert: { state: 'FIRING' },
    });
  });

  it('outlasts a silence up to its limit', () => {
    expect(evaluate(rule, pending, sighting(60, SILENCE_MAX_MS, 0)).kind).toBe('told');
    const later = evaluate(rule, pending, sighting(60, SILENCE_MAX_MS + 1, 0));
    expect(later).toMatchObject({ kind: 'forgotten', next: { state: 'PENDING', value: 60 } });
  });
});

it('a firing alert outlasts any silence: that a device is gone does not say that the air is good', () => {
  const rule = aRule();
  const first = evaluate(rule, undefined, sighting(60, 0));
  if (first.kind !== 'told') throw new Error('it fires at once');
  const later = evaluate(rule, first.alert, sighting(60, 10 * SILENCE_MAX_MS, 0));
  expect(later).toMatchObject({ kind: 'quiet', alert: { state: 'FIRING', id: first.alert.id } });
});

it('a title rounds to two decimals and shows no more than there are', () => {
  const title = (value: number) => begun(aRule(), sighting(value, 0)).title;
  expect(title(63.2)).toBe('PM2.5 high: 63.2 µg/m³ at Pier 1');
  expect(title(63.256)).toBe('PM2.5 high: 63.26 µg/m³ at Pier 1');
  expect(title(60)).toBe('PM2.5 high: 60 µg/m³ at Pier 1');
});
