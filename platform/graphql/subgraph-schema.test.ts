import { graphql } from 'graphql';
import { expect, it } from 'vitest';
import { SCALARS } from './scalars.ts';
import { subgraphSchema } from './subgraph-schema.ts';

const SDL = `
  directive @public on FIELD_DEFINITION | OBJECT
  scalar Duration
  type Query @public { wait(interval: Duration! = "PT1H", input: WaitInput = { least: "PT2S" }): String! }
  input WaitInput { least: Duration! = "PT1S", most: Duration }
`;

it('gives resolvers the defaults of the schema as our scalars mean them', async () => {
  const seen: unknown[] = [];
  const wait = (_: unknown, { interval, input }: { interval: number; input: unknown }) => {
    seen.push(interval, input);
    return 'done';
  };
  const schema = subgraphSchema(SDL, { Duration: SCALARS.Duration, Query: { wait } });
  await graphql({ schema, source: '{ wait }' });
  await graphql({ schema, source: '{ wait(interval: "PT5S", input: {}) }' });
  expect(seen).toEqual([3_600_000, { least: 2_000 }, 5_000, { least: 1_000 }]);
});
