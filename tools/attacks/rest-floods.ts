import { randomUUID } from 'node:crypto';
import type { Attack } from './attack.ts';
import { type FloodOf, LIMITED, requestFlood } from './floods.ts';
import type { Target } from './target.ts';

const BOX = 'west=-180&south=-90&east=180&north=90';
/** Everything that a call can be refused with for what it says. */
const REFUSED = ['400 BAD_USER_INPUT', '400 TOO_COSTLY', '404 NOT_FOUND', '404 no code', '400 no code'];
const DAY_MS = 86_400_000;

function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  return { path: `/api/v1${path}`, headers };
}

/** Calls of REST, of which each is limited by its address's requests in the end, whatever it asks for. */
function restFlood(
  name: string,
  host: number,
  { request, ...more }: Pick<FloodOf, 'request'> & Partial<Pick<FloodOf, 'expected' | 'must'>>,
): Attack {
  return requestFlood({ name, path: 'REST', host, expected: [...REFUSED, LIMITED], ...more }, request);
}

const ABSURD: readonly string[] = [
  '/devices?first=100000000000',
  '/devices?first=-1',
  '/devices?first=1&first=2',
  '/devices?__proto__=1&constructor=2',
  `/devices/${'x'.repeat(20_000)}`,
  '/devices/%00%ff%fe',
  '/devices/..%2f..%2fetc%2fpasswd',
  '/heat-map?west=-1e308&south=NaN&east=1e308&north=Infinity&metric=PM2_5',
  `/heat-map?${BOX}&metric=PM2_5&columns=100000&rows=100000`,
  '/devices/nobody/series?metric=PM2_5&from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&interval=PT1S',
  '/latest?west=180&east=-180&south=90&north=-90&metric=__proto__',
];

const PARAMETERS: readonly Attack[] = [
  restFlood('hostile values', 140, { must: LIMITED, request: (index) => get(ABSURD[index % ABSURD.length] ?? '') }),
  restFlood('JSON thousands of levels deep', 141, {
    request: (index) => get(`/devices?search=${index}${'%5B'.repeat(9_000)}`),
  }),
  restFlood('thousands of parameters', 142, {
    request: (index) =>
      get(`/devices?${Array.from({ length: 4_000 }, (_, count) => `p${index}x${count}=1`).join('&')}`),
  }),
  restFlood('one parameter thousands of times', 143, { request: () => get(`/devices?${'first=1&'.repeat(6_000)}`) }),
  restFlood('values as long as an address may be', 144, {
    request: (index) => get(`/devices?search=${index}${'x'.repeat(60_000)}`),
  }),
  restFlood('ids that nobody has', 145, { request: () => get(`/devices/${randomUUID()}`) }),
];

/** A moment of this call's own, so that no answer to another call is its answer as well. */
function range(index: number, days: number): string {
  const toMs = Date.now() - index * 60_000;
  const [from, to] = [toMs - days * DAY_MS, toMs].map((ms) => new Date(ms).toISOString());
  return `from=${from}&to=${to}`;
}

/** As many conditions as a header's 16 KiB hold. */
const TAGS = 1_100;
const GIVEN = ['200 no code', '200 data', LIMITED];

const DEAR: readonly Attack[] = [
  restFlood('valid calls, each another', 150, {
    expected: GIVEN,
    request: (index) => get(`/devices?search=${index}&first=200`),
  }),
  restFlood('maps of the world', 151, {
    expected: GIVEN,
    must: LIMITED,
    request: (index) =>
      get(
        `/heat-map?${BOX}&metric=PM2_5&columns=100&rows=100&at=${new Date(Date.now() - (index % 600) * 60_000).toISOString()}`,
      ),
  }),
  restFlood('boxes around the world', 152, {
    expected: GIVEN,
    request: (index) => get(`/latest?west=-180&south=-90&east=${180 - index / 1e6}&north=90&metric=PM2_5`),
  }),
  restFlood('series as long as an answer may be', 153, {
    expected: GIVEN,
    must: LIMITED,
    request: (index, { deviceId }) => get(`/devices/${deviceId}/series?metric=PM2_5&interval=PT1M&${range(index, 3)}`),
  }),
  restFlood('the same as CSV', 154, {
    expected: GIVEN,
    must: LIMITED,
    request: (index, { deviceId }) =>
      get(`/devices/${deviceId}/series?metric=PM2_5&interval=PT1M&${range(index, 3)}`, { accept: 'text/csv' }),
  }),
  restFlood('exports of the city', 155, {
    expected: GIVEN,
    request: (index) => get(`/export?metric=PM2_5&${range(index, 1)}`, { accept: 'text/csv' }),
  }),
];

