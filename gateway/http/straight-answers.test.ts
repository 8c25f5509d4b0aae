import { describe, expect, it } from 'vitest';
import { type Served, serve, testToken } from '../fixtures/served.ts';

const SDL = `type Query { fine(of: Int! = 1): Int! broken: Int strict: Int! } type Mutation { change: Int! } type Subscription { ticks: Int! }`;
const fails = () => {
  throw new Error('broken');
};
const RESOLVERS = {
  Query: { fine: (_: unknown, { of }: { of: number }) => of, broken: fails, strict: fails },
  Mutation: { change: () => 1 },
  Subscription: { ticks: { subscribe: () => (async function* () {})() } },
};
const BOTH = 'query One { fine } query Two { fine(of: 2) }';
const NEWER = 'application/graphql-response+json';

interface Case {
  readonly body: unknown;
  readonly accept?: string;
  readonly type?: string;
}

/** Of somebody who signed in, so that nothing is shared. Signs of the time aside. */
async function sent({ url }: Served, { body, accept = 'application/json', type = 'application/json' }: Case) {
  const headers = { accept, 'content-type': type, authorization: `Bearer ${testToken('ann')}` };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  const { date: _, ...told } = Object.fromEntries(response.headers);
  const text = (await response.text()).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
  return { status: response.status, headers: told, text };
}

describe('an operation that is executed past Apollo Server is answered as by it', () => {
  it.each<[string, Case]>([
    ['as it is', { body: { query: '{ fine }' } }],
    ['of the newer type', { body: { query: '{ fine }' }, accept: NEWER }],
    ['of either type', { body: { query: '{ fine }' }, accept: `${NEWER};q=0.5, application/json;q=0.9` }],
    ['of any type', { body: { query: '{ fine }' }, accept: '*/*' }],
    ['of a type that there is not', { body: { query: '{ fine }' }, accept: 'text/html' }],
    ['in a charset', { body: { query: '{ fine }' }, type: 'application/json; charset=utf-8' }],
    ['by a name', { body: { query: BOTH, operationName: 'Two' } }],
    ['of two without a name', { body: { query: BOTH } }],
    ['by a name that is not there', { body: { query: BOTH, operationName: 'Three' } }],
    ['by no name', { body: { query: BOTH, operationName: '' } }],
    ['by a name that is none', { body: { query: '{ fine }', operationName: 2 } }],
    ['with variables', { body: { query: 'query ($of: Int!) { fine(of: $of) }', variables: { of: 7 } } }],
    ['with wrong variables', { body: { query: 'query ($of: Int!) { fine(of: $of) }', variables: { of: 'x' } } }],
    [
      'with null for everything else',
      { body: { query: '{ fine }', variables: null, extensions: null, operationName: null } },
    ],
    ['with variables in text', { body: { query: '{ fine }', variables: '{}' } }],
    ['with variables in a list', { body: { query: '{ fine }', variables: [] } }],
    ['with extensions in a list', { body: { query: '{ fine }', extensions: [1] } }],
    ['with something unknown', { body: { query: '{ fine }', more: true } }],
    ['under the name of an inner property', { body: { query: '{ __proto__: fine }' } }],
    ['of nothing', { body: { query: '' } }],
    ['that cannot be read', { body: { query: '{ fine' } }],
    ['that is not valid', { body: { query: '{ fin }' } }],
    ['that fails in part', { body: { query: '{ fine broken }' } }],
    ['that fails', { body: { query: '{ strict }' }, accept: NEWER }],
    ['that changes something', { body: { query: 'mutation { change }' } }],
    ['that is a subscription', { body: { query: 'subscription { ticks }' } }],
    ['of introspection', { body: { query: '{ __schema { queryType { name } } __typename }' } }],
  ])('%s', async (_, one) => {
    await using served = await serve([{ name: 'one', sdl: SDL, resolvers: RESOLVERS }]);
    const byApollo = await sent(served, one);
    // From here on the head of answers of this type is known.
    await sent(served, { ...one, body: { query: '{ __typename }' } });
    expect(await sent(served, one)).toEqual(byApollo);
  });
});
