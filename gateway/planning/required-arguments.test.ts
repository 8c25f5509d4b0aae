import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import type { TestSubgraph } from '../fixtures/composed.ts';

interface Reading {
  readonly id: string;
  readonly value?: number;
  readonly zone?: { readonly limit?: number };
}

/** Values in µg/m³ or in ppb, twice as many; `owner` judges by what it requires of them. */
const store: TestSubgraph = {
  name: 'store',
  sdl: `
    type Query { readings: [Reading!]! }
    enum Unit { UG PPB }
    type Reading @key(fields: "id") { id: ID! value(unit: Unit! = UG): Float zone: Zone history(last: Int!): [Point!]! }
    type Zone { limit(unit: Unit! = UG): Float }
    type Point { value: Float! }`,
  resolvers: {
    Query: { readings: () => [{ id: 'a' }] },
    Reading: {
      __resolveReference: ({ id }: Reading) => ({ id }),
      value: (_: unknown, { unit }: { unit: string }) => (unit === 'PPB' ? 20 : 10),
      zone: () => ({}),
      history: (_: unknown, { last }: { last: number }) =>
        Array.from({ length: last }, (__, index) => ({ value: index })),
    },
    Zone: { limit: (_: unknown, { unit }: { unit: string }) => (unit === 'PPB' ? 50 : 25) },
  },
};

const judge: TestSubgraph = {
  name: 'judge',
  sdl: `
    enum Unit { UG PPB }
    type Reading @key(fields: "id") {
      id: ID!
      value(unit: Unit! = UG): Float @external
      zone: Zone @external
      history(last: Int!): [Point!]! @external
      inPpb: Float @requires(fields: "value(unit: PPB)")
      inUg: Float @requires(fields: "value")
      ofLimit: Float @requires(fields: "value(unit: PPB) zone { limit(unit: PPB) }")
      limitInUg: Float @requires(fields: "zone { limit(unit: UG) }")
      mean(digits: Int): Float @requires(fields: "history(last: 3) { value }")
      name: String
    }
    type Zone @external { limit(unit: Unit! = UG): Float }
    type Point @external { value: Float! }`,
  resolvers: {
    Reading: {
      __resolveReference: (reference: Reading) => reference,
      inPpb: ({ value }: Reading) => value,
      inUg: ({ value }: Reading) => value,
      ofLimit: ({ value, zone }: Reading) => (value ?? 0) / (zone?.limit ?? 0),
      limitInUg: ({ zone }: Reading) => zone?.limit,
      mean: ({ history }: { history: { value: number }[] }) =>
        history.reduce((sum, { value }) => sum + value, 0) / history.length,
      name: ({ id }: Reading) => `Reading ${id}`,
    },
  },
};

async function first(source: string, variables?: Record<string, unknown>) {
  using city = asking([store, judge]);
  const { data, errors } = await city.ask(source, variables);
  expect(errors).toEqual([]);
  return (data as { readings: unknown[] }).readings[0];
}

describe('what @requires asks for with arguments', () => {
  it('is kept apart from what the client asks for with others', async () => {
    expect(await first('{ readings { inPpb value(unit: UG) } }')).toEqual({ inPpb: 20, value: 10 });
    expect(await first('query ($u: Unit!) { readings { value(unit: $u) inPpb } }', { u: 'UG' })).toEqual({
      value: 10,
      inPpb: 20,
    });
  });

  it('is kept apart from the default that the client gets', async () => {
    expect(await first('{ readings { value inPpb } }')).toEqual({ value: 10, inPpb: 20 });
  });

  it('is kept apart from what another field requires', async () => {
    expect(await first('{ readings { inPpb inUg } }')).toEqual({ inPpb: 20, inUg: 10 });
  });

  it('is kept apart within an object that both require', async () => {
    expect(await first('{ readings { ofLimit limitInUg inUg zone { limit } name } }')).toEqual({
      ofLimit: 0.4,
      limitInUg: 25,
      inUg: 10,
      zone: { limit: 25 },
      name: 'Reading a',
    });
  });

  it('may be a list of objects of another length', async () => {
    expect(await first('{ readings { history(last: 1) { value } mean } }')).toEqual({
      history: [{ value: 0 }],
      mean: 1,
    });
  });

  it('is not touched by an alias that looks like its stand-in', async () => {
    expect(await first('{ readings { _required0_value: name inPpb inUg } }')).toEqual({
      _required0_value: 'Reading a',
      inPpb: 20,
      inUg: 10,
    });
  });

  it('splits a fetch only where two fields need one value with different arguments', async () => {
    using city = asking([store, judge]);
    const together = await city.ask('{ readings { inPpb ofLimit name } }');
    expect(together.fetches.map(({ subgraph }) => subgraph)).toEqual(['store', 'judge']);
    const apart = await city.ask('query ($d: Int) { readings { inPpb inUg mean(digits: $d) } }', { d: 1 });
    expect(apart.fetches.map(({ subgraph }) => subgraph)).toEqual(['store', 'judge', 'judge']);
    expect(apart.fetches.filter(({ text }) => text.includes('$d'))).toHaveLength(1);
  });
});

describe('a key that a subgraph knows but does not resolve', () => {
  it('is not used to come back to it', async () => {
    const names: TestSubgraph = {
      name: 'names',
      sdl: `type Device @key(fields: "id") @key(fields: "site { row }", resolvable: false) { id: ID! site: Site! name: String! }
        type Site @shareable { row: Int! column: Int! }`,
      resolvers: {
        Device: { __resolveReference: ({ id }: { id: string }) => ({ id, site: {}, name: `Device ${id}` }) },
      },
    };
    const labels: TestSubgraph = {
      name: 'labels',
      sdl: `type Query { devices: [Device!]! }
        type Device @key(fields: "site { row }", resolvable: false) @key(fields: "id site { column }") {
          id: ID! site: Site! name: String! @external label: String! @requires(fields: "name") }
        type Site @shareable { row: Int! column: Int! }`,
      resolvers: {
        Query: { devices: () => [{ id: '1', site: { row: 1, column: 2 } }] },
        Device: {
          __resolveReference: (reference: { id?: string }) => (reference.id === undefined ? null : reference),
          label: ({ name }: { name: string }) => `${name}!`,
        },
      },
    };
    using city = asking([names, labels]);
    expect(await city.ask('{ devices { id name label } }')).toMatchObject({
      data: { devices: [{ id: '1', name: 'Device 1', label: 'Device 1!' }] },
      errors: [],
    });
  });
});
