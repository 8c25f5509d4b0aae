import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Served, serve, testToken } from '../fixtures/served.ts';
import { type SmallCity, smallCity } from '../fixtures/small-city.ts';
import { operationId, type Release } from './release.ts';

const DEVICE = 'query Device($id: ID!) @cache(maxAge: 60) { device(id: $id) { name } }';
const OLD = 'query Old { devices { name } }';
const GONE = 'query Gone { devices { id } }';
const DRAFT = 'query Draft { latest { metric } }';
const RENAME = 'mutation Rename { rename(id: "a", name: "b") { name } }';
const READINGS = 'subscription Readings { reading { metric device { name } } }';
const OPERATOR = { authorization: `Bearer ${testToken('operator')}` };

function release(version: string, state: Release['state'], ...texts: readonly string[]): Release {
  const operations = texts.map((text) => ({ id: operationId(text), name: '', text }));
  const sunset = state === 'deprecated' ? { sunsetMs: Date.UTC(2027, 5, 1) } : {};
  return { app: 'acme', version, state, operations, createdMs: 0, changedMs: Date.UTC(2026, 9, 1), ...sunset };
}

const committed = [
  release('4', 'active', DEVICE, RENAME, READINGS),
  release('3', 'deprecated', OLD),
  release('2', 'retired', GONE),
  release('5', 'draft', DRAFT),
];

let city: SmallCity;
let served: Served;
let strict: Served;
beforeAll(async () => {
  city = smallCity();
  served = await serve(city.subgraphs, {}, { mode: 'prefer', committed });
  strict = await serve(smallCity().subgraphs, {}, { mode: 'only', committed });
});
afterAll(async () => {
  await served?.close();
  await strict?.close();
});