const BODIES: readonly Attack[] = [
  restFlood('bodies of 4 MB', 160, {
    expected: ['413 TOO_COSTLY', '401 UNAUTHENTICATED', 'cut', LIMITED],
    request: () => ({
      method: 'POST',
      path: '/api/v1/alerts/a/acknowledge',
      headers: { 'content-type': 'application/json' },
      body: Buffer.alloc(4 * 1024 * 1024, 0x20),
    }),
  }),
  restFlood('bodies of 200 KB', 161, {
    expected: [...REFUSED, '401 UNAUTHENTICATED', LIMITED],
    request: (index) => ({
      method: 'POST',
      path: '/api/v1/alerts/a/acknowledge',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ comment: `${index}${'x'.repeat(200_000)}` }),
    }),
  }),
  restFlood('JSON 100,000 levels deep', 162, {
    expected: [...REFUSED, '401 UNAUTHENTICATED', LIMITED],
    request: () => ({
      method: 'POST',
      path: '/api/v1/alerts/a/acknowledge',
      headers: { 'content-type': 'application/json' },
      body: `{"comment":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    }),
  }),
  restFlood('a body of 200 KB on GET', 163, {
    expected: [...GIVEN, 'cut'],
    request: (index) => {
      const body = `${index}${'x'.repeat(200_000)}`;
      return { ...get('/zones', { 'content-length': `${body.length}` }), body };
    },
  }),
];

const HEADS: readonly Attack[] = [
  restFlood('heads of a thousand lines', 170, {
    expected: [...GIVEN, '431 no code', 'cut'],
    request: (index) =>
      get(
        '/zones',
        Object.fromEntries(Array.from({ length: 1_000 }, (_, line) => [`x-${index}-${line}`, 'x'.repeat(20)])),
      ),
  }),
  restFlood('HEAD of what is dear', 171, {
    expected: ['200 no code', '429 no code'],
    request: (index, { deviceId }) => ({
      ...get(`/devices/${deviceId}/series?metric=PM2_5&interval=PT1M&${range(index, 3)}`),
      method: 'HEAD',
    }),
  }),
  restFlood('OPTIONS and methods that nobody has', 172, {
    expected: ['204 no code', '405 no code', LIMITED],
    request: (index) => ({ ...get('/devices'), method: ['OPTIONS', 'DELETE', 'PUT', 'TRACE'][index % 4] ?? 'OPTIONS' }),
  }),
  restFlood('conditions that never hold', 173, {
    expected: GIVEN,
    request: (index) =>
      get('/devices?first=200', {
        'if-none-match': Array.from({ length: TAGS }, (_, tag) => `"${index}x${tag}"`).join(', '),
      }),
  }),
  restFlood('the OpenAPI document', 174, { expected: GIVEN, request: () => get('/openapi.json') }),
];

/** An id that is registered: it comes with the platform. */
const byId = (target: Target, variables: string) => ({
  path: `/graphql/${target.operationId}?variables=${encodeURIComponent(variables)}`,
});

/** Calls of a registered operation by its id. */
function byIdFlood(
  name: string,
  host: number,
  { request, ...more }: Pick<FloodOf, 'request'> & Partial<Pick<FloodOf, 'expected' | 'must'>>,
): Attack {
  return requestFlood({ name, path: 'GET by id', host, expected: ['200 data', LIMITED], ...more }, request);
}

const WRONG = ['400 BAD_USER_INPUT', LIMITED];
const many = (count: number, one: (index: number) => string, between: string): string =>
  Array.from({ length: count }, (_, index) => one(index)).join(between);

const BY_ID: readonly Attack[] = [
  byIdFlood('hostile values', 180, {
    expected: WRONG,
    must: LIMITED,
    request: (index, target) =>
      byId(target, JSON.stringify([{ id: [[index]] }, { id: { a: index } }, [], 5][index % 4])),
  }),
  byIdFlood('JSON thousands of levels deep', 181, {
    expected: WRONG,
    request: (index, target) => byId(target, `{"id":${'['.repeat(15_000 + (index % 10))}`),
  }),
  byIdFlood('values as long as an address may be', 182, {
    request: (index, target) => byId(target, JSON.stringify({ id: `${index}${'x'.repeat(50_000)}` })),
  }),
  byIdFlood('thousands of parameters', 183, {
    request: (index, target) => ({
      path: `${byId(target, `{"id":"${index}"}`).path}&${many(4_000, (n) => `p${n}=1`, '&')}`,
    }),
  }),
  byIdFlood('one parameter thousands of times', 184, {
    request: (index, target) => ({ path: `${byId(target, `{"id":"${index}"}`).path}${'&a=1'.repeat(6_000)}` }),
  }),
  byIdFlood('valid calls, each another', 185, {
    request: (index, target) => byId(target, JSON.stringify({ id: `nobody-${index}` })),
  }),
  byIdFlood('conditions that never hold', 186, {
    request: (index, target) => ({
      ...byId(target, JSON.stringify({ id: target.deviceId })),
      headers: { 'if-none-match': many(TAGS, (tag) => `"${index}x${tag}"`, ', ') },
    }),
  }),
];

/** Attacks by REST, and by GET of registered operations. */
export const REST_FLOODS: readonly Attack[] = [...PARAMETERS, ...DEAR, ...BODIES, ...HEADS, ...BY_ID];
