import type { QueryPlan } from '@apollo/query-planner';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import { supergraphOf, type TestSubgraph } from '../fixtures/composed.ts';
import { checkRequirements, requirementsOf } from './unmet-requirements.ts';

interface Reading {
  readonly id: string;
  readonly raw?: number;
  readonly corrected?: number;
  readonly index?: number;
}

/** `advice` needs `index`, which needs `corrected`, which needs `raw`: two subgraphs by turns. */
const field: TestSubgraph = {
  name: 'field',
  sdl: `
    type Query { readings: [Reading!]! }
    type Reading @key(fields: "id") {
      id: ID! raw: Float! corrected: Float @external index: Int @requires(fields: "corrected") }`,
  resolvers: {
    Query: { readings: () => [{ id: 'a' }, { id: 'b' }] },
    Reading: {
      __resolveReference: (reference: Reading) => reference,
      raw: ({ id }: Reading) => (id === 'a' ? 10 : 20),
      index: ({ corrected }: Reading) => Math.round((corrected ?? Number.NaN) * 10),
    },
  },
};

const office: TestSubgraph = {
  name: 'office',
  sdl: `
    type Reading @key(fields: "id") {
      id: ID!
      raw: Float! @external
      index: Int @external
      corrected: Float @requires(fields: "raw")
      advice(loud: Boolean): String @requires(fields: "index") }`,
  resolvers: {
    Reading: {
      __resolveReference: (reference: Reading) => reference,
      corrected({ raw }: Reading) {
        if (raw === undefined) throw new Error('corrected before it was measured');
        return raw / 2;
      },
      advice: ({ index }: Reading) => `stay in at ${index}`,
    },
  },
};

async function readings(source: string, variables?: Record<string, unknown>) {
  using city = asking([field, office]);
  const { data, errors } = await city.ask(source, variables);
  expect(errors).toEqual([]);
  return (data as { readings: unknown[] }).readings;
}

describe('a field that requires what requires something in turn', () => {
  it('is asked for when all of it is known', async () => {
    expect(await readings('{ readings { advice } }')).toEqual([
      { advice: 'stay in at 50' },
      { advice: 'stay in at 100' },
    ]);
  });

  it('may be asked for beside what it requires', async () => {
    expect(await readings('{ readings { advice index corrected raw id } }')).toEqual([
      { advice: 'stay in at 50', index: 50, corrected: 5, raw: 10, id: 'a' },
      { advice: 'stay in at 100', index: 100, corrected: 10, raw: 20, id: 'b' },
    ]);
  });
});

/** `advice` of the one needs `index` of the other, which needs `offset` of the first. */
const station: TestSubgraph = {
  name: 'station',
  sdl: `
    type Query { readings: [Reading!]! }
    type Reading @key(fields: "id") { id: ID! offset: Int @external index: Int @requires(fields: "offset") }`,
  resolvers: {
    Query: { readings: () => [{ id: 'a' }, { id: 'b' }] },
    Reading: {
      __resolveReference: (reference: Reading) => reference,
      offset() {
        throw new Error('this subgraph does not know it');
      },
      index: ({ offset }: Reading & { offset?: number }) => offset,
    },
  },
};

const bureau: TestSubgraph = {
  name: 'bureau',
  sdl: `type Reading @key(fields: "id") { id: ID! offset: Int index: Int @external advice: String @requires(fields: "index") }`,
  resolvers: {
    Reading: {
      __resolveReference: (reference: Reading) => reference,
      offset: ({ id }: Reading) => (id === 'a' ? 1 : 2),
      advice: ({ index }: Reading) => `stay in at ${index}`,
    },
  },
};

describe('a field that requires what requires something of its own subgraph', () => {
  it('has it fetched there, and not where it is only known', async () => {
    using city = asking([station, bureau]);
    const { data, errors } = await city.ask('{ readings { advice } }');
    expect(errors).toEqual([]);
    expect(data).toEqual({ readings: [{ advice: 'stay in at 1' }, { advice: 'stay in at 2' }] });
  });
});

describe('a plan that asks a subgraph for what only others have', () => {
  const asksFor = (operation: string): QueryPlan => ({
    kind: 'QueryPlan',
    node: {
      kind: 'Fetch',
      serviceName: 'station',
      operationName: undefined,
      operation,
      operationKind: 'query' as never,
    },
  });
  const requirements = requirementsOf(parse(supergraphOf([station, bureau])));

  it('is refused', () => {
    expect(() => checkRequirements(asksFor('{ readings { id offset } }'), requirements)).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE' }),
    );
  });

  it('is left alone where it asks for what is there', () => {
    expect(() => checkRequirements(asksFor('{ readings { id } }'), requirements)).not.toThrow();
  });
});

describe('a value that is required', () => {
  it.each([
    { skipped: true, wanted: [{ index: 50 }, { index: 100 }] },
    {
      skipped: false,
      wanted: [
        { raw: 10, index: 50 },
        { raw: 20, index: 100 },
      ],
    },
  ])('is fetched whether or not it is skipped itself ($skipped)', async ({ skipped, wanted }) => {
    const source = 'query ($s: Boolean!) { readings { raw @skip(if: $s) corrected @include(if: false) index } }';
    expect(await readings(source, { s: skipped })).toEqual(wanted);
  });
});
