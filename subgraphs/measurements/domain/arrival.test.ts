import { FLAG_BIT } from '@greencity/air/quality';
import { expect, it } from 'vitest';
import { arrivalFlags } from './arrival.ts';

const NOON_MS = Date.UTC(2026, 10, 23, 12);

it('calls a reading LATE when it took more than an hour', () => {
  expect(arrivalFlags(NOON_MS, NOON_MS + 3_600_000, 'device')).toBe(0);
  expect(arrivalFlags(NOON_MS, NOON_MS + 3_600_001, 'device')).toBe(FLAG_BIT.LATE);
});

it('marks the time that the server gave', () => {
  expect(arrivalFlags(NOON_MS, NOON_MS, 'server')).toBe(FLAG_BIT.SERVER_TIME);
  expect(arrivalFlags(NOON_MS, NOON_MS + 7_200_000, 'server')).toBe(FLAG_BIT.SERVER_TIME | FLAG_BIT.LATE);
});
