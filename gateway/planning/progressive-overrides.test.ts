import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import type { TestSubgraph } from '../fixtures/composed.ts';

const OPERATIONS = 40;

/** `value` moves from the one subgraph to the other. */
function moving(label: string): readonly TestSubgraph[] {
  const reading = { __resolveReference: (reference: object) => reference };
  return [
    {
      name: 'before',
      sdl: 'type Query { reading: Reading } type Reading @key(fields: "id") { id: ID! value: String }',
      resolvers: { Query: { reading: () => ({ id: 'a' }) }, Reading: { ...reading, value: () => 'before' } },
    },
    {
      name: 'after',
      sdl: `type Reading @key(fields: "id") { id: ID! value: String @override(from: "before", label: "${label}") }`,
      resolvers: { Reading: { ...reading, value: () => 'after' } },
    },
  ];
}

/** Where the value comes from, of many operations that differ. */
async function origins(label: string): Promise<readonly unknown[]> {
  using city = asking(moving(label));
  const found: unknown[] = [];
  for (let number = 0; number < OPERATIONS; number += 1) {
    const { data } = await city.ask(`{ reading { a${number}: value } }`);
    found.push((data as { reading: Record<string, unknown> }).reading[`a${number}`]);
  }
  return found;
}

describe('a field that moves to another subgraph little by little', () => {
  it('is asked of the new one for as many operations as its label says', async () => {
    const moved = (await origins('percent(50)')).filter((origin) => origin === 'after').length;
    expect(moved).toBeGreaterThan(OPERATIONS / 4);
    expect(moved).toBeLessThan((OPERATIONS * 3) / 4);
  });

  it('is asked of the same one each time', async () => {
    expect(await origins('percent(50)')).toEqual(await origins('percent(50)'));
  });

  it.each([
    { label: 'percent(0)', origin: 'before' },
    { label: 'percent(100)', origin: 'after' },
    { label: 'some-flag', origin: 'before' },
  ])('is asked of $origin by the label $label', async ({ label, origin }) => {
    expect(new Set(await origins(label))).toEqual(new Set([origin]));
  });
});
