import { describe, expect, it } from 'vitest';
import { manualClock } from './manual-clock.ts';
import { systemClock } from './system-clock.ts';

describe('the manual clock', () => {
  it('runs what falls due, in order, at its own time', async () => {
    const clock = manualClock(1_000);
    const seen: string[] = [];
    using _tick = clock.every(100, () => void seen.push(`tick ${clock.nowMs()}`));
    void clock.sleep(150).then(() => seen.push('slept'));
    await clock.advance(250);
    expect(seen).toEqual(['tick 1100', 'slept', 'tick 1200']);
    expect(clock.nowMs()).toBe(1_250);
  });

  it('is set to another time of day, while time goes on as before', async () => {
    const clock = manualClock(1_000);
    let ticks = 0;
    using _tick = clock.every(100, () => {
      ticks += 1;
    });
    const beganMs = clock.elapsedMs();
    clock.set(0);
    await clock.advance(100);
    expect([clock.nowMs(), clock.elapsedMs() - beganMs, ticks]).toEqual([100, 100, 1]);
  });

  it('stops a timer that was disposed', async () => {
    const clock = manualClock(0);
    let ticks = 0;
    const timer = clock.every(10, () => {
      ticks += 1;
    });
    timer[Symbol.dispose]();
    await clock.advance(100);
    expect(ticks).toBe(0);
  });

  it('serves a sleep that is asked for while it moves', async () => {
    const clock = manualClock(0);
    const wokenMs: number[] = [];
    const work = async () => {
      for (let n = 0; n < 2; n += 1) {
        await clock.sleep(10);
        wokenMs.push(clock.nowMs());
      }
    };
    const working = work();
    await clock.advance(25);
    await working;
    expect(wokenMs).toEqual([10, 20]);
  });

  it('ends a sleep at once when its signal is aborted', async () => {
    const stop = new AbortController();
    const sleeping = manualClock(0).sleep(1_000_000, stop.signal);
    stop.abort();
    await sleeping;
  });
});

describe('the system clock', () => {
  it('ends a sleep at once when its signal is aborted', async () => {
    const stop = new AbortController();
    const sleeping = systemClock().sleep(1_000_000, stop.signal);
    stop.abort();
    await sleeping;
  });

  it('does not start a call that is still running', async () => {
    const clock = systemClock();
    let started = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const timer = clock.every(1, () => {
      started += 1;
      return held;
    });
    await clock.sleep(20);
    expect(started).toBe(1);
    timer[Symbol.dispose]();
    release();
  });
});
