import { FLAG_BIT } from '@greencity/air/quality';
import { MINUTE_MS } from '@greencity/air/time';
import { describe, expect, it } from 'vitest';
import { correctedParticles, humidFlag, humidityAt, noteHumidity, toldHumidity, unknownHumidity } from './humidity.ts';

const NOON_MS = Date.UTC(2026, 10, 23, 12);

describe('the newest humidity of a device', () => {
  it('speaks for readings from its own moment to ten minutes after', () => {
    const newest = unknownHumidity();
    noteHumidity(newest, NOON_MS, 71, 0);
    expect(humidityAt(newest, NOON_MS - 1)).toBeNaN();
    expect(humidityAt(newest, NOON_MS)).toBe(71);
    expect(humidityAt(newest, NOON_MS + 10 * MINUTE_MS)).toBe(71);
    expect(humidityAt(newest, NOON_MS + 10 * MINUTE_MS + 1)).toBeNaN();
  });

  it('is not replaced by an older one', () => {
    const newest = unknownHumidity();
    noteHumidity(newest, NOON_MS, 71, 0);
    noteHumidity(newest, NOON_MS - MINUTE_MS, 40, 0);
    expect(humidityAt(newest, NOON_MS)).toBe(71);
  });

  it('says nothing when it is stuck or impossible, but counts as humid when it is stuck at the ceiling', () => {
    expect(toldHumidity(50, FLAG_BIT.STUCK)).toBeNaN();
    expect(toldHumidity(0, FLAG_BIT.OUT_OF_RANGE)).toBeNaN();
    expect(toldHumidity(98.9, FLAG_BIT.STUCK)).toBeNaN();
    expect(toldHumidity(99, FLAG_BIT.STUCK)).toBe(99);
    expect(toldHumidity(99.9, FLAG_BIT.STUCK)).toBe(99.9);
    expect(toldHumidity(104, FLAG_BIT.OUT_OF_RANGE)).toBe(104);
    expect(toldHumidity(50, FLAG_BIT.SPIKE | FLAG_BIT.LATE)).toBe(50);
  });
});

describe('particles', () => {
  it('are HUMID above 85 %, and not when nothing is known', () => {
    expect(humidFlag(85)).toBe(0);
    expect(humidFlag(85.1)).toBe(FLAG_BIT.HUMID);
    expect(humidFlag(Number.NaN)).toBe(0);
  });

  it('are corrected for the water on them where the humidity is known and not too high', () => {
    // 80 %: 1 + (0.3 / 1.65) / (1 / 0.8 - 1) = 1 + 0.181818 / 0.25 = 1.727273; 20 / 1.727273 = 11.5789.
    expect(correctedParticles(20, 80)).toBe(11.58);
    // 50 %: 1 + 0.181818 / 1 = 1.181818; 20 / 1.181818 = 16.923.
    expect(correctedParticles(20, 50)).toBe(16.92);
    expect(correctedParticles(20, 0.1)).toBe(20);
    expect(correctedParticles(20, 85.1)).toBeNaN();
    expect(correctedParticles(20, Number.NaN)).toBeNaN();
  });
});
