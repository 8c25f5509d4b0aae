import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { describe, expect, it } from 'vitest';
import type { TestSubgraph } from '../fixtures/composed.ts';
import { supergraphOf } from '../fixtures/composed.ts';
import { serve, testToken } from '../fixtures/served.ts';
import { fieldAccessOf } from './field-access.ts';
import { withoutSecurityPurpose } from './security-features.ts';

/** Subgraphs that check nothing themselves, and count what reaches them: what is refused here, the gateway refused. */
function careless() {
  const reached: string[] = [];
  const reach = (name: string, value: unknown) => () => {
    reached.push(name);
    return value;
  };
  const shop: TestSubgraph = {
    name: 'shop',
    sdl: `
      type Query {
        open: String!
        mine: String @authenticated
        sure: String! @requiresScopes(scopes: [["devices:manage"]])
        either: String @requiresScopes(scopes: [["admin:*"], ["devices:own", "alerts:subscribe"]])
        items: [Item!]
        one: Item
      }
      type Mutation { change: Int @requiresScopes(scopes: [["admin:*"]]) touch: Int }
      type Subscription { ticks: Item! }
      type Item @key(fields: "id") { id: ID! secret: String @requiresScopes(scopes: [["admin:*"]]) }
    `,
    resolvers: {
      Query: {
        open: reach('open', 'open'),
        mine: reach('mine', 'mine'),
        sure: reach('sure', 'sure'),
        either: reach('either', 'either'),
        items: reach('items', [{ id: '1' }, { id: '2' }]),
        one: reach('one', { id: '1' }),
      },
      Mutation: { change: reach('change', 1), touch: reach('touch', 1) },
      Subscription: { ticks: { subscribe: () => (async function* () {})() } },
      Item: { secret: reach('secret', 'secret'), __resolveReference: (item: unknown) => item },
    },
  };
  const stock: TestSubgraph = {
    name: 'stock',
    sdl: `
      type Query { stocked: Int }
      type Item @key(fields: "id") { id: ID! price: Price }
      type Price @requiresScopes(scopes: [["partners:webhook"]]) { amount: Int supplier: String @authenticated }
    `,
    resolvers: {
      Query: { stocked: () => 1 },
      Item: { price: reach('price', { amount: 5, supplier: 'S' }), __resolveReference: (item: unknown) => item },
    },
  };
  return { reached, subgraphs: [shop, stock] };
}

const BEARER = { authorization: `Bearer ${testToken('operator')}` };