async function get(path: string, headers: Record<string, string> = {}, from = served) {
  const response = await fetch(`${from.url}${path}`, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

async function post(body: unknown, headers: Record<string, string> = {}, from = served) {
  const response = await fetch(`${from.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const VARIABLES = `variables=${encodeURIComponent('{"id":"a"}')}`;
const hashed = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: operationId(text) } });

describe('GET of a registered query', () => {
  it.each([
    ['its path', `/graphql/${operationId(DEVICE)}?${VARIABLES}`],
    ['id', `/graphql?id=${operationId(DEVICE)}&${VARIABLES}`],
    ['documentId', `/graphql?documentId=sha256:${operationId(DEVICE)}&${VARIABLES}`],
    ['extensions', `/graphql?extensions=${encodeURIComponent(JSON.stringify(hashed(DEVICE)))}&${VARIABLES}`],
  ])('is answered by %s', async (_, path) => {
    const { status, body } = await get(path);
    expect({ status, body }).toEqual({ status: 200, body: { data: { device: { name: 'Device a' } } } });
  });

  it('may be kept by everyone for as long as the operation says, and by nobody else when somebody is signed in', async () => {
    const path = `/graphql/${operationId(DEVICE)}?${VARIABLES}`;
    const anonymous = await get(path);
    expect(anonymous.headers.get('cache-control')).toBe('public, max-age=60');
    expect(anonymous.headers.get('vary')).toBe('Accept, Accept-Encoding, Authorization, X-API-Key');
    expect((await get(path, OPERATOR)).headers.get('cache-control')).toBe('private, no-cache');
    const failed = await get(`/graphql/${operationId(DEVICE)}?variables=${encodeURIComponent('{"id":"dead"}')}`);
    expect(failed.headers.get('cache-control')).toBe('no-store');
  });

  it('is 304 for a client that holds the same', async () => {
    const path = `/graphql/${operationId(DEVICE)}?${VARIABLES}`;
    const etag = (await get(path)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304);
    expect((await get(path, { 'if-none-match': `"other", W/${etag}` })).status).toBe(304);
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('tells when it is on its way out, and that it is gone', async () => {
    const old = await get(`/graphql/${operationId(OLD)}`);
    expect(old.headers.get('deprecation')).toBe('@1790812800');
    expect(old.headers.get('sunset')).toBe('Tue, 01 Jun 2027 00:00:00 GMT');
    expect(await get(`/graphql/${operationId(GONE)}`)).toMatchObject({
      status: 410,
      body: { errors: [{ extensions: { code: 'OPERATION_RETIRED' } }] },
    });
  });

  it.each([
    ['an unknown id', `/graphql/${'0'.repeat(64)}`, 404, 'PERSISTED_QUERY_NOT_FOUND'],
    ['what is no id', '/graphql/hello', 400, 'BAD_USER_INPUT'],
    ['a mutation', `/graphql/${operationId(RENAME)}`, 405, 'BAD_USER_INPUT'],
    ['a subscription', `/graphql/${operationId(READINGS)}`, 405, 'BAD_USER_INPUT'],
    ['variables that are no object', `/graphql/${operationId(DEVICE)}?variables=7`, 400, 'BAD_USER_INPUT'],
    ['variables that are not JSON', `/graphql/${operationId(DEVICE)}?variables={`, 400, 'BAD_USER_INPUT'],
    ['a variable of the wrong type', `/graphql/${operationId(DEVICE)}?variables={"id":[]}`, 400, 'BAD_USER_INPUT'],
    ['a variable that is missing', `/graphql/${operationId(DEVICE)}`, 400, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_, path, status, code) => {
    expect(await get(path)).toMatchObject({ status, body: { errors: [{ extensions: { code } }] } });
  });
});

describe('the id in the place of the text', () => {
  it('works by POST, for queries and mutations', async () => {
    const asked = { id: operationId(DEVICE), variables: { id: 'b' } };
    expect((await post(asked)).body.data).toEqual({ device: { name: 'Device b' } });
    expect((await post({ extensions: hashed(RENAME) })).body.data).toEqual({ rename: { name: 'b' } });
  });

  it('tells a client of automatic persisted queries in its words to send the text', async () => {
    const { body } = await post({ extensions: hashed('{ latest { metric } }') });
    expect(body.errors).toEqual([
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ]);
    const both = { query: '{ latest { metric } }', extensions: hashed('{ latest { metric } }') };
    expect((await post(both)).status).toBe(200);
    expect((await post({ ...both, query: '{ latest { value } }' })).status).toBe(400);
  });

  it('works over WebSocket and over server-sent events', async () => {
    const client = createClient({ url: served.wsUrl, webSocketImpl: WebSocket });
    const results = client.iterate({ query: '', extensions: hashed(DEVICE), variables: { id: 'a' } });
    expect((await results.next()).value).toEqual({ data: { device: { name: 'Device a' } } });
    await client.dispose();
    const gone = new AbortController();
    const stream = await fetch(`${served.url}/graphql/${operationId(READINGS)}`, {
      headers: { accept: 'text/event-stream' },
      signal: gone.signal,
    });
    city.readings.publish('a');
    let text = '';
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('Device a')) break;
    }
    gone.abort();
    expect(text).toContain('event: next\ndata: {"data":{"reading":{"metric":"PM2_5","device":{"name":"Device a"}}}}');
  });
});

describe('with PERSISTED_OPERATIONS=prefer', () => {
  it('serves what nobody registered, counts it, and logs it once', async () => {
    const query = 'query Free { latest { value } }';
    await post({ query });
    await post({ query });
    const logged = served.log.entries.filter(({ message }) => message.includes('nobody registered'));
    expect(logged.filter(({ attributes }) => attributes['operationId'] === operationId(query))).toHaveLength(1);
    expect(served.metrics.exposition()).toMatch(/gateway_unregistered_operations_total [1-9]/);
  });
});

describe('with PERSISTED_OPERATIONS=only', () => {
  const FREE = '{ latest { value } }';
  const refusal = { errors: [{ extensions: { code: 'UNREGISTERED_OPERATION' } }] };

  it('refuses free text by POST and GET', async () => {
    expect(await post({ query: FREE }, {}, strict)).toMatchObject({ status: 403, body: refusal });
    const path = `/graphql?query=${encodeURIComponent(FREE)}`;
    expect(await get(path, { 'apollo-require-preflight': '1' }, strict)).toMatchObject({ status: 403, body: refusal });
  });

  it('refuses free text over WebSocket and server-sent events', async () => {
    const client = createClient({ url: strict.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    await expect(client.iterate({ query: 'subscription { reading { metric } }' }).next()).rejects.toMatchObject([
      { extensions: { code: 'UNREGISTERED_OPERATION' } },
    ]);
    await client.dispose();
    const accept = { accept: 'text/event-stream' };
    expect(await post({ query: 'subscription { reading { metric } }' }, accept, strict)).toMatchObject({
      status: 403,
      body: refusal,
    });
  });

  it('refuses free text in a form, which no way takes', async () => {
    const form = new FormData();
    form.set('operations', JSON.stringify({ query: FREE }));
    form.set('map', '{}');
    const answer = await fetch(`${strict.url}/graphql`, { method: 'POST', body: form });
    expect(answer.status).toBe(400);
  });

  it('takes the exact text of a registered operation, and anything from an operator', async () => {
    expect((await post({ query: ` ${OLD}\n` }, {}, strict)).status).toBe(200);
    expect((await post({ query: FREE }, OPERATOR, strict)).status).toBe(200);
  });

  it('keeps drafts to those who may ask freely', async () => {
    expect((await get(`/graphql/${operationId(DRAFT)}`, {}, strict)).status).toBe(404);
    expect((await get(`/graphql/${operationId(DRAFT)}`, OPERATOR, strict)).status).toBe(200);
  });
});
