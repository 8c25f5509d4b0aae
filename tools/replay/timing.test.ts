import { describe, expect, it } from 'vitest';
import { duration } from './console.ts';
import { timing } from './timing.ts';

const HOUR_MS = 3_600_000;
const base = { firstMs: 0, lastMs: 10 * HOUR_MS, startMs: 1_000 * HOUR_MS, speed: undefined, originalTime: false };

describe('the times of a replay', () => {
  it('as fast as possible end now, and nothing waits', () => {
    const when = timing(base);
    expect(base.lastMs + when.shiftMs).toBe(base.startMs);
    expect(when.sendAtMs(5 * HOUR_MS)).toBeLessThan(base.startMs);
  });

  it('at real time are those at which they are sent', () => {
    const when = timing({ ...base, speed: 1 });
    for (const timeMs of [0, 3 * HOUR_MS, 10 * HOUR_MS]) expect(timeMs + when.shiftMs).toBe(when.sendAtMs(timeMs));
  });

  it('at twice real time end when the replay does, and are never ahead of the clock', () => {
    const when = timing({ ...base, speed: 2 });
    expect(when.sendAtMs(10 * HOUR_MS)).toBe(base.startMs + 5 * HOUR_MS);
    expect(base.lastMs + when.shiftMs).toBe(base.startMs + 5 * HOUR_MS);
    for (const timeMs of [0, 3 * HOUR_MS, 10 * HOUR_MS])
      expect(timeMs + when.shiftMs).toBeLessThanOrEqual(when.sendAtMs(timeMs));
  });

  it('slower than real time are never ahead of the clock either', () => {
    const when = timing({ ...base, speed: 0.5 });
    for (const timeMs of [0, 3 * HOUR_MS, 10 * HOUR_MS])
      expect(timeMs + when.shiftMs).toBeLessThanOrEqual(when.sendAtMs(timeMs));
  });

  it('stay as they are when the original times are asked for', () => {
    expect(timing({ ...base, originalTime: true }).shiftMs).toBe(0);
  });

  it('of a live round begin now', () => {
    const when = timing({ ...base, firstMs: HOUR_MS, live: true });
    expect(HOUR_MS + when.shiftMs).toBe(base.startMs);
    expect(when.sendAtMs(2 * HOUR_MS)).toBe(base.startMs + HOUR_MS);
  });
});

it.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [61, '1 min 1 s'],
  [7_380, '2 h 3 min'],
])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));
