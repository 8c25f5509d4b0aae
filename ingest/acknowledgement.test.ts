import { expect, it } from 'vitest';
import { keepLedger } from './fixtures/acknowledgement-ledger.ts';

const SEED = 20_261_124;

/** Small seeded generator (mulberry32), so that a failing run can be repeated. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

it('finds every acknowledged reading in the log, once, after kills in the middle of a storm', {
  timeout: 60_000,
}, async () => {
  const rounds = 5;
  const { sent, acknowledged, stored } = await keepLedger({
    ...{ rounds, devices: 8, window: 20, acknowledgements: [200, 3_000], chance: chance(SEED) },
  });
  const found = new Set(stored);
  expect(acknowledged.size).toBeGreaterThanOrEqual(rounds * 200);
  expect(
    [...acknowledged].filter((reading) => !found.has(reading)),
    'acknowledged and lost',
  ).toEqual([]);
  expect(
    stored.filter((reading) => !sent.has(reading)),
    'never sent',
  ).toEqual([]);
  expect(stored.length, 'none is there twice').toBe(found.size);
});
