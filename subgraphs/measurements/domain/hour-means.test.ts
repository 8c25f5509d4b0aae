import { HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { describe, expect, it } from 'vitest';
import { type HourMeans, hourMeans, meanOverDevices } from './hour-means.ts';

const END_MS = Date.UTC(2026, 10, 23, 12, 5);
const WINDOW = { fromMs: END_MS - 3 * HOUR_MS, endMs: END_MS, sliceMs: 5 * MINUTE_MS };

/** Hours of slices given as [minutes before the end that they start at, count, mean]. */
function hoursOf(slices: readonly (readonly [number, number, number])[], window = WINDOW): HourMeans | undefined {
  const columns = {
    startMs: Float64Array.from(slices, ([minutes]) => END_MS - minutes * MINUTE_MS),
    count: Float64Array.from(slices, ([, count]) => count),
    mean: Float64Array.from(slices, ([, , mean]) => mean),
  };
  return hourMeans(columns, { from: 0, to: slices.length }, window);
}

describe('hours before an end', () => {
  it('are plain means of their values, the newest hour first', () => {
    // Newest hour: (2 * 10 + 1 * 40) / 3 = 20. The hour before: 7. The third: none.
    const hours = hoursOf([
      [65, 4, 7],
      [60, 2, 10],
      [5, 1, 40],
    ]);
    expect([...(hours?.means.subarray(0, 3) ?? [])]).toEqual([20, 7, Number.NaN]);
    expect([...(hours?.hourShares.subarray(0, 3) ?? [])]).toEqual([1, 1, 0]);
  });

  it('know which quarters of the newest hour have values', () => {
    const hours = hoursOf([
      [60, 1, 1],
      [20, 1, 1],
      [5, 1, 1],
    ]);
    expect([...(hours?.quarterShares ?? [])]).toEqual([1, 1, 0, 1]);
  });

  it('leave out what lies before the window or after its end', () => {
    expect(
      hoursOf([
        [185, 1, 1],
        [0, 1, 1],
      ]),
    ).toBeUndefined();
    expect(hoursOf([[180, 1, 9]])?.means[2]).toBe(9);
  });

  it('are none without a slice', () => {
    expect(hoursOf([])).toBeUndefined();
  });
});

describe('the mean over devices', () => {
  it('counts each device the same, hour by hour, and says how many were there', () => {
    const many = hoursOf([[5, 60, 10]]);
    const few = hoursOf([
      [65, 1, 6],
      [5, 1, 30],
    ]);
    const mean = meanOverDevices([many, few].flatMap((hours) => hours ?? []));
    expect([...(mean?.means.subarray(0, 3) ?? [])]).toEqual([20, 6, Number.NaN]);
    expect([...(mean?.hourShares.subarray(0, 3) ?? [])]).toEqual([1, 0.5, 0]);
    expect([...(mean?.quarterShares ?? [])]).toEqual([1, 0, 0, 0]);
  });

  it('of no device is none', () => {
    expect(meanOverDevices([])).toBeUndefined();
  });
});
