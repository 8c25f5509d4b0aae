import type { Metric } from '@greencity/air/metric';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { describe, expect, it } from 'vitest';
import { airQualityOf, figuresOf, highestFigures, sliceEnd, windowEndingAt, windowPlan } from './air-quality.ts';
import { HOURS, type HourMeans } from './hour-means.ts';

const NOON_MS = Date.UTC(2026, 10, 23, 12);

/** Hours with these means, newest first, and these quarters of the newest hour. */
function hours(means: readonly number[], quarters: readonly number[] = [1, 1, 1, 1]): HourMeans {
  return {
    means: Float64Array.from({ length: HOURS }, (_, hour) => means[hour] ?? Number.NaN),
    hourShares: Float64Array.from({ length: HOURS }, (_, hour) => (Number.isFinite(means[hour]) ? 1 : 0)),
    quarterShares: Float64Array.from(quarters),
  };
}

const of = (entries: Partial<Record<Metric, HourMeans>>) =>
  new Map(Object.entries(entries) as (readonly [Metric, HourMeans])[]);

describe('a window', () => {
  it('ends on a whole slice', () => {
    expect(sliceEnd(NOON_MS, windowPlan('EAQI'))).toBe(NOON_MS);
    expect(sliceEnd(NOON_MS + 1, windowPlan('EAQI'))).toBe(NOON_MS + MINUTE_MS);
    expect(sliceEnd(NOON_MS + 1, windowPlan('US_EPA'))).toBe(NOON_MS + 5 * MINUTE_MS);
  });

  it.each([
    { standard: 'EAQI', fromMs: NOON_MS - HOUR_MS },
    { standard: 'US_EPA', fromMs: NOON_MS - 12 * HOUR_MS },
    { standard: 'WHO', fromMs: NOON_MS - DAY_MS },
    { standard: 'ATMO', fromMs: Date.UTC(2026, 10, 23) },
  ] as const)('of $standard that ends at noon starts at $fromMs', ({ standard, fromMs }) => {
    expect(windowEndingAt(NOON_MS, windowPlan(standard)).fromMs).toBe(fromMs);
  });

  it('of ATMO that ends at midnight is the day that ended', () => {
    expect(windowEndingAt(Date.UTC(2026, 10, 24), windowPlan('ATMO')).fromMs).toBe(Date.UTC(2026, 10, 23));
  });
});

describe('figures', () => {
  it('of EAQI are means of the newest hour', () => {
    expect(figuresOf('EAQI', of({ PM2_5: hours([12, 99], [1, 1, 1, 0]), PM10: hours([20]) }))).toEqual([
      { metric: 'PM2_5', averaging: 'HOUR', value: 12, completeness: 75 },
      { metric: 'PM10', averaging: 'HOUR', value: 20, completeness: 100 },
    ]);
  });

  it('of the US EPA are NowCasts of twelve hours for particles', () => {
    // Newest first 10, 20: the weight is max(10 / 20, 0.5) = 0.5; (10 + 0.5 * 20) / 1.5 = 13.33, cut to 13.3.
    expect(figuresOf('US_EPA', of({ PM2_5: hours([10, 20]) }))).toEqual([
      { metric: 'PM2_5', averaging: 'NOWCAST', value: 13.3, completeness: (100 * 2) / 12 },
    ]);
    expect(figuresOf('US_EPA', of({ PM2_5: hours([10]) }))).toEqual([]);
  });

  it('of the US EPA look at ozone over one and over eight hours', () => {
    expect(figuresOf('US_EPA', of({ O3: hours([80, 40]) }))).toEqual([
      { metric: 'O3', averaging: 'EIGHT_HOURS', value: 60, completeness: 25 },
      { metric: 'O3', averaging: 'HOUR', value: 80, completeness: 100 },
    ]);
  });

  it('of WHO are means of the hourly means of a day', () => {
    const day = Array.from({ length: 18 }, (_, hour) => (hour < 9 ? 10 : 20));
    expect(figuresOf('WHO', of({ PM10: hours(day) }))).toEqual([
      { metric: 'PM10', averaging: 'LAST_DAY', value: 15, completeness: 75 },
    ]);
  });

  it('of ATMO are the mean of the day for particles, and the highest hour for gases', () => {
    expect(figuresOf('ATMO', of({ PM10: hours([10, 30]), NO2: hours([10, 30]) }))).toEqual([
      { metric: 'PM10', averaging: 'CALENDAR_DAY', value: 20, completeness: (100 * 2) / 24 },
      { metric: 'NO2', averaging: 'CALENDAR_DAY_HOUR_MAX', value: 30, completeness: (100 * 2) / 24 },
    ]);
  });

  it('do not stray from the edge of a band by binary fractions', () => {
    // (0.1 + 0.2) / 2 is 0.15000000000000002 in doubles.
    expect(figuresOf('WHO', of({ PM10: hours([0.1, 0.2]) }))[0]?.value).toBe(0.15);
  });

  it('of a zone in ATMO are the highest of its devices', () => {
    const low = figuresOf('ATMO', of({ PM10: hours([10]), PM2_5: hours([9]) }));
    const high = figuresOf('ATMO', of({ PM10: hours([30]) }));
    expect(highestFigures('ATMO', [low, high]).map(({ metric, value }) => [metric, value])).toEqual([
      ['PM2_5', 9],
      ['PM10', 30],
    ]);
  });
});

describe('air quality', () => {
  it('has the index, the time it is about, and how much it rests on', () => {
    const figures = figuresOf('EAQI', of({ PM2_5: hours([12]), PM10: hours([130], [1, 0, 0, 1]) }));
    expect(airQualityOf('EAQI', figures, NOON_MS)).toMatchObject({
      index: 4,
      band: 4,
      dominantMetric: 'PM10',
      timeMs: NOON_MS,
      averagingMs: HOUR_MS,
      completeness: 50,
      partial: true,
    });
  });

  it('is whole with all pollutants of the standard and three quarters of the values', () => {
    const all = { PM2_5: hours([1]), PM10: hours([1]), NO2: hours([1]), O3: hours([1]), SO2: hours([1]) };
    const air = (pm10Quarters: readonly number[]) =>
      airQualityOf('EAQI', figuresOf('EAQI', of({ ...all, PM10: hours([100], pm10Quarters) })), NOON_MS);
    expect(air([1, 1, 1, 0])).toMatchObject({ completeness: 75, partial: false });
    expect(air([1, 1, 0, 0])).toMatchObject({ completeness: 50, partial: true });
  });

  it('is partial where a pollutant is not measured', () => {
    expect(airQualityOf('EAQI', figuresOf('EAQI', of({ PM2_5: hours([1]) })), NOON_MS)?.partial).toBe(true);
  });

  it('names the averaging time behind the number', () => {
    const ozone = (hour: number, before: number) =>
      airQualityOf('US_EPA', figuresOf('US_EPA', of({ O3: hours([hour, ...Array(7).fill(before)]) })), NOON_MS);
    // 8 h mean (50 + 7 * 50) / 8 = 50 ppb; one hour of 50 ppb is below its table.
    expect(ozone(50, 50)).toMatchObject({ averagingMs: 8 * HOUR_MS, dominantMetric: 'O3' });
    // 8 h mean (300 + 7 * 1) / 8 = 38.4 ppb: good; one hour of 300 ppb: very unhealthy.
    expect(ozone(300, 1)).toMatchObject({ averagingMs: HOUR_MS, band: 5 });
  });

  it('is none without figures', () => {
    expect(airQualityOf('EAQI', [], NOON_MS)).toBeUndefined();
  });
});
