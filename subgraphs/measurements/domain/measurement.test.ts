import { expect, it } from 'vitest';
import { correctedValue, correctionOf, type Measurement } from './measurement.ts';

const MEASURED: Measurement = {
  deviceId: 'd1',
  metric: 'PM2_5',
  value: 20,
  corrected: Number.NaN,
  timeMs: 0,
  flags: 0,
};

it('has a correction exactly where it has a corrected value', () => {
  expect([correctedValue(MEASURED), correctionOf(MEASURED)]).toEqual([null, null]);
  const corrected = { ...MEASURED, corrected: 11.58 };
  expect(correctedValue(corrected)).toBe(11.58);
  expect(correctionOf(corrected)).toEqual({ name: 'kappa-koehler', version: '1', modelled: true });
});
