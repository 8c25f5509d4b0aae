import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import type { TestSubgraph } from '../fixtures/composed.ts';

interface Known {
  readonly id: string;
}

const sensors: Readonly<Record<string, object>> = {
  dust: { __typename: 'Dust', id: 'dust', name: 'SDS011', laser: true },
  gas: { __typename: 'Gas', id: 'gas', name: 'MQ-135', heater: 5 },
};

/** `types` knows which type a sensor is; `notes` knows sensors, but not that. */
const types: TestSubgraph = {
  name: 'types',
  sdl: `
    interface Sensor @key(fields: "id") { id: ID! name: String! }
    type Dust implements Sensor @key(fields: "id") { id: ID! name: String! laser: Boolean! }
    type Gas implements Sensor @key(fields: "id") { id: ID! name: String! heater: Int! }
    type Query { sensors: [Sensor!]! }`,
  resolvers: {
    Query: { sensors: () => Object.values(sensors) },
    Sensor: { __resolveReference: ({ id }: Known) => sensors[id] ?? null },
    Dust: { __resolveReference: ({ id }: Known) => sensors[id] ?? null },
    Gas: { __resolveReference: ({ id }: Known) => sensors[id] ?? null },
  },
};

const notes: TestSubgraph = {
  name: 'notes',
  sdl: `
    type Sensor @interfaceObject @key(fields: "id") { id: ID! note: String! next: Sensor }
    type Query { noted: [Sensor!]! lost: Sensor }`,
  resolvers: {
    Query: { noted: () => [{ id: 'dust' }, { id: 'gas' }], lost: () => ({ id: 'lost' }) },
    Sensor: {
      __resolveReference: ({ id }: Known) => ({ id }),
      note: ({ id }: Known) => `note on ${id}`,
      next: ({ id }: Known) => ({ id: id === 'dust' ? 'gas' : 'dust' }),
    },
  },
};

async function answer(source: string) {
  using city = asking([types, notes]);
  const { data, errors, fetches } = await city.ask(source);
  return { data, errors: errors.map(({ path, extensions }) => ({ path, code: extensions['code'] })), fetches };
}

describe('an interface object', () => {
  it('is answered where nothing depends on its type, without asking for it', async () => {
    const { data, errors, fetches } = await answer('{ noted { id ... on Sensor { note } next { note } } }');
    expect(data).toEqual({
      noted: [
        { id: 'dust', note: 'note on dust', next: { note: 'note on gas' } },
        { id: 'gas', note: 'note on gas', next: { note: 'note on dust' } },
      ],
    });
    expect(errors).toEqual([]);
    expect(fetches.map(({ subgraph }) => subgraph)).toEqual(['notes']);
  });

  it('gets its type from the subgraph that knows it', async () => {
    const { data, errors } = await answer(
      '{ noted { __typename note name ... on Dust { laser } ... on Gas { heater } } }',
    );
    expect(data).toEqual({
      noted: [
        { __typename: 'Dust', note: 'note on dust', name: 'SDS011', laser: true },
        { __typename: 'Gas', note: 'note on gas', name: 'MQ-135', heater: 5 },
      ],
    });
    expect(errors).toEqual([]);
  });

  it('adds its fields to every object of the interface', async () => {
    const { data, errors } = await answer('{ sensors { note ... on Gas { heater next { __typename id } } } }');
    expect(data).toEqual({
      sensors: [{ note: 'note on dust' }, { note: 'note on gas', heater: 5, next: { __typename: 'Dust', id: 'dust' } }],
    });
    expect(errors).toEqual([]);
  });

  it('is an error where its type matters and nobody knows it', async () => {
    expect(await answer('{ lost { id note ... on Dust { laser } } }')).toMatchObject({
      data: { lost: null },
      errors: [{ path: ['lost'], code: 'NOT_FOUND' }],
    });
    expect(await answer('{ lost { id note } }')).toMatchObject({
      data: { lost: { id: 'lost', note: 'note on lost' } },
      errors: [],
    });
  });
});

describe('a field that no subgraph can give', () => {
  it('fails the operation instead of being null', async () => {
    const lone: TestSubgraph = {
      name: 'lone',
      sdl: 'interface Node @key(fields: "id") { id: ID! } type Query { node: Node other: Int }',
      resolvers: { Query: { node: () => null, other: () => 1 }, Node: { __resolveType: () => null } },
    };
    const far: TestSubgraph = {
      name: 'far',
      sdl: 'type Node @interfaceObject @key(fields: "id", resolvable: false) { id: ID! field: String } type Query { far: Node }',
      resolvers: { Query: { far: () => ({ id: '1' }) } },
    };
    using city = asking([lone, far]);
    const { data, errors } = await city.ask('{ other node { field } }');
    expect(data).toBeUndefined();
    expect(errors[0]).toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
  });
});

/** Adds to sensors, whatever they are, what follows from their name. */
const labels: TestSubgraph = {
  name: 'labels',
  sdl: `type Sensor @interfaceObject @key(fields: "id") {
    id: ID! name: String! @external label: String @requires(fields: "name") shelf: Int }`,
  resolvers: {
    Sensor: {
      __resolveReference: (given: Known) => given,
      label: ({ name }: Known & { name?: string }) => `label of ${name}`,
      shelf: () => 4,
    },
  },
};

describe('a field of an interface object that requires one of the objects', () => {
  async function labelled(source: string) {
    using city = asking([types, labels]);
    const { data, errors, fetches } = await city.ask(source);
    return { data, errors, representations: fetches.map(({ variables }) => variables['representations']) };
  }

  it('leaves the other fields to objects that it is not asked for', async () => {
    const { data, errors } = await labelled('{ sensors { id shelf ... on Dust { label } } }');
    expect(errors).toEqual([]);
    expect(data).toEqual({
      sensors: [
        { id: 'dust', shelf: 4, label: 'label of SDS011' },
        { id: 'gas', shelf: 4 },
      ],
    });
  });

  it('is asked for of those objects alone, each by its key, also where the client asks for what it requires', async () => {
    const { data, errors, representations } = await labelled('{ sensors { name ... on Dust { label } } }');
    expect(errors).toEqual([]);
    expect(data).toEqual({ sensors: [{ name: 'SDS011', label: 'label of SDS011' }, { name: 'MQ-135' }] });
    expect(representations[1]).toEqual([{ __typename: 'Sensor', id: 'dust', name: 'SDS011' }]);
  });
});
