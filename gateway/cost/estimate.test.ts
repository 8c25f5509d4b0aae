import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { declaredCostsOf } from './declared-costs.ts';
import { compileEstimate } from './estimate.ts';

const SDL = `
  directive @cost(weight: Int!) on FIELD_DEFINITION | OBJECT
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean) on FIELD_DEFINITION
  type Query {
    device: Device
    everything: [Device!]!
    latest: [Device!]! @listSize(assumedSize: 300)
    nearest(first: Int! = 10): [Device!]! @listSize(slicingArguments: ["first"])
    devices(first: Int = 50): Connection! @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
    heatMap: HeatMap @cost(weight: 200)
    grid: [Device!]! @cost(weight: 7) @listSize(assumedSize: 2)
    heavy: Heavy
    found: Found
  }
  type Mutation { rename: Device, signIn: Device @cost(weight: 100) }
  type Connection { totalCount: Int!, nodes: [Device!]! }
  type Device { id: ID!, tags: [String!]!, zone: Zone, twin: Device, peers: [Device!]! @listSize(assumedSize: 4) }
  type Zone { name: String! }
  type HeatMap { values: [[Float]!]! }
  type Heavy @cost(weight: 9) { name: String }
  union Found = Device | Zone
`;
const schema = buildSchema(SDL);
const costs = declaredCostsOf(SDL);

function cost(query: string, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === 'OperationDefinition',
  );
  if (!operation) throw new Error('a test needs an operation');
  return compileEstimate(schema, costs, document, operation)(variables);
}

describe('the estimated cost of an operation', () => {
  it('is one for each object, and nothing for what is in it', () => {
    expect(cost('{ device { id tags } }')).toBe(1);
    expect(cost('{ device { id zone { name } twin { zone { name } } } }')).toBe(4);
  });

  it('counts a list as long as is declared, and as ten when nothing is', () => {
    expect(cost('{ latest { id } }')).toBe(300);
    expect(cost('{ latest { zone { name } } }')).toBe(600);
    expect(cost('{ everything { id } }')).toBe(10);
  });

  it('counts a list as long as is asked for, by a literal, a variable or the default', () => {
    expect(cost('{ nearest(first: 3) { id } }')).toBe(3);
    expect(cost('query ($n: Int!) { nearest(first: $n) { id } }', { n: 25 })).toBe(25);
    expect(cost('{ nearest { id } }')).toBe(10);
  });

  it('counts the nodes of a connection as many as the connection was asked for', () => {
    // One for the connection, 200 nodes, a zone for each.
    expect(cost('{ devices(first: 200) { totalCount nodes { zone { name } } } }')).toBe(401);
    expect(cost('{ devices { nodes { id } } }')).toBe(51);
    expect(cost('{ devices(first: 2) { ...Page } } fragment Page on Connection { nodes { id } }')).toBe(3);
  });

  it('multiplies lists in lists', () => {
    // 300 devices with 4 peers each, and these 4 again: 300 × (1 + 4 × (1 + 4)).
    expect(cost('{ latest { peers { peers { id } } } }')).toBe(6300);
  });

  it('takes the weight that a field or a type declares: once for a field, for each object of a type', () => {
    expect(cost('{ heatMap { values } }')).toBe(200);
    expect(cost('{ grid { id } }')).toBe(9);
    expect(cost('{ heavy { name } }')).toBe(9);
  });

  it('is ten more for a mutation', () => {
    expect(cost('mutation { rename { id } }')).toBe(11);
    expect(cost('mutation { signIn { id } }')).toBe(110);
  });

  it('counts an alias like any field', () => {
    expect(cost('{ a: latest { id } b: latest { id } }')).toBe(600);
  });

  it('counts every branch of a union', () => {
    expect(cost('{ found { ... on Device { zone { name } } ... on Zone { name } } }')).toBe(2);
  });

  it('leaves out what @skip and @include leave out', () => {
    const query = 'query ($with: Boolean!) { device { id } latest @include(if: $with) { id } }';
    expect(cost(query, { with: true })).toBe(301);
    expect(cost(query, { with: false })).toBe(1);
    expect(cost('{ device { id } ...L @skip(if: true) } fragment L on Query { latest { id } }')).toBe(1);
  });

  it('is the same whether written with fragments or without', () => {
    const whole =
      '{ latest { ...D zone { name } } } fragment D on Device { twin { ...T } } fragment T on Device { zone { name } }';
    expect(cost(whole)).toBe(cost('{ latest { twin { zone { name } } zone { name } } }'));
  });

  it('is worked out at once for fragments that use each other many times over', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, index) =>
        `fragment F${index} on Device { a${index}: twin { ...F${index + 1} } b${index}: twin { ...F${index + 1} } }`,
    );
    const query = `{ device { ...F0 } } ${fragments.join(' ')} fragment F60 on Device { id }`;
    expect(cost(query)).toBe(1 + (2 ** 61 - 2));
  });

  it('works anew for other variables', () => {
    const document = parse('query ($n: Int!) { ...N } fragment N on Query { nearest(first: $n) { id } }');
    const [operation] = document.definitions;
    const estimate = compileEstimate(schema, costs, document, operation as OperationDefinitionNode);
    expect([estimate({ n: 2 }), estimate({ n: 5 })]).toEqual([2, 5]);
  });

  it('never falls below nothing for a negative length', () => {
    expect(cost('{ device { id } nearest(first: -1000) { id } }')).toBe(1);
  });
});