describe('the gateway', () => {
  it('answers UNAUTHENTICATED and FORBIDDEN at the place of a field, gives the rest, and fetches nothing that it refuses', async () => {
    const { reached, subgraphs } = careless();
    await using served = await serve(subgraphs);
    const anonymous = await served.ask('{ open mine either }');
    expect(anonymous.body.data).toEqual({ open: 'open', mine: null, either: null });
    expect(anonymous.body.errors).toMatchObject([
      { path: ['mine'], extensions: { code: 'UNAUTHENTICATED' } },
      { path: ['either'], extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    expect(reached).toEqual(['open']);
    const operator = await served.ask('{ mine either sure one { id secret } }', {}, BEARER);
    expect(operator.body.data).toEqual({
      mine: 'mine',
      either: 'either',
      sure: 'sure',
      one: { id: '1', secret: null },
    });
    expect(operator.body.errors).toMatchObject([{ path: ['one', 'secret'], extensions: { code: 'FORBIDDEN' } }]);
    expect(operator.body.errors[0].message).toContain('needs the scope admin:*');
    expect(reached).not.toContain('secret');
  });

  it('names each place in a list, joined types, aliases and fragments included', async () => {
    const { reached, subgraphs } = careless();
    await using served = await serve(subgraphs);
    const { body } = await served.ask(
      '{ list: items { ...F } } fragment F on Item { id cost: price { amount } hidden: secret }',
    );
    expect(body.data).toEqual({
      list: [
        { id: '1', cost: { amount: null }, hidden: null },
        { id: '2', cost: { amount: null }, hidden: null },
      ],
    });
    expect(body.errors.map(({ path }: { path: unknown[] }) => path.join('.')).sort()).toEqual([
      'list.0.cost.amount',
      'list.0.hidden',
      'list.1.cost.amount',
      'list.1.hidden',
    ]);
    expect(reached).not.toContain('secret');
  });

  it('makes the nearest nullable place null when a refused field may not be', async () => {
    const { subgraphs } = careless();
    await using served = await serve(subgraphs);
    const { body } = await served.ask('{ open sure }');
    expect(body.data).toBeNull();
    expect(body.errors).toMatchObject([{ path: ['sure'], extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('asks for both what the type and what the field needs', async () => {
    const { subgraphs } = careless();
    await using served = await serve(subgraphs);
    const { body } = await served.ask('{ one { price { amount supplier } } }', {}, BEARER);
    expect(body).toEqual({ data: { one: { price: { amount: 5, supplier: 'S' } } } });
  });

  it('does nothing of a mutation that it refuses, and does the others', async () => {
    const { reached, subgraphs } = careless();
    await using served = await serve(subgraphs);
    const { body } = await served.ask('mutation { change touch }', {}, BEARER);
    expect(body.data).toEqual({ change: null, touch: 1 });
    expect(body.errors).toMatchObject([{ path: ['change'], extensions: { code: 'FORBIDDEN' } }]);
    expect(reached).toEqual(['touch']);
  });

  it('does not speak of a refused field that is skipped, or whose parent is not there', async () => {
    const { subgraphs } = careless();
    await using served = await serve(subgraphs);
    const { body } = await served.ask('query Q($no: Boolean!) { mine @include(if: $no) open }', { no: false });
    expect(body).toEqual({ data: { open: 'open' } });
  });

  it('answers from __proto__ and its like as from any other name', async () => {
    const { subgraphs } = careless();
    await using served = await serve(subgraphs);
    const { body } = await served.ask('{ constructor: items { id secret } }');
    expect(body.data).toEqual({
      constructor: [
        { id: '1', secret: null },
        { id: '2', secret: null },
      ],
    });
    expect(body.errors.map(({ path }: { path: unknown[] }) => path)).toEqual([
      ['constructor', 0, 'secret'],
      ['constructor', 1, 'secret'],
    ]);
  });

  it('does not begin a subscription that asks for what the viewer may not have', async () => {
    const { subgraphs } = careless();
    await using served = await serve(subgraphs);
    const response = await fetch(`${served.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { ticks { id secret } }' }),
    });
    expect(await response.text()).toContain('UNAUTHENTICATED');
  });

  it('says in the description of a field what it needs', async () => {
    const { subgraphs } = careless();
    await using served = await serve(subgraphs);
    const { body } = await served.ask('{ __type(name: "Item") { fields { name description } } }');
    expect(body.data.__type.fields).toContainEqual({ name: 'secret', description: 'Needs the scope `admin:*`.' });
  });
});

describe('a supergraph with security features', () => {
  it('keeps every requirement when the note that stops Apollo’s gateway is taken out', () => {
    const sdl = supergraphOf(careless().subgraphs);
    expect(() => Supergraph.build(sdl)).toThrow(/SECURITY/);
    const loadable = withoutSecurityPurpose(sdl);
    expect(() => Supergraph.build(loadable)).not.toThrow();
    expect(fieldAccessOf(loadable)).toEqual(fieldAccessOf(sdl));
    const { schema } = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
    const restricted = schema
      .objectTypes()
      .flatMap((type) =>
        type
          .fields()
          .filter((field) =>
            [...field.appliedDirectives, ...type.appliedDirectives].some(
              ({ name }) => name === 'authenticated' || name === 'requiresScopes',
            ),
          ),
      )
      .map(({ coordinate }) => coordinate);
    expect([...fieldAccessOf(sdl).keys()].sort()).toEqual(restricted.sort());
  });
});
