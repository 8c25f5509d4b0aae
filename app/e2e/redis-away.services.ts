/** A whole platform whose Redis is killed, or hangs: nothing that is asked fails or waits for it, and limits hold by the count of the process. */
import { readFileSync } from 'node:fs';
import { operationId } from '@greencity/gateway/operations/release';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { connectRedis } from '@greencity/platform/redis/connection';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Redis, startRedis } from '../../tools/engines/redis.ts';
import { eventually } from './client.ts';
import { ADMIN, type Platform, startPlatform } from './platform.ts';

const ZONES = readFileSync(new URL('../../schema/operations/contract/1/zones.graphql', import.meta.url), 'utf8');
const CREATE_KEY =
  'mutation ($until: DateTime!) { createApiKey(input: { name: "k", scopes: ["measurements:read"], expiresAt: $until }) { text } }';
const LIMIT = 1_000;
const env = { RATE_LIMIT_LOCAL: 'on', RATE_ANONYMOUS_COST_PER_MINUTE: String(LIMIT) };

let redis: Redis;
let platform: Platform;
let token: string;
let apiKey: string;
beforeAll(async () => {
  redis = await startRedis();
  platform = await startPlatform({ env: { ...env, REDIS_URL: redis.url } });
  token = await platform.token();
  const { data } = await platform.graphql(CREATE_KEY, { until: new Date(Date.now() + 3_600_000).toISOString() });
  apiKey = data.createApiKey.text;
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await redis?.stop();
});

