import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW_MS, type Served, serve, testToken } from '../fixtures/served.ts';
import { type MeasuredCity, measuredCity, restReleases } from './fixtures/measured-city.ts';

let city: MeasuredCity;
let served: Served;
beforeAll(async () => {
  city = measuredCity();
  served = await serve([city.subgraph], {}, { mode: 'only', committed: restReleases() });
});
afterAll(() => served?.close());

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(`${served.url}/api/v1${path}`, init);
  const text = await response.text();
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  const json = isJson ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

const iso = (ms: number) => new Date(ms).toISOString();
const HOUR_MS = 3_600_000;

describe('an endpoint', () => {
  it('answers with what its operation gives, in JSON', async () => {
    const { status, headers, json } = await call('/devices/a');
    expect({ status, json }).toEqual({ status: 200, json: { id: 'a', name: 'Device a' } });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('unpacks the place that its operation names', async () => {
    const { json } = await call('/devices/a/series?from=2026-11-23T00:00:00Z&to=2026-11-23T02:00:00Z');
    expect(json).toMatchObject({
      unit: 'µg/m³',
      points: [{ value: 0.5 }, { time: '2026-11-23T01:00:00.000Z', value: 1.5 }],
    });
  });

  it('tells caches how long they may keep it, and answers 304 to who holds the same', async () => {
    const { headers } = await call('/devices');
    expect(headers.get('cache-control')).toBe('public, max-age=60');
    const again = await call('/devices', { headers: { 'if-none-match': headers.get('etag') ?? '' } });
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
    const mine = await call('/devices', { headers: { authorization: `Bearer ${testToken('u')}` } });
    expect(mine.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, text } = await call('/devices/a', { method: 'HEAD' });
    expect({ status, text, length: headers.get('content-length') }).toEqual({ status: 200, text: '', length: '28' });
  });

  it('says since when it is on its way out, and until when it stays', async () => {
    const { headers } = await call('/old');
    expect(headers.get('deprecation')).toBe('@1790812800');
    expect(headers.get('sunset')).toBe('Tue, 01 Jun 2027 00:00:00 GMT');
  });

  it('gives the rest, and names what is missing, when a part does not answer', async () => {
    const { status, headers, json } = await call('/devices/a/mood');
    expect({ status, json }).toEqual({ status: 200, json: { id: 'a', mood: null } });
    expect(headers.get('incomplete')).toBe('mood');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('takes a body of JSON where it changes something', async () => {
    const post = (body: string, type = 'application/json') =>
      call('/devices/a/rename', { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('{"name":"b"}')).json).toEqual({ id: 'a', name: 'b' });
    expect(await post('{"name":""}')).toMatchObject({ status: 400, json: { field: 'name', code: 'BAD_USER_INPUT' } });
    expect(await post('{"name":7}')).toMatchObject({ status: 400, json: { field: 'name' } });
    expect(await post('{}')).toMatchObject({ status: 400, json: { field: 'name' } });
    expect(await post('{"name":"b","nmae":"b"}')).toMatchObject({ status: 400, json: { field: 'nmae' } });
    expect(await post('[]')).toMatchObject({ status: 400 });
    expect(await post('{')).toMatchObject({ status: 400 });
    expect(await post('name=b', 'application/x-www-form-urlencoded')).toMatchObject({ status: 415 });
    expect(await post(`{"name":"${'x'.repeat(256 * 1024)}"}`)).toMatchObject({ status: 413 });
  });
});

describe('pages', () => {
  it('follow each other by links in the body and in a header, to the last', async () => {
    const first = await call('/devices?kind=OUTDOOR');
    expect(first.json.nodes.map(({ id }: { id: string }) => id)).toEqual(['a', 'c']);
    expect(first.json.links).toEqual({
      self: '/api/v1/devices?kind=OUTDOOR',
      first: '/api/v1/devices?kind=OUTDOOR',
      next: '/api/v1/devices?kind=OUTDOOR&after=c',
    });
    expect(first.headers.get('link')).toBe(
      '</api/v1/devices?kind=OUTDOOR>; rel="first", </api/v1/devices?kind=OUTDOOR&after=c>; rel="next"',
    );
    const last = await call(first.json.links.next.replace('/api/v1', ''));
    expect(last.json.nodes.map(({ id }: { id: string }) => id)).toEqual(['d', 'e']);
    expect(last.json.links).not.toHaveProperty('next');
  });

  it('are parts of a range that is longer than one answer', async () => {
    const from = Date.UTC(2026, 0, 1);
    city.asked.length = 0;
    const path = `/devices/a/series?from=${iso(from)}&to=2026-12-01T00:00:00Z&interval=PT1M`;
    const { status, json } = await call(path);
    expect(city.asked).toEqual([`${iso(from)} ${iso(from + 5_000 * 60_000)}`]);
    expect({ status, code: json.code }).toEqual({ status: 400, code: 'SERIES_TOO_LONG' });
  });

  it('lead to the rest of the range by the next link', async () => {
    const from = Date.UTC(2026, 0, 1);
    const { json } = await call(`/devices/a/series?to=${iso(from)}&from=2026-01-02T06:00:00Z&interval=PT20S`);
    const end = iso(from + 5_000 * 20_000);
    expect(json.points).toHaveLength(28);
    const next = new URL(json.links.next, served.url);
    expect(Object.fromEntries(next.searchParams)).toEqual({
      interval: 'PT20S',
      from: end,
      to: '2026-01-02T06:00:00.000Z',
    });
    expect((await call(`${next.pathname.slice(7)}${next.search}`)).json.links).not.toHaveProperty('next');
  });
});

describe('a range', () => {
  it('ends now, at a whole minute, and begins a day before where nothing is given', async () => {
    city.asked.length = 0;
    await served.clock.advance(20_000);
    await call('/devices/a/series');
    const end = NOW_MS + 60_000;
    expect(city.asked).toEqual([`${iso(end - 24 * HOUR_MS)} ${iso(end)}`]);
  });

  it('may be given in either order, with any offset, and from the first year on', async () => {
    city.asked.length = 0;
    await call('/devices/a/series?from=2026-11-23T03:00:00%2B02:00&to=2026-11-23T00:00:00Z');
    await call('/devices/a/series?from=0001-01-01T00:00:00Z&to=1970-01-01T01:00:00Z');
    expect(city.asked).toEqual([
      '2026-11-23T00:00:00.000Z 2026-11-23T01:00:00.000Z',
      '1970-01-01T00:00:00.000Z 1970-01-01T01:00:00.000Z',
    ]);
    expect((await call('/box?south=58&north=57')).status).toBe(200);
  });

  it('does not reach where nothing was measured yet', async () => {
    expect(await call('/earlier?at=2030-01-01T00:00:00Z')).toMatchObject({ status: 404, json: { field: 'at' } });
    expect(await call('/earlier?at=2020-01-01T00:00:00Z')).toMatchObject({ status: 200 });
  });
});

describe('CSV', () => {
  const HEAD = 'id,name,kind,place.latitude,place.longitude,tags';

  it.each([
    ['Accept', '/devices', { accept: 'text/csv' }],
    ['the weights of Accept', '/devices', { accept: 'application/json;q=0.5, text/*' }],
    ['format', '/devices?format=csv', { accept: 'application/json' }],
  ])('is given by %s', async (_, path, headers) => {
    const { headers: told, text } = await call(path, { headers });
    expect(told.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(text.split('\r\n')).toEqual([HEAD, "a,Device a,OUTDOOR,57,-2,'=1+1 quiet", 'b,Device b,INDOOR,57,-2,', '']);
  });

  it('is not what comes unasked, nor where there is no list', async () => {
    expect((await call('/devices', { headers: { accept: 'text/html, */*;q=0.1' } })).json).toBeDefined();
    expect((await call('/devices/a', { headers: { accept: 'text/csv' } })).status).toBe(406);
    expect((await call('/devices?format=xml')).json).toMatchObject({ status: 400, field: 'format' });
    expect((await call('/devices/a?format=csv')).json).toMatchObject({ status: 400, field: 'format' });
  });
});

describe('an address of more than a hundred parameters', () => {
  it('is refused before any of them is looked at', async () => {
    const many = Array.from({ length: 101 }, (_, index) => `p${index}=1`).join('&');
    expect(await call(`/devices?${many}`)).toMatchObject({
      status: 400,
      json: { title: 'The address has too many parameters.', code: 'BAD_USER_INPUT' },
    });
  });
});

describe('an export', () => {
  it('is written in the coding that the client takes', async () => {
    const get = (coding: string) =>
      call('/export?from=2026-11-01T00:00:00Z&to=2026-11-09T00:00:00Z', { headers: { 'accept-encoding': coding } });
    const [plain, gzip, brotli] = [await get('identity'), await get('gzip'), await get('br')];
    expect([plain, gzip, brotli].map(({ headers }) => headers.get('content-encoding'))).toEqual([null, 'gzip', 'br']);
    expect(gzip.text).toBe(plain.text);
    expect(brotli.text).toBe(plain.text);
  });

  it('gives every row of a range of any length, through pages and windows', async () => {
    const hours = 24 * 10;
    const { headers, text } = await call(`/export?from=2026-11-01T00:00:00Z&to=${iso(Date.UTC(2026, 10, 1 + 10))}`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe('attachment; filename="Export.csv"');
    const [head, ...rows] = text.trimEnd().split('\r\n');
    expect(head).toBe('id,unit,time,value');
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows).toHaveLength(5 * hours);
    for (const id of ['a', 'e']) {
      const times = rows.filter((row) => row.startsWith(`${id},`)).map((row) => row.split(',')[2]);
      expect(times).toEqual(times.toSorted());
      expect(times).toHaveLength(hours);
    }
  });

  it('of nothing is its head', async () => {
    expect((await call('/export?from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z')).text).toBe(
      'id,unit,time,value\r\n',
    );
  });

  it('is refused as a whole when its first answer is', async () => {
    expect(await call('/export?after=nowhere')).toMatchObject({ status: 404, json: { code: 'BAD_CURSOR' } });
    expect(await call('/export', { headers: { accept: 'application/json' } })).toMatchObject({ status: 406 });
  });
});

describe('a wrong call gets a problem that says what is wrong', () => {
  it.each([
    ['a number below its bound', '/devices?first=0', 'first', '`first` must be a whole number from 1 to 4.'],
    ['a number that is none', '/devices?first=NaN', 'first', '`first` must be a whole number from 1 to 4.'],
    ['a huge number', '/devices?first=99999999999999999999', 'first', '`first` must be a whole number from 1 to 4.'],
    ['a fraction', '/devices?first=1.5', 'first', '`first` must be a whole number from 1 to 4.'],
    ['infinity', '/box?south=Infinity&north=1', 'south', '`south` must be a number from -90 to 90.'],
    ['a number beyond all', '/box?south=1e999&north=1', 'south', '`south` must be a number from -90 to 90.'],
    ['hexadecimal', '/box?south=0x10&north=1', 'south', '`south` must be a number from -90 to 90.'],
    ['nothing', '/box?south=&north=1', 'south', '`south` must be a number from -90 to 90.'],
    ['an unknown value', '/devices?kind=ROOF', 'kind', '`kind` must be one of OUTDOOR, INDOOR.'],
    ['no such day', '/earlier?at=2026-02-30T00:00:00Z', 'at', '`at` must be a time such as 2026-11-23T10:00:00Z.'],
    [
      'a length of time',
      '/devices/a/series?interval=P1Y',
      'interval',
      '`interval` must be a length of time such as PT1H or P1D.',
    ],
    [
      'an unknown parameter',
      '/devices?frist=1',
      'frist',
      '`frist` is no parameter of this address; there are: kind, first, after, format.',
    ],
    [
      'a parameter given twice',
      '/devices?first=1&first=1',
      'first',
      '`first` stands twice: give it once, lists with commas.',
    ],
    ['a missing parameter', '/box?north=1', 'south', '`south` is missing.'],
  ])('%s', async (_, path, field, detail) => {
    const { status, headers, json } = await call(path);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect({ status, json }).toMatchObject({ status: 400, json: { status: 400, field, detail } });
  });

  it('an address with a slash at its end, and says which one there is', async () => {
    expect(await call('/devices/')).toMatchObject({
      status: 404,
      json: { detail: 'Without the slash at its end there is /api/v1/devices.' },
    });
    expect((await fetch(`${served.url}/api/v1`)).status).toBe(404);
  });

  it('a broken encoding, in the query and in the path', async () => {
    expect(await call('/devices?kind=%ff')).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining('kind=%ff') },
    });
    expect(await call('/devices/%e0%a4%a')).toMatchObject({ status: 400, json: { field: 'id' } });
  });

  it.each([
    ['/devices/nobody', 404, 'NOT_FOUND'],
    ['/devices/nobody/series', 404, 'NOT_FOUND'],
    ['/devices?after=nowhere', 404, 'BAD_CURSOR'],
    ['/secret', 403, 'FORBIDDEN'],
    ['/devices/dead', 503, 'UNAVAILABLE'],
    ['/devices/broken', 500, undefined],
    ['/nothing', 404, undefined],
    ['/devices/', 404, undefined],
  ])('%s is %i', async (path, status, code) => {
    const { json, text, status: got } = await call(path);
    expect(got).toBe(status);
    expect(json.code).toBe(code);
    expect(text).not.toContain('secret=42');
  });

  it('a method that there is not', async () => {
    const { status, headers } = await call('/devices/a/rename');
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'POST, OPTIONS' });
    expect((await call('/devices', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    const asked = await call('/devices', { method: 'OPTIONS' });
    expect({ status: asked.status, allow: asked.headers.get('allow') }).toEqual({
      status: 204,
      allow: 'GET, HEAD, OPTIONS',
    });
  });

  it('a token or a key that is not valid', async () => {
    const { status, headers, json } = await call('/devices', { headers: { authorization: 'Bearer forged' } });
    expect({ status, scheme: headers.get('www-authenticate') }).toEqual({ status: 401, scheme: 'Bearer' });
    expect(json).toMatchObject({ title: 'Sign in first.', detail: expect.not.stringContaining('Sign in first.') });
    expect((await call('/devices', { headers: { 'x-api-key': 'forged' } })).status).toBe(401);
    expect((await call('/devices', { headers: { 'x-api-key': testToken('u') } })).status).toBe(200);
  });
});

describe('the OpenAPI document', () => {
  it('types parameters by the schema', async () => {
    const { json } = await call('/openapi.json');
    expect(json.openapi).toBe('3.0.3');
    expect(json.paths['/devices'].get.parameters).toEqual([
      { name: 'kind', in: 'query', required: false, schema: { $ref: '#/components/schemas/Kind' } },
      {
        name: 'first',
        in: 'query',
        required: false,
        schema: { type: 'integer', format: 'int32', minimum: 1, maximum: 4, default: 2 },
      },
      { name: 'after', in: 'query', required: false, schema: { type: 'string', minLength: 0, maxLength: 1024 } },
      expect.objectContaining({ name: 'format' }),
    ]);
    expect(json.components.schemas.Kind).toMatchObject({ type: 'string', enum: ['OUTDOOR', 'INDOOR'] });
    expect(json.paths['/devices/{id}'].get.parameters[0]).toMatchObject({ in: 'path', required: true, example: 'a' });
  });

  it('gives examples in the type of their parameter', async () => {
    const { json } = await call('/openapi.json');
    expect(json.paths['/box'].get.parameters[0]).toMatchObject({ name: 'south', example: 57.05 });
  });

  it('describes what has no words of its own in those of the schema', async () => {
    const { json } = await call('/openapi.json');
    expect(json.paths['/devices'].get.description).toBe('Devices in their order.');
    // The field says when it is null, which is 404 here: what it gives says more.
    expect(json.paths['/devices/{id}'].get.description).toBe('A node.');
    expect(json.paths['/devices'].get.responses['429'].headers).toHaveProperty('Retry-After');
  });

  it('types answers by what the operation selects, with null where the graph may give it', async () => {
    const { json } = await call('/openapi.json');
    const schemaOf = (path: string) => json.paths[path].get.responses['200'].content['application/json'].schema;
    expect(schemaOf('/devices/{id}/mood')).toEqual({
      type: 'object',
      required: ['id', 'mood'],
      properties: { id: { type: 'string', description: 'Its id.' }, mood: { type: 'string', nullable: true } },
    });
    expect(schemaOf('/devices/{id}/series').properties.points.items.properties.time).toEqual({
      type: 'string',
      format: 'date-time',
    });
    expect(schemaOf('/devices').properties.links).toEqual({ $ref: '#/components/schemas/Links' });
    expect(json.paths['/export'].get.responses['200'].content).toEqual({
      'text/csv': { schema: { type: 'string', description: 'Columns: id, unit, time, value.' } },
    });
  });

  it('types bodies, and marks what is on its way out', async () => {
    const { json } = await call('/openapi.json');
    const { post } = json.paths['/devices/{id}/rename'];
    expect(post.requestBody.content['application/json'].schema).toEqual({
      ...{ type: 'object', required: ['name'], additionalProperties: false },
      properties: { name: { type: 'string' } },
    });
    expect(post.security).toEqual([{ bearer: [] }, { apiKey: [] }]);
    expect(json.paths['/old'].get.deprecated).toBe(true);
  });
});
