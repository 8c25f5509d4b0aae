import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relativeHumidity } from '../units.ts';
import { airQualityIndex, requiredAverages } from './air-quality.ts';
import { truncated } from './bands.ts';
import { whoBand } from './who.ts';

describe('an index', () => {
  it('is the worst of its parts, and names the metric that sets it', () => {
    const found = airQualityIndex('EAQI', [
      { metric: 'PM2_5', averaging: 'HOUR', value: 12 },
      { metric: 'PM10', averaging: 'HOUR', value: 130 },
    ]);
    expect(found).toMatchObject({
      standard: 'EAQI',
      index: 4,
      band: 4,
      label: 'Poor',
      color: '#FF5050',
      dominantMetric: 'PM10',
    });
    expect(found?.subIndices.map(({ metric, band }) => [metric, band])).toEqual([
      ['PM2_5', 2],
      ['PM10', 4],
    ]);
  });

  it('turns gases from ppb into µg/m³ where its table is in them', () => {
    // 20 ppb NO2 = 20 * 46.0055 / 24.055 = 38.25 µg/m³: band 3 (25 to 60).
    const [part] = airQualityIndex('EAQI', [{ metric: 'NO2', averaging: 'HOUR', value: 20 }])?.subIndices ?? [];
    expect(part?.concentration).toBeCloseTo(38.25, 2);
    expect(part?.band).toBe(3);
  });

  it('has the US number, and stays at 500 beyond the table', () => {
    expect(airQualityIndex('US_EPA', [{ metric: 'PM2_5', averaging: 'NOWCAST', value: 35.9 }])).toMatchObject({
      index: 102,
      band: 3,
    });
    expect(airQualityIndex('US_EPA', [{ metric: 'PM2_5', averaging: 'NOWCAST', value: 900 }])).toMatchObject({
      index: 500,
      band: 6,
      label: 'Hazardous',
      beyondTable: true,
    });
  });

  it('of a gas beyond the hourly table stays at its end until the longer mean says more', () => {
    const hour = { metric: 'SO2', averaging: 'HOUR', value: 400 } as const;
    expect(airQualityIndex('US_EPA', [hour])).toMatchObject({ index: 200, beyondTable: true });
    // (310 - 305) / (604 - 305) * 99 + 201 = 202.66.
    const day = { metric: 'SO2', averaging: 'LAST_DAY', value: 310 } as const;
    expect(airQualityIndex('US_EPA', [hour, day])).toMatchObject({ index: 203, band: 5, beyondTable: false });
    expect(airQualityIndex('US_EPA', [{ metric: 'O3', averaging: 'EIGHT_HOURS', value: 250 }])?.index).toBe(300);
  });

  it('is not moved by the noise of adding up', () => {
    // Ten times 1.5 by adding tenths is 15.000000000000002; the edge of 15 belongs to band 2.
    const value = 15.000000000000002;
    expect(airQualityIndex('EAQI', [{ metric: 'PM2_5', averaging: 'HOUR', value }])?.band).toBe(2);
  });

  it('takes the worse of two averages of one gas, and passes over the one its table does not reach down to', () => {
    const low = airQualityIndex('US_EPA', [
      { metric: 'O3', averaging: 'EIGHT_HOURS', value: 60 },
      { metric: 'O3', averaging: 'HOUR', value: 70 },
    ]);
    expect(low?.subIndices).toHaveLength(1);
    expect(low?.index).toBe(67);
    expect(airQualityIndex('US_EPA', [{ metric: 'O3', averaging: 'HOUR', value: 70 }])).toBeUndefined();
  });

  it('without any of its averages is none', () => {
    expect(airQualityIndex('WHO', [])).toBeUndefined();
    expect(airQualityIndex('EAQI', [{ metric: 'PM2_5', averaging: 'LAST_DAY', value: 5 }])).toBeUndefined();
  });

  it('of WHO knows the guideline and its interim targets', () => {
    const band = (value: number) => airQualityIndex('WHO', [{ metric: 'PM2_5', averaging: 'LAST_DAY', value }])?.band;
    expect([15, 15.1, 25.1, 37.6, 50.1, 75.1].map(band)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(whoBand('NO2', 25 as never)).toBe(1);
    expect(whoBand('NO2', 26 as never)).toBe(4);
  });

  it('lists the averages it looks at', () => {
    expect(requiredAverages('ATMO')).toContainEqual({ metric: 'NO2', averaging: 'CALENDAR_DAY_HOUR_MAX' });
  });
});

it('cuts a number to tenths as it is written, whatever its binary form', () => {
  fc.assert(
    fc.property(fc.nat({ max: 99_999 }), fc.nat({ max: 9 }), (tenths, rest) => {
      const value = Number(`${Math.floor(tenths / 10)}.${tenths % 10}${rest}`);
      return truncated(value, 1) === tenths / 10;
    }),
  );
});

it('takes a saturated humidity sensor as 100 %, and nonsense as nothing', () => {
  expect(relativeHumidity(104)).toBe(100);
  expect(relativeHumidity(Number.NaN)).toBeUndefined();
  expect(relativeHumidity(-1)).toBeUndefined();
});
