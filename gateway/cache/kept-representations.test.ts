/** GET by id and REST: what is kept is given as if it had just been made, and to nobody who would have been answered otherwise. */
import { request } from 'node:http';
import type { SubgraphContext } from '@greencity/platform/graphql/port';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestSubgraph } from '../fixtures/composed.ts';
import { NOW_MS, type Served, serve, testToken } from '../fixtures/served.ts';
import { operationId, type Release } from '../operations/release.ts';
import { DEFAULT_RATE_LIMITS, DEFAULT_SETTINGS, type RateLimits } from '../settings.ts';
import type { Changed } from './changes.ts';

const SDL = `
  type Query { device(id: ID!): Device devices(first: Int! = 2, after: String): Devices! }
  type Mutation { rename(id: ID!, name: String!): Device! }
  type Device @key(fields: "id") { id: ID! name: String! place: String! owner: String @authenticated }
  type Devices { nodes: [Device!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }`;

const DEVICE = `query Device($id: ID!) @cache(maxAge: 60) @rest(path: "/devices/{id}", summary: "A device") {
  device(id: $id) { id name } }`;
const LIST = `query List($first: Int! = 2 @param(minimum: 1, maximum: 5), $after: String)
  @rest(path: "/devices", summary: "Devices", rows: "devices.nodes") {
    devices(first: $first, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } }`;
const PLACE = 'query Place @rest(path: "/place", summary: "Exact to its owner") { device(id: "a") { place } }';
const OWNER = 'query Owner @rest(path: "/owner", summary: "For who signed in") { device(id: "a") { name owner } }';
const OLD =
  'query Old @rest(path: "/old", summary: "Old") { devices { nodes { id } pageInfo { hasNextPage endCursor } } }';

function release(version: string, state: Release['state'], texts: readonly string[]): Release {
  const operations = texts.map((text) => ({ id: operationId(text), name: '', text }));
  return { app: 'acme', version, state, operations, createdMs: 0, changedMs: NOW_MS };
}

const committed = [release('2', 'active', [DEVICE, LIST, PLACE, OWNER]), release('1', 'deprecated', [OLD])];

let names: Record<string, string>;
let resolved: number;

const subgraph: TestSubgraph = {
  name: 'air',
  sdl: SDL,
  resolvers: {
    Query: {
      device(_: unknown, { id }: { id: string }) {
        resolved += 1;
        return { id };
      },
      devices(_: unknown, { first }: { first: number }) {
        resolved += 1;
        const nodes = Object.keys(names).map((id) => ({ id }));
        return { nodes: nodes.slice(0, first), pageInfo: { hasNextPage: first < nodes.length, endCursor: 'c' } };
      },
    },
    Mutation: {
      rename(_: unknown, { id, name }: { id: string; name: string }) {
        names[id] = name;
        return { id };
      },
    },
    Device: {
      name: ({ id }: { id: string }) => names[id] ?? '?',
      place: (_: unknown, __: unknown, { viewer }: SubgraphContext) =>
        viewer.kind === 'user' && viewer.userId === 'owner' ? '57.1421, -2.0934' : '57.14, -2.09',
      owner: () => 'somebody',
    },
  },
};

let served: Served;
let tell: (changed: Changed) => void;
const changes = {
  listen(heard: (changed: Changed) => void) {
    tell = heard;
    return { [Symbol.dispose]: () => undefined };
  },
};
const open = (rates?: RateLimits) =>
  serve([subgraph], rates ? { rates } : {}, { mode: 'only', committed }, { changes });

beforeEach(async () => {
  names = { a: 'Pier', b: 'Harbour', c: 'Zoé' };
  resolved = 0;
  served = await open();
});
afterEach(() => served.close());

interface Given {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: string;
}

type Sent = Readonly<Record<string, string>>;

/** An answer with its headers as they came, in their order, but those that tell the time or what is left of a budget. */
function get(path: string, headers: Sent = {}, method = 'GET'): Promise<Given> {
  return new Promise((resolve, reject) => {
    request(`${served.url}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { rawHeaders: raw } = response;
        const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${raw[index + 1]}`] : []));
        const told = pairs.filter((pair) => !/^(date|ratelimit-\w+):/i.test(pair));
        resolve({ status: response.statusCode, headers: told, body: Buffer.concat(chunks).toString('latin1') });
      });
    })
      .on('error', reject)
      .end();
  });
}

const header = ({ headers }: Given, name: string) =>
  headers.find((pair) => pair.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);