async function posted(query: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${platform.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as { readonly errors?: readonly unknown[] };
  return { status: response.status, headers: response.headers, errors: body.errors };
}

/** The status of a GET. */
const got = async (path: string, headers: Record<string, string> = {}) =>
  (await fetch(platform.url + path, { headers })).status;

/** What is asked when nobody asked it before, so that nothing of its answer is kept. */
let asked = 0;
const newQuery = (): string => {
  asked += 1;
  return `{ a${asked}: devices(first: 1) { totalCount } }`;
};

/** The same of some hundred points. */
const dearQuery = (): string =>
  newQuery().replace('first: 1)', 'first: 100)').replace('totalCount', 'nodes { id name }');

async function overWebSocket(query: string): Promise<unknown> {
  const url = `${platform.url.replace('http', 'ws')}/graphql`;
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  try {
    for await (const { data, errors } of client.iterate({ query })) return errors ?? Object.keys(data ?? {}).length;
    return 'nothing';
  } finally {
    await client.dispose();
  }
}

/** The status of an event stream, which comes when it listens. */
async function subscribed(): Promise<number> {
  const query = `subscription { a${asked++}: measurementReceived { value } }`;
  const gone = new AbortController();
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const asking = { method: 'POST', headers, body: JSON.stringify({ query }), signal: gone.signal };
  const { status } = await fetch(`${platform.url}/graphql`, asking);
  gone.abort();
  return status;
}

const newDevice = () => ({ name: 'New', location: { latitude: 57.14, longitude: -2.09 }, sensors: ['SDS011'] });

const bearer = () => ({ authorization: `Bearer ${token}` });
const SIGN_IN = `mutation { signIn(email: "${ADMIN.email}", password: "${ADMIN.password}") { accessToken } }`;

/** Every way in, and what it gives. */
const WAYS: readonly (readonly [string, () => Promise<unknown>, unknown])[] = [
  ['a query', async () => (await posted(newQuery())).status, 200],
  ['a query of somebody who signed in', async () => (await posted(newQuery(), bearer())).errors, undefined],
  ['a query with an API key', async () => (await posted(newQuery(), { 'x-api-key': apiKey })).errors, undefined],
  ['a registered query', async () => await got(`/graphql/${operationId(ZONES)}`), 200],
  ['REST', async () => await got(`/api/v1/devices?first=${1 + (asked % 50)}`), 200],
  ['the map', async () => await got('/live'), 200],
  ['a signing in', async () => (await posted(SIGN_IN)).errors, undefined],
  ['a subscription as an event stream', async () => await subscribed(), 200],
  ['a mutation', async () => typeof (await platform.register(newDevice())).password, 'string'],
  ['a query over WebSocket', async () => await overWebSocket(newQuery()), 1],
];

/** Something that waits for Redis as long as anything does. */
async function untilGivenUp<T>(waiting: () => Promise<T>): Promise<T | 'Redis was given up first'> {
  const client = await connecting;
  const givenUp = client.get('anything').then(
    () => 'Redis was given up first' as const,
    () => 'Redis was given up first' as const,
  );
  return await Promise.race([waiting(), givenUp]);
}
let connecting: ReturnType<typeof connectRedis>;

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** How often the platform has said each of these. */
const said = () => ['alone for now', 'together again'].map((words) => platform.output().split(words).length - 1);
const untilSaid = (times: readonly number[]) =>
  eventually('the log to say so', async () => said().join() === times.join() || undefined);

/** Asks until it is refused, as one address: what was left each time, and the refusal. */
async function spendAll(from: string) {
  const left: number[] = [];
  for (;;) {
    const { status, headers } = await posted(dearQuery(), { 'x-forwarded-for': from });
    const remaining = Number(headers.get('ratelimit-remaining'));
    if (status === 429) return { left, refused: { remaining, retryAfter: Number(headers.get('retry-after')) } };
    expect(status).toBe(200);
    left.push(remaining);
  }
}

/** An address whose budget is not whole: some of it has come back at most. */
async function isNotNew(from: string): Promise<void> {
  const remaining = async (address: string) =>
    Number((await posted(dearQuery(), { 'x-forwarded-for': address })).headers.get('ratelimit-remaining'));
  asked += 1;
  expect(await remaining(from)).toBeLessThan(await remaining(`198.51.100.${asked % 250}`));
}

async function limitsHold(from: string): Promise<void> {
  const { left, refused } = await spendAll(from);
  expect(left.length).toBeGreaterThan(1);
  expect(left.length).toBeLessThan(20);
  expect(left).toEqual(left.toSorted((a, b) => b - a));
  expect(refused.remaining).toBeLessThan(left.at(0) ?? 0);
  expect(refused.retryAfter).toBeGreaterThan(0);
}

describe('while Redis hangs', () => {
  beforeAll(async () => {
    connecting = connectRedis({ url: redis.url, log: memoryLog() });
    await connecting;
    redis.freeze();
  });
  afterAll(async () => {
    redis.thaw();
    (await connecting).disconnect();
  });

  it.each(WAYS)('%s is answered before Redis is given up', async (_, way, expected) => {
    expect(await untilGivenUp(way)).toEqual(expected);
  });

  it('limits hold', () => limitsHold('203.0.113.1'));

  it('the log says it once, and once that it is over', async () => {
    await untilSaid([1, 0]);
    expect(await metric('greencity_limits_alone')).toBe(1);
    redis.thaw();
    await untilSaid([1, 1]);
    expect(await metric('greencity_limits_alone')).toBe(0);
  });
});

describe('while Redis is not there', () => {
  beforeAll(async () => {
    // What was spent so far is on its disk.
    await spendAll('203.0.113.2');
    await eventually('Redis to write', async () => (await redis.written()).includes('203.0.113.2') || undefined);
    await redis.kill();
  });
  afterAll(() => redis.start());

  it.each(WAYS)('%s is answered', async (_, way, expected) => {
    expect(await way()).toEqual(expected);
  });

  it('limits hold, and who had spent all has not more', async () => {
    await limitsHold('203.0.113.3');
    await isNotNew('203.0.113.2');
  });

  it('the log says it once, and once that it is over', async () => {
    await untilSaid([2, 1]);
    await redis.start();
    await untilSaid([2, 2]);
    await isNotNew('203.0.113.3');
  });
});
