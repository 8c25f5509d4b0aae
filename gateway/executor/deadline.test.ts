import { manualClock } from '@greencity/platform/clock/manual-clock';
import { expect, it } from 'vitest';
import { deadlines } from './deadline.ts';

const never = new Promise<string>(() => undefined);

function open() {
  const clock = manualClock(0);
  return { clock, timing: deadlines(clock, 1_000) };
}

it('gives what is done in time, and is not passed', async () => {
  const { clock, timing } = open();
  const deadline = timing.start();
  const { promise, resolve } = Promise.withResolvers<string>();
  const raced = deadline.race(promise);
  await clock.advance(750);
  resolve('done');
  await expect(raced).resolves.toBe('done');
  expect(deadline.passed).toBe(false);
});

it('gives up on everything that is waited for when the time is up', async () => {
  const { clock, timing } = open();
  const deadline = timing.start();
  const waiting = [deadline.race(never), deadline.race(never)];
  await clock.advance(1_250);
  await expect(Promise.all(waiting)).resolves.toEqual([undefined, undefined]);
  expect(deadline.passed).toBe(true);
});

it('counts from the start, not from the first that is waited for', async () => {
  const { clock, timing } = open();
  const deadline = timing.start();
  await clock.advance(900);
  const raced = deadline.race(never);
  await clock.advance(350);
  await expect(raced).resolves.toBeUndefined();
});

it('tells of a failure as it is', async () => {
  const failure = new Error('broken');
  await expect(open().timing.start().race(Promise.reject(failure))).rejects.toBe(failure);
});

it('passes for each by itself, and not for one that has ended', async () => {
  const { clock, timing } = open();
  const [early, ended] = [timing.start(), timing.start()];
  const raced = early.race(never);
  void ended.race(never);
  ended.end();
  await clock.advance(500);
  const late = timing.start();
  void late.race(never);
  await clock.advance(750);
  await raced;
  expect([early.passed, ended.passed, late.passed]).toEqual([true, false, false]);
});
