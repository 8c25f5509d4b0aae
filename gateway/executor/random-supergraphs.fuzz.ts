import { seededChance } from '@greencity/air/chance';
import { afterAll, expect, it } from 'vitest';
import { compare, FUZZ } from '../fixtures/comparing.ts';
import { randomWorld } from '../fixtures/random-world.ts';

/** Operations over each random supergraph: making one costs as much as many operations over it. */
const OPERATIONS_EACH = 175;
/** Of all operations, how many are about random supergraphs. */
const SHARE = 0.5;
/** Of each hundred operations, how many may be refused because Apollo's planner would plan them wrong. */
const REFUSED_PERCENT_MAX = 3;

/** `FUZZ_SUPERGRAPH=17` tries that one alone. */
const ONLY = process.env['FUZZ_SUPERGRAPH'];
const COUNT = Math.ceil((FUZZ.operations * SHARE) / OPERATIONS_EACH);
const NUMBERS = ONLY === undefined ? Array.from({ length: COUNT }, (_, number) => number) : [Number(ONLY)];

process.stdout.write(`FUZZ_SEED=${FUZZ.seed} repeats this run of random supergraphs\n`);
let refused = 0;

it.each(NUMBERS)(
  'random supergraph %i answers as one schema with the same resolvers',
  {
    timeout: 240_000,
  },
  async (number) => {
    const random = seededChance(FUZZ.seed + number);
    const world = randomWorld(`random supergraph ${number}`, random, number % 2 === 0 ? 0 : 30);
    const found = await compare(world, random, OPERATIONS_EACH);
    expect(found, `FUZZ_SEED=${FUZZ.seed} FUZZ_SUPERGRAPH=${number}`).toEqual({ refused: expect.any(Number) });
    refused += 'refused' in found ? found.refused : 0;
  },
);

afterAll(() => {
  const operations = NUMBERS.length * OPERATIONS_EACH;
  process.stdout.write(`${refused} of ${operations} operations were refused instead of planned wrong\n`);
  if (ONLY === undefined) expect(refused).toBeLessThanOrEqual((operations * REFUSED_PERCENT_MAX) / 100);
});
