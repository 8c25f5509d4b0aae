import { expect, it } from 'vitest';
import { inTime } from './in-time.ts';
import { manualClock } from './manual-clock.ts';
import { systemClock } from './system-clock.ts';

it('gives what came in time, and lets go of the timer', async () => {
  const clock = manualClock(0);
  expect(await inTime(Promise.resolve('here'), { withinMs: 25, clock })).toBe('here');
  expect(clock.waiting()).toBe(0);
});

it('gives nothing when it did not come in time', async () => {
  const clock = manualClock(0);
  const waiting = inTime(new Promise<string>(() => {}), { withinMs: 25, clock });
  await clock.advance(25);
  expect(await waiting).toBeUndefined();
});

it('throws what was thrown in time', async () => {
  const clock = manualClock(0);
  await expect(inTime(Promise.reject(new Error('no')), { withinMs: 25, clock })).rejects.toThrow('no');
});

it('takes as in time what arrived while this process was busy', async () => {
  const arrived = new Promise<string>((resolve) => setImmediate(() => resolve('here')));
  const waiting = inTime(arrived, { withinMs: 1, clock: systemClock() });
  for (const until = performance.now() + 5; performance.now() < until; );
  expect(await waiting).toBe('here');
});
