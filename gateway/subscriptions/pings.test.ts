import { manualClock } from '@greencity/platform/clock/manual-clock';
import { describe, expect, it } from 'vitest';
import { openPings, type Watched } from './pings.ts';

const INTERVAL_MS = 15_000;
const TURN_MS = INTERVAL_MS / 60;

function connection(pings: ReturnType<typeof openPings>, { answers = true, isWrittenTo = false } = {}) {
  const state = { pings: 0, unanswered: 0 };
  const watched: Watched = pings.watch({
    wasWrittenTo: () => isWrittenTo,
    ping() {
      state.pings += 1;
      if (answers) watched.heard();
    },
    unanswered() {
      state.unanswered += 1;
      watched.leave();
    },
  });
  return { ...watched, state };
}

describe('pings', () => {
  it('go to each connection once an interval, and never to many at once', async () => {
    const clock = manualClock(0);
    using pings = openPings(clock, INTERVAL_MS);
    const all = Array.from({ length: 600 }, () => connection(pings));
    const sent = () => all.reduce((sum, { state }) => sum + state.pings, 0);
    for (let turn = 1; turn <= 60; turn += 1) {
      await clock.advance(TURN_MS);
      expect(sent()).toBe(turn * 10);
    }
    expect(all.every(({ state }) => state.pings === 1)).toBe(true);
    await clock.advance(INTERVAL_MS);
    expect(all.every(({ state }) => state.pings === 2 && state.unanswered === 0)).toBe(true);
  });

  it('find a client that does not answer for a whole interval', async () => {
    const clock = manualClock(0);
    using pings = openPings(clock, INTERVAL_MS);
    const { state } = connection(pings, { answers: false });
    await clock.advance(INTERVAL_MS);
    expect(state).toEqual({ pings: 1, unanswered: 0 });
    await clock.advance(INTERVAL_MS);
    expect(state).toEqual({ pings: 1, unanswered: 1 });
  });

  it('go in every fourth interval to a client that is written to, and find it gone as well', async () => {
    const clock = manualClock(0);
    using pings = openPings(clock, INTERVAL_MS);
    const there = connection(pings, { isWrittenTo: true });
    const gone = connection(pings, { isWrittenTo: true, answers: false });
    await clock.advance(3 * INTERVAL_MS);
    expect([there.state.pings, gone.state.pings]).toEqual([0, 0]);
    await clock.advance(INTERVAL_MS);
    expect([there.state.pings, gone.state.pings]).toEqual([1, 1]);
    await clock.advance(INTERVAL_MS);
    expect([there.state.unanswered, gone.state.unanswered]).toEqual([0, 1]);
    await clock.advance(3 * INTERVAL_MS);
    expect([there.state.pings, gone.state.pings]).toEqual([2, 1]);
  });

  it('do not go to a connection that has left', async () => {
    const clock = manualClock(0);
    using pings = openPings(clock, INTERVAL_MS);
    const { state, leave } = connection(pings);
    leave();
    await clock.advance(2 * INTERVAL_MS);
    expect(state.pings).toBe(0);
  });

  it('leave no timer behind', () => {
    const clock = manualClock(0);
    openPings(clock, INTERVAL_MS)[Symbol.dispose]();
    expect(clock.waiting()).toBe(0);
  });
});
