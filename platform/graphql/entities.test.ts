import { type ExecutionResult, execute, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileOperation } from './compiled/compiled-operation.ts';
import { subgraphSchema } from './subgraph-schema.ts';

const SDL = `
  directive @public on FIELD_DEFINITION | OBJECT
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  type Query @public { one: Int }
  type Device @key(fields: "id") @public { id: ID! name: String }
  type Zone @key(fields: "id") @public { id: ID! }`;
const QUERY = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on Device { id name } ... on Zone { id } }
}`;

type Variables = Readonly<Record<string, unknown>>;
type Execute = (schema: GraphQLSchema, variables: Variables) => ExecutionResult | Promise<ExecutionResult>;

const document = parse(QUERY);
const contextValue = { viewer: { kind: 'anonymous' } };
const interpreted: Execute = async (schema, variableValues) =>
  await execute({ schema, document, contextValue, variableValues });
const compiled: Execute = (schema, variables) =>
  compileOperation(schema, document)?.(undefined, contextValue, variables) ?? {};

const device = (id: string) => ({ __typename: 'Device', id });

describe.each([
  { how: 'interpreted', executed: interpreted },
  { how: 'compiled', executed: compiled },
])('entities of a subgraph, $how,', ({ executed }) => {
  async function ask(resolveDevice: (reference: { id: string }) => unknown, representations: readonly object[]) {
    return await executed(subgraphSchema(SDL, { Device: { __resolveReference: resolveDevice } }), { representations });
  }

  it('are given in the order of their references, whether they are there at once or later, or not at all', async () => {
    const resolve = ({ id }: { id: string }) => {
      if (id === 'now') return { id, name: 'Now' };
      return id === 'later' ? Promise.resolve({ id, name: 'Later' }) : null;
    };
    const { data, errors } = await ask(resolve, [device('later'), device('none'), device('now')]);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      _entities: [
        { __typename: 'Device', id: 'later', name: 'Later' },
        null,
        { __typename: 'Device', id: 'now', name: 'Now' },
      ],
    });
  });

  it('are what the reference says where their type resolves none', async () => {
    const { data } = await ask(() => null, [{ __typename: 'Zone', id: 'harbour' }]);
    expect(data).toEqual({ _entities: [{ __typename: 'Zone', id: 'harbour' }] });
  });

  it('leave a frozen object as it is, and give another nothing that is copied along', async () => {
    const [frozen, open] = [Object.freeze({ id: 'frozen' }), { id: 'open' }];
    const { data, errors } = await ask(
      ({ id }) => (id === 'frozen' ? frozen : open),
      [device('frozen'), device('open')],
    );
    expect(errors).toBeUndefined();
    expect(data?.['_entities']).toMatchObject([{ id: 'frozen' }, { id: 'open' }]);
    expect(Object.keys({ ...open })).toEqual(['id']);
  });

  it('fail at their own place when a reference fails later', async () => {
    const resolve = async ({ id }: { id: string }) => {
      if (id === 'bad') throw new Error('no');
      return { id };
    };
    const { data, errors } = await ask(resolve, [device('bad'), device('good')]);
    expect(data?.['_entities']).toMatchObject([null, { id: 'good' }]);
    expect(errors?.map(({ path }) => path)).toEqual([['_entities', 0]]);
  });

  it('refuse a reference to a type that does not exist', async () => {
    const { errors } = await ask(() => null, [{ __typename: 'Tree', id: '1' }]);
    expect(errors?.[0]?.message).toContain('"Tree"');
  });
});
