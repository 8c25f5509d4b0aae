import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { describe, expect, it } from 'vitest';
import { energyPlan, intervalAt, percentOfVoltage } from './energy-plan.ts';
import { clearSkyWattsM2, sineOfElevation } from './sun.ts';

const PLACE = { latitude: 45, longitude: 8 };
const NOON_MS = Date.UTC(2026, 5, 21, 12);
const elevationDegrees = (place: typeof PLACE, timeMs: number) =>
  (Math.asin(sineOfElevation(place, timeMs)) * 180) / Math.PI;

describe('the sun', () => {
  it('stands 68.4° high over 45° N at noon of midsummer, and 21.6° at midwinter', () => {
    // 90° - 45° + 23.44° and 90° - 45° - 23.44°; noon at 8° E is about 11:28 UTC, the equation of time adds two minutes.
    const place = { latitude: 45, longitude: 0 };
    expect(elevationDegrees(place, Date.UTC(2026, 5, 21, 12, 2))).toBeCloseTo(68.44, 1);
    expect(elevationDegrees(place, Date.UTC(2026, 11, 21, 11, 58))).toBeCloseTo(21.56, 1);
  });
  it('stands overhead on the equator at an equinox noon', () => {
    expect(elevationDegrees({ latitude: 0, longitude: 0 }, Date.UTC(2026, 2, 20, 12, 7))).toBeGreaterThan(89.5);
  });
  it('gives nothing at night', () => expect(clearSkyWattsM2(PLACE, NOON_MS + 12 * HOUR_MS)).toBe(0));
  it('of a clear midsummer day gives what the clearest days of the typical year do', () => {
    // The clearest June days of the PVGIS typical year at 45° N, 8° E add up to 8.0 to 8.4 kWh/m².
    const dayMs = Math.floor(NOON_MS / DAY_MS) * DAY_MS;
    let wattHours = 0;
    for (let minute = 0; minute < 1_440; minute += 10)
      wattHours += clearSkyWattsM2(PLACE, dayMs + minute * MINUTE_MS) / 6;
    expect(wattHours).toBeGreaterThan(7_800);
    expect(wattHours).toBeLessThan(8_800);
  });
});

describe('a battery', () => {
  it.each([
    [2.9, 0],
    [3.3, 0],
    [3.7, 42],
    [3.75, 51],
    [4.2, 100],
    [4.4, 100],
  ])('at %d V holds %d %%', (volts, percent) => expect(percentOfVoltage(volts)).toBeCloseTo(percent, 9));
  it.each([
    [100, 5],
    [60, 5],
    [59.9, 10],
    [25, 15],
    [24.9, 30],
    [0, 60],
  ])('with %d %% is measured with each %d minutes', (percent, minutes) =>
    expect(intervalAt(percent)).toBe(minutes * MINUTE_MS),
  );
});

describe('an energy plan', () => {
  const plan = (changes: object = {}) =>
    energyPlan({
      ...{ nowMs: NOON_MS, place: PLACE, batteryPercent: 50, measuresCo2: false, solarPower: [], seed: 1 },
      ...changes,
    });
  const sunnyDays = Array.from({ length: 72 }, (_, hour) => ({
    hourMs: NOON_MS - (72 - hour) * HOUR_MS,
    mean: clearSkyWattsM2(PLACE, NOON_MS - (72 - hour) * HOUR_MS + HOUR_MS / 2) / 1_000,
  }));

  it('has 24 slots of an hour, one after the other', () => {
    const { slots } = plan();
    expect(slots.map(({ fromMs }) => fromMs)).toEqual(
      Array.from({ length: 24 }, (_, hour) => NOON_MS + hour * HOUR_MS),
    );
    expect(slots.every(({ fromMs, toMs }) => toMs - fromMs === HOUR_MS)).toBe(true);
  });
  it('expects nothing of a sun that no panel reported, and of a panel what it gave of late', () => {
    expect(plan().slots.every(({ expectedHarvestWh }) => expectedHarvestWh === 0)).toBe(true);
    // A panel that gave a thousandth of the sunlight on a square metre will again.
    const [first] = plan({ solarPower: sunnyDays }).slots;
    expect(first?.expectedHarvestWh).toBeCloseTo(clearSkyWattsM2(PLACE, NOON_MS + HOUR_MS / 2) / 1_000, 9);
  });
  it('counts the load of measurements, of sleep and of the CO2 sensor', () => {
    // At 50 %: 6 measurements of 0.331 / 96 Wh and 0.008 / 24 Wh of sleep; CO2 adds 0.144 / 24 Wh.
    expect(plan().slots[0]?.expectedLoadWh).toBeCloseTo(0.021_020_8, 6);
    expect(plan({ measuresCo2: true }).slots[0]?.expectedLoadWh).toBeCloseTo(0.027_020_8, 6);
  });
  it('is sure of a full battery, without hope for an empty one, and the same for the same seed', () => {
    expect(plan({ batteryPercent: 90 }).survivalProbability).toBe(1);
    expect(plan({ batteryPercent: 5 }).survivalProbability).toBe(0);
    // At night 1 % (0.11 Wh) lasts about as long as loads up to 30 % over 0.0038 Wh an hour allow: never, to always.
    const close = plan({ batteryPercent: 5.95 }).survivalProbability;
    expect(close).toBeGreaterThan(0);
    expect(close).toBeLessThan(1);
    expect(plan({ batteryPercent: 5.95 }).survivalProbability).toBe(close);
  });
});