const as = (name: string): Sent => ({ authorization: `Bearer ${testToken(name)}` });
const byId = (text: string, variables?: object) =>
  `/graphql/${operationId(text)}${variables ? `?variables=${encodeURIComponent(JSON.stringify(variables))}` : ''}`;

const byHash = (text: string) =>
  `/graphql?extensions=${encodeURIComponent(JSON.stringify({ persistedQuery: { version: 1, sha256Hash: operationId(text) } }))}`;

describe('a kept answer is what a fresh one is, in status, headers and body', () => {
  it.each<{ readonly name: string; readonly path: string; readonly headers?: Sent; readonly method?: string }>([
    { name: 'by id', path: byId(DEVICE, { id: 'c' }) },
    { name: 'by documentId', path: `/graphql?documentId=${operationId(LIST)}` },
    { name: 'by the hash of automatic persisted queries', path: byHash(LIST) },
    { name: 'in the newer type', path: byId(LIST), headers: { accept: 'application/graphql-response+json' } },
    { name: 'of a release on its way out', path: byId(OLD) },
    { name: 'for HEAD', path: byId(LIST), method: 'HEAD' },
    { name: 'for somebody who signed in', path: byId(LIST), headers: as('ann') },
    { name: 'of REST', path: '/api/v1/devices/c' },
    { name: 'of REST with links', path: '/api/v1/devices?first=1' },
    { name: 'of REST with links and on its way out', path: '/api/v1/old' },
    { name: 'of REST as CSV', path: '/api/v1/devices', headers: { accept: 'text/csv' } },
    { name: 'of REST as CSV by its parameter', path: '/api/v1/devices?format=csv&first=3' },
    { name: 'of REST for HEAD', path: '/api/v1/devices', method: 'HEAD' },
    { name: 'of REST for somebody who signed in', path: '/api/v1/devices', headers: as('ann') },
  ])('$name', async ({ path, headers = {}, method = 'GET' }) => {
    const fresh = await get(path, headers, method);
    expect([fresh.status, resolved]).toEqual([200, 1]);
    expect(await get(path, headers, method)).toEqual(fresh);
    expect(resolved).toBe(1);
  });

  it('and 304 for who holds it, by an ETag that stays', async () => {
    for (const path of [byId(LIST), '/api/v1/devices']) {
      const fresh = await get(path);
      const unchanged = { 'if-none-match': header(fresh, 'etag') ?? '' };
      const kept = await get(path, unchanged);
      expect([kept.status, kept.body]).toEqual([304, '']);
      tell(['devices']);
      expect(await get(path, unchanged)).toEqual(kept);
    }
    expect(resolved).toBe(4);
  });
});

describe('a kept answer', () => {
  it('is let go when something of it changes: the body and the ETag are new at once', async () => {
    for (const path of [byId(DEVICE, { id: 'a' }), '/api/v1/devices/a', byId(LIST), '/api/v1/devices?format=csv']) {
      names['a'] = 'Pier';
      tell(['devices', 'Device:a']);
      const before = await get(path);
      names['a'] = 'Quay';
      tell(['devices', 'Device:a']);
      const after = await get(path, { 'if-none-match': header(before, 'etag') ?? '' });
      expect([after.status, after.body.includes('Quay')], path).toEqual([200, true]);
    }
  });

  it('stays when something else changes', async () => {
    await get(byId(DEVICE, { id: 'a' }));
    tell(['devices', 'Device:b']);
    await get(byId(DEVICE, { id: 'a' }));
    expect(resolved).toBe(1);
  });

  it('is another one for other variables, other parameters, other addresses of its links and another form', async () => {
    const paths = [byId(DEVICE, { id: 'a' }), byId(DEVICE, { id: 'b' }), '/api/v1/devices', '/api/v1/devices?first=1'];
    const other = ['/api/v1/devices?first=1&after=', '/api/v1/devices?format=csv', '/api/v1/devices?format=json'];
    const bodies = [];
    for (const path of [...paths, ...other]) bodies.push((await get(path)).body);
    for (const path of [...paths, ...other]) expect((await get(path)).body).toBe(bodies.shift());
    expect(resolved).toBe(7);
  });

  it('is not made of one with an error, or of nothing', async () => {
    for (const path of ['/api/v1/owner', byId(OWNER)]) {
      const first = await get(path);
      expect(await get(path)).toEqual(first);
    }
    expect(resolved).toBe(4);
  });
});

