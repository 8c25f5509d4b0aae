import { seededChance } from '@greencity/air/chance';
import { expect, it } from 'vitest';
import { keepLedger } from './fixtures/acknowledgement-ledger.ts';

const SEED = 20_261_124;

it('finds every acknowledged reading in the log, once, after kills in the middle of a storm', {
  timeout: 60_000,
}, async () => {
  const rounds = 5;
  const { sent, acknowledged, stored } = await keepLedger({
    ...{ rounds, devices: 8, window: 20, acknowledgements: [200, 3_000], chance: seededChance(SEED) },
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
