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
});
