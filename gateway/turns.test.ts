import { describe, expect, it } from 'vitest';
import { openTurns } from './turns.ts';

/** A clock on which each piece of work takes so long. */
function working(pieceMs: number) {
  let nowMs = 0;
  const turns = openTurns(() => nowMs);
  const order: string[] = [];
  const piece = async (who: string, from = ONE) => {
    await turns.take(from);
    order.push(who);
    nowMs += pieceMs;
  };
  return { turns, order, piece };
}

const [ONE, OTHER, HERE] = ['203.0.113.5', '203.0.113.6', '127.0.0.1'];

describe('turns', () => {
  it('go round the clients, however much one of them asks for', async () => {
    const { order, piece } = working(80);
    const flood = Array.from({ length: 6 }, (_, index) => piece(`flood ${index}`, ONE));
    await Promise.all([...flood, piece('a', OTHER), piece('b', OTHER)]);
    expect(order).toEqual(['flood 0', 'flood 1', 'a', 'flood 2', 'b', 'flood 3', 'flood 4', 'flood 5']);
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
