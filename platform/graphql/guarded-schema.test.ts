import { graphql } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Viewer } from './port.ts';
import { subgraphSchema } from './subgraph-schema.ts';
import { userViewer } from './viewer.ts';

const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@authenticated", "@key", "@requiresScopes"])
  directive @public on FIELD_DEFINITION | OBJECT | INTERFACE\n`;
const ANONYMOUS: Viewer = { kind: 'anonymous' };
const CITIZEN = userViewer('u', 'CITIZEN');
const ADMIN = userViewer('u', 'ADMIN');

const SCHEMA = subgraphSchema(
  `${HEAD}
  type Query { open: Int @public forgotten: Int mine: Int @authenticated thing: Thing @public }
  type Subscription { secrets: Int @requiresScopes(scopes: [["admin:*"]]) }
  type Thing @key(fields: "id") { id: ID! @public name: String @requiresScopes(scopes: [["devices:manage"], ["devices:own"]]) }
  type Secret @key(fields: "id") @requiresScopes(scopes: [["admin:*"]]) { id: ID! text: String @public }`,
  {
    Query: { open: () => 1, forgotten: () => 1, mine: () => 1, thing: () => ({ id: '1', name: 'a' }) },
    Subscription: { secrets: { subscribe: () => (async function* () {})(), resolve: () => 1 } },
    Thing: { __resolveReference: (thing: object) => ({ ...thing, name: 'a' }) },
    Secret: { __resolveReference: (secret: object) => ({ ...secret, text: 'hidden' }) },
  },
);

async function ask(source: string, viewer: Viewer) {
  const { data, errors } = await graphql({ schema: SCHEMA, source, contextValue: { viewer } });
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    codes: (errors ?? []).map(({ originalError }) => (originalError as { code?: string })?.code),
  };
}

describe('a guarded schema', () => {
  it('opens to nobody what it says nothing of', async () => {
    for (const viewer of [ANONYMOUS, CITIZEN, ADMIN])
      expect(await ask('{ open forgotten }', viewer)).toEqual({
        data: { open: 1, forgotten: null },
        codes: ['FORBIDDEN'],
      });
  });

  it('lets whoever signed in have what needs only that, API keys included', async () => {
    expect(await ask('{ mine }', ANONYMOUS)).toEqual({ data: { mine: null }, codes: ['UNAUTHENTICATED'] });
    expect(await ask('{ mine }', CITIZEN)).toEqual({ data: { mine: 1 }, codes: [] });
    expect(await ask('{ mine }', { kind: 'key', keyId: 'k', userId: 'u', scopes: [] })).toEqual({
      data: { mine: 1 },
      codes: [],
    });
  });

  it('guards the fields of an entity on every way to it', async () => {
    const entities = '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { ... on Thing { id name } } }';
    expect(await ask(entities, ANONYMOUS)).toEqual({
      data: { _entities: [{ id: '1', name: null }] },
      codes: ['UNAUTHENTICATED'],
    });
    expect(await ask(entities, CITIZEN)).toEqual({ data: { _entities: [{ id: '1', name: 'a' }] }, codes: [] });
    expect(await ask('{ thing { id name } }', ANONYMOUS)).toEqual({
      data: { thing: { id: '1', name: null } },
      codes: ['UNAUTHENTICATED'],
    });
  });

  it('does not tell whether an entity of a closed type exists, nor what a field of it calls public', async () => {
    const entities =
      '{ _entities(representations: [{ __typename: "Secret", id: "1" }]) { __typename ... on Secret { text } } }';
    expect(await ask(entities, CITIZEN)).toEqual({ data: { _entities: [null] }, codes: ['FORBIDDEN'] });
    expect((await ask(entities, ADMIN)).data).toEqual({ _entities: [{ __typename: 'Secret', text: 'hidden' }] });
  });

  it('refuses to listen as well as to tell', async () => {
    const field = SCHEMA.getSubscriptionType()?.getFields()['secrets'];
    for (const method of [field?.subscribe, field?.resolve])
      expect(() => method?.({}, {}, { viewer: CITIZEN }, {} as never)).toThrow(
        expect.objectContaining({ code: 'FORBIDDEN' }),
      );
  });

  it('refuses a scope that nobody can have', () => {
    expect(() =>
      subgraphSchema(`${HEAD} type Query { a: Int @requiresScopes(scopes: [["devices:mange"]]) }`, {}),
    ).toThrow('devices:mange');
  });

  it('says to federation what it is', async () => {
    expect((await ask('{ _service { sdl } }', ANONYMOUS)).codes).toEqual([]);
  });
});
