import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import type { TestSubgraph } from '../fixtures/composed.ts';

/** Never null here, so that in this subgraph no other type's `value`, which may be null, can stand under the same name. */
const strict: TestSubgraph = {
  name: 'strict',
  sdl: `
    type Query { sensors: [Sensor!]! }
    union Sensor = Dust | Gas
    type Sight @shareable { far: Int! }
    type Haze { far: Int }
    type Dust @key(fields: "id") { id: ID! value: Int! @shareable sight: Sight }
    type Gas { value: Int sight: Haze }`,
  resolvers: {
    Query: {
      sensors: () => [
        { __typename: 'Dust', id: 'a', value: 4, sight: { far: 7 } },
        { __typename: 'Gas', value: null, sight: { far: null } },
        { __typename: 'Gas', value: 5, sight: { far: 8 } },
      ],
    },
  },
};

const loose: TestSubgraph = {
  name: 'loose',
  sdl: 'type Sight @shareable { far: Int } type Dust @key(fields: "id") { id: ID! value: Int @shareable see: Sight }',
  resolvers: { Dust: { __resolveReference: (reference: object) => reference, see: () => ({ far: 9 }) } },
};

describe('fields of one name that a subgraph cannot give under one name', () => {
  it('come under the name that the client gave', async () => {
    using city = asking([strict, loose]);
    const source = '{ sensors { ... on Dust { value } ... on Gas { value } } }';
    const { data, errors, fetches } = await city.ask(source);
    expect(errors).toEqual([]);
    expect(fetches[0]?.text).toContain('value__alias');
    expect(data).toEqual({ sensors: [{ value: 4 }, { value: null }, { value: 5 }] });
  });

  it('do so below other fields, and beside what another subgraph adds', async () => {
    using city = asking([strict, loose]);
    const source = '{ sensors { ... on Dust { see { far } sight { far } } ... on Gas { sight { far } } } }';
    const { data, errors, fetches } = await city.ask(source);
    expect(errors).toEqual([]);
    expect(fetches[0]?.text).toContain('__alias');
    expect(data).toEqual({
      sensors: [{ see: { far: 9 }, sight: { far: 7 } }, { sight: { far: null } }, { sight: { far: 8 } }],
    });
  });
});
