import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import type { TestSubgraph } from '../fixtures/composed.ts';

const sensors: TestSubgraph = {
  name: 'sensors',
  sdl: `
    type Query { sensor: Sensor }
    type Sensor @key(fields: "id") { id: ID! heat: Float broken: Int! }`,
  resolvers: {
    Query: { sensor: () => ({ id: '1' }) },
    Sensor: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      heat() {
        throw new Error('too hot');
      },
      broken() {
        throw new Error('broken');
      },
    },
  },
};

const judge: TestSubgraph = {
  name: 'judge',
  sdl: 'type Sensor @key(fields: "id") { id: ID! heat: Float @external fit: Boolean @requires(fields: "heat") }',
  resolvers: {
    Sensor: {
      __resolveReference: (reference: { heat?: number | null }) => reference,
      fit: ({ heat }: { heat?: number | null }) => heat ?? null,
    },
  },
};

const kinds: TestSubgraph = {
  name: 'kinds',
  sdl: `
    type Query { devices: [Device!]! }
    interface Device @key(fields: "id") { id: ID! }
    type Pump implements Device @key(fields: "id") { id: ID! }
    type Fan implements Device @key(fields: "id") { id: ID! }`,
  resolvers: {
    Query: {
      devices: () => [
        { __typename: 'Pump', id: 'pump' },
        { __typename: 'Fan', id: 'fan' },
      ],
    },
  },
};

function onlyOfPumps({ id }: { readonly id: string }): number {
  if (id !== 'pump') throw new Error('no pump');
  return 1;
}

/** Knows no types: what is asked of pumps alone is asked here of every device. */
const extras: TestSubgraph = {
  name: 'extras',
  sdl: 'type Device @interfaceObject @key(fields: "id") { id: ID! note: String must: Int! may: Int }',
  resolvers: {
    Device: {
      __resolveReference: (reference: { id: string }) => reference,
      note: ({ id }: { readonly id: string }) => `of ${id}`,
      must: onlyOfPumps,
      may: onlyOfPumps,
    },
  },
};

async function errorsOf(source: string) {
  using city = asking([sensors, judge]);
  const { data, errors } = await city.ask(source);
  return { data, errors: errors.map(({ path, extensions }) => ({ path, subgraph: extensions['serviceName'] })) };
}

describe('an error', () => {
  it('of a field that only another one requires shows at their object', async () => {
    expect(await errorsOf('{ sensor { fit } }')).toEqual({
      data: { sensor: { fit: null } },
      errors: [{ path: ['sensor'], subgraph: 'sensors' }],
    });
  });

  it('of a field that the client asked for shows there, under its alias', async () => {
    expect(await errorsOf('{ s: sensor { warmth: heat id } }')).toEqual({
      data: { s: { warmth: null, id: '1' } },
      errors: [{ path: ['s', 'warmth'], subgraph: 'sensors' }],
    });
  });

  it('of a field that must not be null keeps its place, where the data end earlier', async () => {
    expect(await errorsOf('{ sensor { id broken } }')).toEqual({
      data: { sensor: null },
      errors: [{ path: ['sensor', 'broken'], subgraph: 'sensors' }],
    });
  });

  it('of a field of another type shows at the object that lost its other fields with it', async () => {
    using city = asking([kinds, extras]);
    const { data, errors } = await city.ask('{ devices { id note ... on Pump { must } } }');
    expect(data).toEqual({
      devices: [
        { id: 'pump', note: 'of pump', must: 1 },
        { id: 'fan', note: null },
      ],
    });
    expect(errors.map(({ path }) => path)).toEqual([['devices', 1]]);
  });

  it('of a field of another type that took nothing with it is none', async () => {
    using city = asking([kinds, extras]);
    const { data, errors } = await city.ask('{ devices { id note ... on Pump { may } } }');
    expect([data, errors]).toEqual([
      {
        devices: [
          { id: 'pump', note: 'of pump', may: 1 },
          { id: 'fan', note: 'of fan' },
        ],
      },
      [],
    ]);
  });
});
