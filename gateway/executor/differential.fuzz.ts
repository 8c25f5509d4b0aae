import { seededChance } from '@greencity/air/chance';
import { describe, expect, it } from 'vitest';
import { compare, FUZZ } from '../fixtures/comparing.ts';
import { worlds } from '../fixtures/worlds.ts';

/** Of all operations, how many are about supergraphs that somebody thought of; the others are about random ones. */
const SHARE = 0.5;
const SUPERGRAPHS = 3;

process.stdout.write(`FUZZ_SEED=${FUZZ.seed} repeats this run of random operations\n`);

describe.each([0, 40])('random operations, one field in %i failing', (failOneIn) => {
  it.each(worlds(failOneIn))(
    'are answered over $name as by one schema with the same resolvers',
    { timeout: 600_000 },
    async (world) => {
      const count = Math.ceil((FUZZ.operations * SHARE) / SUPERGRAPHS / 2);
      expect(await compare(world, seededChance(FUZZ.seed + failOneIn), count), `FUZZ_SEED=${FUZZ.seed}`).toEqual({
        refused: 0,
      });
    },
  );
});
