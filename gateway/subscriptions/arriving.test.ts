import { manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Turns } from '../turns.ts';
import { openArriving } from './arriving.ts';

const FROM = '203.0.113.5';
const LONG = 'x'.repeat(16 * 1024 + 1);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What comes from a client whose turn comes when the test says so. */
function arriving() {
  const asked: { readonly from: string | undefined; readonly turn: PromiseWithResolvers<void> }[] = [];
  const turns: Turns = {
    take(from) {
      const turn = Promise.withResolvers<void>();
      asked.push({ from, turn });
      return turn.promise;
    },
  };
  const events: string[] = [];
  const limits = { ...DEFAULT_SETTINGS.streams, messagesAtOnceMax: 20, messagesPerSecondMax: 10 };
  const tooMuch = () => void events.push('too much');
  const clock = manualClock(0);
  const it = openArriving({ limits, clock, turns, from: FROM, tooMuch });
  const read = (text: string) => it.inTurn(text, (given) => void events.push(given === LONG ? 'long' : given));
  return { it, asked, events, read, clock };
}

describe('a message over a WebSocket', () => {
  it('is read at once when it is short', () => {
    const { events, read } = arriving();
    read('a');
    read('b');
    expect(events).toEqual(['a', 'b']);
  });

  it('waits for its client’s turn when it is long, and those behind it for it', async () => {
    const { events, read, asked } = arriving();
    for (const text of ['a', LONG, 'b', LONG, 'c']) read(text);
    await settled();
    expect(events).toEqual(['a']);
    expect(asked.map(({ from }) => from)).toEqual([FROM]);
    asked[0]?.turn.resolve();
    await settled();
    expect(events).toEqual(['a', 'long', 'b']);
    asked[1]?.turn.resolve();
    await settled();
    expect(events).toEqual(['a', 'long', 'b', 'long', 'c']);
    read('d');
    expect(events.at(-1)).toBe('d');
  });

  it('ends the connection when too much of the client waits already', async () => {
    const { events, read, asked } = arriving();
    read(LONG);
    await settled();
    asked[0]?.turn.reject(new AppError('RATE_LIMITED', 'too much'));
    await settled();
    expect(events).toEqual(['too much']);
  });

  it('counts once for each 4 KiB of it that are begun', async () => {
    const { it: client, events, clock } = arriving();
    expect(client.taken(64 * 1024)).toBe(true);
    expect([client.taken(0), client.taken(4_095), client.taken(4_096)]).toEqual([true, true, false]);
    expect(events).toEqual(['too much']);
    await clock.advance(1_000);
    expect(client.taken(9 * 4_096)).toBe(true);
  });
});