describe('who signed in', () => {
  it('takes what anyone would be given, and may not hand it on', async () => {
    const anyones = await get(byId(LIST));
    const anns = await get(byId(LIST), as('ann'));
    expect(anns.body).toBe(anyones.body);
    expect([header(anyones, 'cache-control'), header(anns, 'cache-control')]).toEqual([
      'public, max-age=5',
      'private, no-cache',
    ]);
    expect(resolved).toBe(1);
  });

  it('gives it to anyone when they were the first to ask', async () => {
    const anns = await get('/api/v1/devices', as('ann'));
    expect((await get('/api/v1/devices')).body).toBe(anns.body);
    expect((await get('/api/v1/devices', as('bob'))).body).toBe(anns.body);
    expect(resolved).toBe(1);
  });

  it.each([
    ['by id', byId(PLACE)],
    ['of REST', '/api/v1/place'],
  ])('is asked for alone where a resolver looked at who asks: %s', async (_, path) => {
    const owners = await get(path, as('owner'));
    const anyones = await get(path);
    const strangers = await get(path, as('ann'));
    expect(owners.body).toContain('57.1421');
    expect(strangers.body).toBe(anyones.body);
    expect(anyones.body).toContain('57.14, -2.09');
    expect((await get(path, as('owner'))).body).toBe(owners.body);
    expect(resolved).toBe(4);
    // Anonymous clients are all the same.
    await get(path);
    expect(resolved).toBe(4);
  });

  it.each([
    ['by id', byId(OWNER)],
    ['of REST', '/api/v1/owner'],
  ])('is asked for alone where a field is not open to anyone: %s', async (_, path) => {
    const anns = await get(path, as('ann'));
    expect(anns.body).toContain('somebody');
    expect((await get(path)).body).not.toContain('somebody');
    expect((await get(path, as('bob'))).body).toBe(anns.body);
    expect(resolved).toBe(3);
  });

  it('sees what they have changed, and takes nothing that was made for others for as long as it could be from before', async () => {
    const ann = as('ann');
    await served.ask('mutation { rename(id: "a", name: "Quay") { id } }', undefined, ann);
    await get(byId(LIST));
    expect((await get(byId(LIST), ann)).body).toContain('Quay');
    await get(byId(LIST), ann);
    expect(resolved).toBe(3);
    await get(byId(LIST), as('bob'));
    expect(resolved).toBe(3);
    await served.clock.advance(DEFAULT_SETTINGS.answers.lifetimeMs);
    await get(byId(LIST));
    await get(byId(LIST), ann);
    expect(resolved).toBe(4);
  });

  it('is refused with a token that is not valid, whatever is kept', async () => {
    await get(byId(LIST));
    expect((await get(byId(LIST), { authorization: 'Bearer nonsense' })).status).toBe(401);
    expect((await get('/api/v1/devices', { authorization: 'Bearer nonsense' })).status).toBe(401);
  });
});

describe('the budget of a minute', () => {
  const SOMEBODY = { 'x-forwarded-for': '203.0.113.5' };
  const SOMEBODY_ELSE = { 'x-forwarded-for': '203.0.113.6' };
  const points = async (path: string, headers: Sent) => {
    const response = await fetch(`${served.url}${path}`, { headers });
    return [response.status, response.headers.get('ratelimit-remaining'), response.headers.get('retry-after')];
  };

  it.each([
    ['by id', byId(DEVICE, { id: 'a' })],
    ['of REST', '/api/v1/devices/a'],
  ])('pays one point for a kept answer, and is refused like anybody when it is spent: %s', async (_, path) => {
    await served.close();
    served = await open({ ...DEFAULT_RATE_LIMITS, anonymousCostPerMinute: 3 });
    expect(await points(path, SOMEBODY_ELSE)).toEqual([200, '2', null]);
    expect(await points(path, SOMEBODY)).toEqual([200, '2', null]);
    expect(await points(path, SOMEBODY)).toEqual([200, '1', null]);
    expect(await points(path, SOMEBODY)).toEqual([200, '0', null]);
    expect(resolved).toBe(1);
    expect(await points(path, SOMEBODY)).toEqual([429, '0', '20']);
    const spent = await get(path, SOMEBODY);
    expect([spent.status, spent.body.includes('RATE_LIMITED')]).toEqual([429, true]);
    expect(await points(path, SOMEBODY_ELSE)).toEqual([200, '1', null]);
    expect(resolved).toBe(1);
  });

  it('counts kept answers as requests of their address, too', async () => {
    await served.close();
    served = await open({ ...DEFAULT_RATE_LIMITS, requestsPerMinute: 2 });
    await get(byId(LIST), SOMEBODY);
    await get(byId(LIST), SOMEBODY);
    expect((await get(byId(LIST), SOMEBODY)).status).toBe(429);
  });
});
