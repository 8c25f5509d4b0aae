import { describe, expect, it } from 'vitest';
import { openTurns } from './turns.ts';

/** A clock on which each piece of work takes so long. */
function working(pieceMs: number) {
  let nowMs = 0;
  const turns = openTurns(() => nowMs);
  const order: string[] = [];
  const piece = async (who: string, from = ONE, ms = pieceMs) => {
    await turns.take(from);
    order.push(who);
    nowMs += ms;
  };
  return { turns, order, piece };
}

const [ONE, OTHER, HERE] = ['203.0.113.5', '203.0.113.6', '127.0.0.1'];

describe('turns', () => {
  it('go round the clients, however much one of them asks for', async () => {
    const { order, piece } = working(80);
    const flood = Array.from({ length: 6 }, (_, index) => piece(`flood ${index}`, ONE));
    await Promise.all([...flood, piece('a', OTHER), piece('b', OTHER)]);
    expect(order).toEqual(['flood 0', 'a', 'flood 1', 'b', 'flood 2', 'flood 3', 'flood 4', 'flood 5']);
  });

  it('are as many short ones of a client as take the time of one long one of another', async () => {
    const { order, piece } = working(80);
    const flood = Array.from({ length: 3 }, (_, index) => piece(`flood ${index}`, ONE));
    const short = Array.from({ length: 5 }, (_, index) => piece(`short ${index}`, OTHER, 20));
    await Promise.all([...flood, ...short]);
    const shorts = ['short 0', 'short 1', 'short 2', 'short 3'];
    expect(order).toEqual(['flood 0', ...shorts, 'flood 1', 'short 4', 'flood 2']);
  });

  it('leave the event loop to others within a slice that is used up', async () => {
    const { order, piece } = working(40);
    const pieces = Array.from({ length: 20 }, (_, index) => piece(`${index}`));
    await pieces[0];
    const done = [order.length];
    const round = (): void => {
      done.push(order.length);
      if (order.length < pieces.length) setImmediate(round);
    };
    round();
    await Promise.all(pieces);
    const inOneRound = done.slice(1).map((count, index) => count - (done[index] ?? 0));
    expect(Math.max(...inOneRound)).toBe(2);
  });

  it('leave the event loop to others between two pieces', async () => {
    const { order, piece } = working(80);
    const pieces = [piece('first'), piece('second')];
    setImmediate(() => order.push('somebody quick'));
    await Promise.all(pieces);
    expect(order).toEqual(['first', 'somebody quick', 'second']);
  });

  it('are nothing to wait for as long as all pieces together are short', async () => {
    const { order, piece } = working(1);
    const pieces: Promise<void>[] = [];
    for (let index = 0; index < 100; index += 1) {
      pieces.push(piece(String(index)));
      await new Promise((resolve) => process.nextTick(resolve));
    }
    expect(order).toHaveLength(75);
    await Promise.all(pieces);
    expect(order).toHaveLength(100);
  });

  it('refuse more than a hundred pieces of one client that wait, but not those of this machine', async () => {
    const turns = openTurns();
    const waiting = Array.from({ length: 101 }, () => turns.take(ONE));
    await expect(turns.take(ONE)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const others = [turns.take(OTHER), ...Array.from({ length: 200 }, () => turns.take(HERE))];
    await Promise.all([...waiting, ...others]);
    await turns.take(ONE);
  });

  it('are nothing to wait for inside this process', () => {
    const turns = openTurns();
    void turns.take(ONE);
    expect(turns.take(undefined)).toBeUndefined();
    expect(turns.take(OTHER)).toBeInstanceOf(Promise);
  });
});
