import { describe, expect, it } from 'vitest';
import { createInTurn } from './in-turn.ts';

describe('work in turn', () => {
  it('runs one piece at a time, in order, and goes on after one that fails', async () => {
    const inTurn = createInTurn();
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} starts`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (name === 'b') throw new Error('no');
      return name;
    };
    const outcomes = await Promise.allSettled([inTurn(work('a')), inTurn(work('b')), inTurn(work('c'))]);
    expect(seen).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses when too much waits, and takes work again afterwards', async () => {
    const inTurn = createInTurn();
    const outcomes = await Promise.allSettled(Array.from({ length: 10_001 }, () => inTurn(async () => 1)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'UNAVAILABLE' } }]);
    expect(await inTurn(async () => 2)).toBe(2);
  });
});
