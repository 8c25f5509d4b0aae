import { seededChance } from '@greencity/air/chance';
import { describe, expect, it } from 'vitest';
import { heatMap, type Sample } from './heat-map.ts';
import { inverseDistanceEstimate } from './inverse-distance.ts';
import { kriging } from './kriging.ts';
import { surroundingsOf } from './surroundings.ts';
import { fitVariogram, semivariance, variogramClasses } from './variogram.ts';

const BOX = { west: 0, south: 0, east: 0.1, north: 0.1 };
const aSample = (east: number, north: number, value: number): Sample => ({
  latitude: north / 100,
  longitude: east / 100,
  value,
  past: new Float64Array(0),
});
const mapOf = (samples: readonly Sample[], changes: object = {}) =>
  heatMap({ box: BOX, columns: 10, rows: 10, samples, nonNegative: true, ...changes });

describe('a variogram', () => {
  it('comes back from its own classes', () => {
    const known = { nugget: 1, sill: 4, rangeM: 5_000 };
    const classes = Array.from({ length: 12 }, (_, index) => {
      const distanceM = 500 + 900 * index;
      return { distanceM, semivariance: semivariance(known, distanceM), pairs: 10 };
    });
    const fitted = fitVariogram(classes);
    for (const { distanceM, semivariance: expected } of classes)
      expect(semivariance(fitted, distanceM)).toBeCloseTo(expected, 0);
  });
  it('of values that differ alike at every distance is a nugget', () => {
    const classes = [1, 2, 3, 4].map((km) => ({ distanceM: km * 1_000, semivariance: 3, pairs: 5 }));
    const fitted = fitVariogram(classes);
    expect(semivariance(fitted, 4_000)).toBeCloseTo(3, 6);
    expect(semivariance(fitted, 1)).toBeGreaterThan(1.5);
  });
  it('counts a pair at each time at which both devices have a value', () => {
    const distances = Float64Array.of(0, 100, 100, 0);
    const times = [Float64Array.of(1, 3), Float64Array.of(5, Number.NaN), Float64Array.of(0, 4)];
    // (4 + 16) / 2 pairs / 2 = 5.
    expect(variogramClasses(distances, times, 2)).toEqual([{ distanceM: 100, semivariance: 5, pairs: 2 }]);
  });
});

describe('kriging', () => {
  it('of two places is half of each in the middle, and each at its own place where there is no nugget', () => {
    const variogram = { nugget: 0, sill: 4, rangeM: 1_000 };
    const kriged = kriging(Float64Array.of(10, 20), Float64Array.of(0, 600, 600, 0), variogram);
    expect(kriged?.estimate(Float64Array.of(300, 300)).value).toBeCloseTo(15, 6);
    expect(kriged?.estimate(Float64Array.of(0, 600)).value).toBeCloseTo(10, 3);
    expect(kriged?.estimate(Float64Array.of(0, 600)).standardError).toBeLessThan(0.1);
  });
  it('is less sure farther away', () => {
    const kriged = kriging(Float64Array.of(10, 20), Float64Array.of(0, 600, 600, 0), {
      nugget: 1,
      sill: 4,
      rangeM: 1_000,
    });
    const near = kriged?.estimate(Float64Array.of(100, 500)).standardError ?? 0;
    const far = kriged?.estimate(Float64Array.of(3_000, 3_600)).standardError ?? 0;
    expect(near).toBeGreaterThan(0);
    expect(far).toBeGreaterThan(near);
  });
  it('bears two devices at one place that disagree', () => {
    const kriged = kriging(Float64Array.of(10, 20), Float64Array.of(0, 0, 0, 0), { nugget: 1, sill: 4, rangeM: 1_000 });
    expect(kriged?.estimate(Float64Array.of(50, 50)).value).toBeCloseTo(15, 3);
  });
});

describe('inverse distance weighting', () => {
  it('weighs by the square of the distance', () => {
    // Weights 1 and 1/4: (10 + 20 / 4) / 1.25 = 12; deviation √(160 - 144) = 4.
    const estimate = inverseDistanceEstimate(Float64Array.of(10, 20), Float64Array.of(100, 200));
    expect(estimate.value).toBeCloseTo(12, 9);
    expect(estimate.standardError).toBeCloseTo(4, 9);
  });
  it('of one device is that device, of unknown error', () => {
    expect(inverseDistanceEstimate(Float64Array.of(7), Float64Array.of(0))).toEqual({
      value: 7,
      standardError: Number.NaN,
    });
  });
});

describe('a heat map', () => {
  it('is all blank without devices', () => {
    const grid = mapOf([]);
    expect(grid.values).toEqual(Array(100).fill(null));
    expect(grid.standardErrors).toEqual(Array(100).fill(null));
  });
  it('where all devices agree is what they say, without error', () => {
    const grid = mapOf([1, 3, 5, 7, 9].map((n) => aSample(n, n, 12)));
    expect(grid.method).toBe('ordinary-kriging/1');
    expect(grid.values.filter((value) => value !== null && Math.abs(value - 12) > 1e-9)).toEqual([]);
  });
  it('starts in the north-west and never falls below zero', () => {
    const grid = mapOf([
      aSample(0.5, 9.5, 0),
      aSample(2, 9, 0),
      aSample(4, 5, 10),
      aSample(9.5, 0.5, 90),
      aSample(9, 2, 80),
      aSample(6, 4, 40),
    ]);
    expect(grid.values[0]).toBeLessThan(20);
    expect(grid.values[99]).toBeGreaterThan(60);
    expect(Math.min(...grid.values.map((value) => value ?? 0))).toBeGreaterThanOrEqual(0);
  });
  it('may cross the antimeridian', () => {
    const box = { west: 179.95, south: 0, east: -179.95, north: 0.1 };
    const sample = (longitude: number, value: number): Sample => ({
      latitude: 0.05,
      longitude,
      value,
      past: new Float64Array(0),
    });
    const grid = mapOf([sample(179.96, 5), sample(-179.96, 9)], { box });
    expect(grid.values[50]).toBeLessThan(7);
    expect(grid.values[59]).toBeGreaterThan(7);
  });
  it('brings many devices together by squares', () => {
    const chance = seededChance(11);
    const samples = Array.from({ length: 600 }, () => aSample(10 * chance(), 10 * chance(), 10 + chance()));
    const grid = mapOf(samples);
    expect(grid.method).toBe('ordinary-kriging/1');
    for (const value of grid.values) expect(value).toBeCloseTo(10.5, 0);
  });
});

it('surroundings are the nearest eight within 10 km, the nearest first', () => {
  const device = (deviceId: string, km: number) => ({ deviceId, latitude: 50 + km / 111.2, longitude: 8 });
  const row = surroundingsOf([
    device('me', 0),
    device('far', 10.1),
    ...[9, 1, 3, 2, 8, 4, 7, 5, 6].map((km) => device(`${km}`, km)),
  ]);
  expect(row.neighboursOf('me')).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  expect(row.neighboursOf('unknown')).toEqual([]);
});
