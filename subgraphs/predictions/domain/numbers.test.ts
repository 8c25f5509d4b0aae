import { seededChance, seedOf } from '@greencity/air/chance';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformalBounds } from './conformal.ts';
import { inverse, solveSymmetric } from './linear.ts';
import { fitRidge } from './ridge.ts';
import { medianOf, robustZ } from './robust.ts';
import { scaleOf } from './scale.ts';

describe('a system of equations', () => {
  it('is solved', () => {
    // 4x + 2y = 10, 2x + 3y = 11 has x = 1, y = 3.
    const x = solveSymmetric(Float64Array.from([4, 2, 2, 3]), Float64Array.from([10, 11]));
    expect([...(x ?? [])]).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
  });
  it('that is not positive definite has no solution here', () => {
    expect(solveSymmetric(Float64Array.from([1, 2, 2, 1]), Float64Array.from([1, 1]))).toBeUndefined();
  });
  it('has an inverse even where its first pivot is zero, and none where rows are alike', () => {
    expect([...(inverse(Float64Array.from([0, 2, 4, 0]), 2) ?? [])]).toEqual([0, 0.25, 0.5, 0]);
    expect(inverse(Float64Array.from([1, 2, 2, 4]), 2)).toBeUndefined();
  });
});

describe('ridge regression', () => {
  it('finds a line, and keeps to the range it has seen', () => {
    const features = Float64Array.from({ length: 100 }, (_, x) => x);
    const model = fitRidge({ width: 1, features, targets: features.map((x) => 3 * x + 5) }, 0);
    expect(model?.predict(Float64Array.of(50))).toBeCloseTo(155, 6);
    expect(model?.predict(Float64Array.of(1_000))).toBe(302);
  });
  it('is held back by its penalty', () => {
    const features = Float64Array.from([-1, 1, -1, 1]);
    // Standardised x is x itself: b = 4 / (4 + 4 * 1) * 2 = 1.
    const model = fitRidge({ width: 1, features, targets: Float64Array.from([-2, 2, -2, 2]) }, 1);
    expect(model?.predict(Float64Array.of(1))).toBeCloseTo(1, 12);
  });
  it('passes over a feature that never changes, and refuses too few rows', () => {
    const features = Float64Array.from([7, 1, 7, 2, 7, 3, 7, 4]);
    const model = fitRidge({ width: 2, features, targets: Float64Array.from([1, 2, 3, 4]) }, 0.000_001);
    expect(model?.predict(Float64Array.of(7, 2.5))).toBeCloseTo(2.5, 4);
    expect(fitRidge({ width: 2, features, targets: Float64Array.of(1, 2, 3) }, 1)).toBeUndefined();
  });
});

describe('the middle of numbers', () => {
  it('is that of an even count too, and none of none', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(medianOf([])).toBeUndefined();
  });
  it('and their spread are not moved by one wild value', () => {
    // Median 3, deviations 2 1 0 1 97, their median 1: (5 - 3) / 1.4826.
    expect(robustZ(5, [1, 2, 3, 4, 100], 0.1)).toBeCloseTo(2 / 1.4826, 12);
    expect(robustZ(5, [3, 3, 3], 0.5)).toBe(4);
    expect(robustZ(5, [], 1)).toBeUndefined();
  });
});

describe('conformal bounds', () => {
  it('are the errors at the corrected ranks', () => {
    // 19 errors -9 to 9: ⌈0.9 * 20⌉ = 18, the 18th from either end.
    const errors = Array.from({ length: 19 }, (_, index) => index - 9);
    expect(conformalBounds(errors)).toEqual({ lower: -8, upper: 8 });
  });
  it('are none for fewer than 10 errors, and always hold the forecast itself', () => {
    expect(conformalBounds([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBeUndefined();
    expect(conformalBounds([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual({ lower: 0, upper: 10 });
  });
  it('hold 8 of 10 of what comes next from the same source', () => {
    const chance = seededChance(1);
    const draw = () => chance() + chance() - chance() ** 2;
    let held = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const bounds = conformalBounds(Array.from({ length: 50 }, () => draw() - 0.7));
      const next = draw() - 0.7;
      if (bounds && next >= bounds.lower && next <= bounds.upper) held += 1;
    }
    expect(held / 2_000).toBeGreaterThan(0.77);
    expect(held / 2_000).toBeLessThan(0.85);
  });
});

describe('a scale', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10_000, noNaN: true }), (value) => {
        const { toModel, fromModel } = scaleOf('PM2_5');
        expect(fromModel(toModel(value))).toBeCloseTo(value, 6);
      }),
    );
  });
  it('keeps a forecast to what the metric can be', () => {
    expect(scaleOf('PM10').fromModel(-1)).toBe(0);
    expect(scaleOf('HUMIDITY').fromModel(130)).toBe(100);
    expect(scaleOf('NOISE').fromModel(-3)).toBe(0);
    expect(scaleOf('TEMPERATURE').fromModel(-3)).toBe(-3);
  });
});

describe('chance', () => {
  it('comes out the same for the same seed, from 0 up to 1', () => {
    const draws = (seed: number) => Array.from({ length: 1_000 }, seededChance(seed));
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
    expect(draws(7).every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(draws(7).reduce((sum, draw) => sum + draw, 0) / 1_000).toBeCloseTo(0.5, 1);
    expect(seedOf('a')).not.toBe(seedOf('b'));
  });
});
