import { describe, expect, it } from 'vitest';
import { tickLabel, timeTicks } from './time-ticks.ts';

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

describe('the ticks of a time axis', () => {
  it('are whole hours, a day among them, for the last day and the forecast of the next', () => {
    expect(timeTicks(at(25, 9, 46), at(27, 9, 46), 6)).toEqual([at(25, 12), at(26, 0), at(26, 12), at(27, 0)]);
  });

  it('are closer together for a shorter range', () => {
    expect(timeTicks(at(25, 9, 46), at(25, 14, 1), 6)).toEqual([10, 11, 12, 13, 14].map((hour) => at(25, hour)));
  });

  it('are the first moment of each day when hours would be too many', () => {
    expect(timeTicks(at(1, 1), at(5, 23), 3)).toEqual([2, 3, 4, 5].map((day) => at(day, 0)));
  });

  it('include both ends where these are whole', () => {
    expect(timeTicks(at(25, 0), at(26, 0), 3)).toEqual([at(25, 0), at(25, 12), at(26, 0)]);
  });

  it('are none when no whole hour lies in the range', () => {
    expect(timeTicks(at(25, 9, 10), at(25, 9, 50), 6)).toEqual([]);
  });

  it('say the day where it begins and the hour elsewhere', () => {
    expect(tickLabel(at(26, 0), 'en-GB')).toMatch(/Thu.*26/);
    expect(tickLabel(at(26, 12), 'en-GB')).toBe('12:00');
  });
});
