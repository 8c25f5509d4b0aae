import { describe, expect, it } from 'vitest';
import { serve } from '../fixtures/served.ts';
import { type Origins, originsOf } from './cross-origin.ts';

const NAMES = { name: 'names', sdl: 'type Query { name: String! }', resolvers: { Query: { name: () => 'Harbour' } } };
const PARTNER = 'https://partner.example';
const POST = { method: 'POST', body: '{"query":"{ name }"}' };
const JSON_TYPE = { 'content-type': 'application/json' };

const served = (origins: Origins = 'any') => serve([NAMES], { origins });

describe('pages of other sites', () => {
  it('read what the API answers, whoever asks and whatever it says', async () => {
    await using city = await served();
    for (const path of ['/graphql', '/api/v1/nothing', '/api/v1/openapi.json', '/.well-known/jwks.json']) {
      const { headers } = await fetch(`${city.url}${path}`);
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, '*']);
      expect(headers.get('access-control-expose-headers')).toBe('*');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    const { status, headers } = await fetch(`${city.url}/graphql`, {
      ...POST,
      headers: { ...JSON_TYPE, origin: PARTNER },
    });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  it('do not read what is for operators, nor our pages', async () => {
    await using city = await served();
    for (const path of ['/api/operations', '/metrics', '/ready', '/graphiql/', '/', '/graphqlx']) {
      const { headers } = await fetch(`${city.url}${path}`, { headers: { origin: PARTNER } });
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, null]);
    }
  });

  it('may send tokens, keys and JSON', async () => {
    await using city = await served();
    const { status, headers } = await fetch(`${city.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: PARTNER, 'access-control-request-method': 'POST' },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST');
    for (const name of ['Authorization', 'Content-Type', 'X-API-Key'])
      expect(headers.get('access-control-allow-headers')).toContain(name);
  });

  it('are those that are listed, where there is a list, and caches tell them apart', async () => {
    await using city = await served(new Set([PARTNER]));
    const asked = async (origin: string) => {
      const { headers } = await fetch(`${city.url}/api/v1/openapi.json`, { headers: { origin } });
      return { allowed: headers.get('access-control-allow-origin'), vary: headers.get('vary') };
    };
    const vary = 'Origin, Accept, Accept-Encoding, Authorization, X-API-Key';
    expect(await asked(PARTNER)).toEqual({ allowed: PARTNER, vary });
    expect(await asked('https://other.example')).toEqual({ allowed: null, vary });
  });
});

describe('a list of sites', () => {
  it.each<[readonly string[], Origins, readonly string[]]>([
    [['*'], 'any', []],
    [[], new Set(), []],
    [[PARTNER, 'http://localhost:3000'], new Set([PARTNER, 'http://localhost:3000']), []],
    [[`${PARTNER}/`], new Set([`${PARTNER}/`]), [`${PARTNER}/`]],
    [['partner.example', '*'], new Set(['partner.example', '*']), ['partner.example', '*']],
  ])('%j', (entries, origins, wrong) => {
    expect(originsOf(entries)).toEqual({ origins, wrong });
  });
});
