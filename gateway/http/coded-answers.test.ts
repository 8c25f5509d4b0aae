import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serve } from '../fixtures/served.ts';
import { operationId, type Release } from '../operations/release.ts';

const SDL = `type Query { names(first: Int! = 100): [Name!]! } type Name { name: String! }`;
const RESOLVERS = {
  Query: {
    names: (_: unknown, { first }: { first: number }) => Array.from({ length: first }, () => ({ name: 'Harbour' })),
  },
};
const NAMES =
  'query Names($first: Int! = 100) @rest(path: "/names", rows: "names", tag: "Names", summary: "Names.") { names(first: $first) { name } }';
const RELEASE: Release = {
  ...{ app: 'acme', version: '1', state: 'active', createdMs: 0, changedMs: 0 },
  operations: [{ id: operationId(NAMES), name: 'Names', text: NAMES }],
};

let served: Served;
beforeAll(async () => {
  served = await serve([{ name: 'names', sdl: SDL, resolvers: RESOLVERS }], {}, { mode: 'off', committed: [RELEASE] });
});
afterAll(() => served?.close());

interface Raw {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly bytes: Buffer;
}

/** Asks without unpacking what comes, as `fetch` would. */
function raw(path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const sent = request(`${served.url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const GZIP = { 'accept-encoding': 'gzip' };
const posted = (first: number, headers: Record<string, string>) =>
  raw(
    '/graphql',
    { 'content-type': 'application/json', ...headers },
    'POST',
    JSON.stringify({ query: `{ names(first: ${first}) { name } }` }),
  );

describe('a long answer', () => {
  it.each([
    ['of REST', '/api/v1/names'],
    ['of REST as CSV', '/api/v1/names?format=csv&first=1000'],
    ['by id', `/graphql/${operationId(NAMES)}`],
    ['that documents the API', '/api/v1/openapi.json'],
  ])('%s comes in the coding that the client takes, else as it is', async (_, path) => {
    const plain = await raw(path);
    const gzip = await raw(path, GZIP);
    const brotli = await raw(path, { 'accept-encoding': 'gzip, br' });
    expect([plain, gzip, brotli].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', 'br']);
    expect(gunzipSync(gzip.bytes)).toEqual(plain.bytes);
    expect(brotliDecompressSync(brotli.bytes)).toEqual(plain.bytes);
    expect(gzip.headers['content-length']).toBe(String(gzip.bytes.length));
    expect(gzip.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(plain.headers['vary']).toContain('Accept-Encoding');
  });

  it('has a weak ETag in a coding, which is the same content in other bytes, and either is known again', async () => {
    const plain = await raw('/api/v1/names');
    const gzip = await raw('/api/v1/names', GZIP);
    expect(gzip.headers['etag']).toBe(`W/${plain.headers['etag']}`);
    for (const etag of [plain.headers['etag'], gzip.headers['etag']])
      for (const accepted of [{}, GZIP]) {
        const again = await raw('/api/v1/names', { ...accepted, 'if-none-match': String(etag) });
        expect({ status: again.status, bytes: again.bytes.length }).toEqual({ status: 304, bytes: 0 });
      }
  });

  it('is said to be as long to HEAD as to GET', async () => {
    const [get, head] = [await raw('/api/v1/names', GZIP), await raw('/api/v1/names', GZIP, 'HEAD')];
    expect(head.bytes).toHaveLength(0);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers['content-encoding']).toBe('gzip');
  });

  it('to a POST comes in a coding from some length on, and is the same', async () => {
    const [plain, gzip, short] = [await posted(1_000, {}), await posted(1_000, GZIP), await posted(100, GZIP)];
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gzip.headers['content-length']).toBe(String(gzip.bytes.length));
    expect(gunzipSync(gzip.bytes)).toEqual(plain.bytes);
    expect(short.headers['content-encoding']).toBeUndefined();
  });
});

describe('a request whose body comes in a coding', () => {
  it.each(['/graphql', '/api/v1/names', '/api/operations/a/1'])(
    'is refused at %s with what would be taken',
    async (path) => {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      const { status, headers: told, bytes } = await raw(path, headers, 'POST', '\x1f\x8b');
      expect({ status, accepted: told['accept-encoding'] }).toEqual({ status: 415, accepted: 'identity' });
      expect(JSON.parse(bytes.toString())).toMatchObject({
        status: 415,
        detail: 'Send it without `Content-Encoding`.',
      });
    },
  );
});
