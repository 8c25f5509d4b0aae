/** Two gateways on a real Redis: what one has made the other gives, until a reading changes it, and each goes on by itself while Redis is away. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operationId } from '@greencity/gateway/operations/release';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../tools/engines/redis.ts';
import { DATA_ROLES } from './apart.ts';
import { eventually } from './client.ts';
import { type Platform, startPlatform } from './platform.ts';

const DEVICE = readFileSync(new URL('../../schema/operations/rest/1/device.graphql', import.meta.url), 'utf8');
const PLACE = { latitude: 57.14, longitude: -2.09, altitude: 20 };

let folder: string;
let redis: Redis;
let city: Platform;
let gateways: readonly Platform[];
beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'greencity-shared-'));
  const secret = join(folder, 'gateway.secret');
  writeFileSync(secret, `${crypto.randomUUID()}${crypto.randomUUID()}\n`, { mode: 0o600 });
  const env = { GATEWAY_SECRET_FILE: secret, REDIS_URL: redis.url };
  city = await startPlatform({ dataDir: join(folder, 'city'), args: DATA_ROLES, env });
  const urls = DATA_ROLES.slice(1).map((name) => [`${name.toUpperCase()}_URL`, city.url]);
  const gatewayEnv = { ...env, ...Object.fromEntries(urls) };
  const open = (name: string) => startPlatform({ dataDir: join(folder, name), args: ['gateway'], env: gatewayEnv });
  gateways = [await open('one'), await open('other')];
});
afterAll(async () => {
  for (const gateway of gateways ?? []) await gateway[Symbol.asyncDispose]();
  await city?.[Symbol.asyncDispose]();
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const first = (): Platform => gateways[0] as Platform;

/** Answers of other gateways that were found so far. */
async function found(): Promise<number> {
  const counts = gateways.map(async ({ url }) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^gateway_answers_total\{how="found"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function answerOf({ url }: Platform, id: string) {
  const variables = encodeURIComponent(JSON.stringify({ id }));
  const response = await fetch(`${url}/graphql/${operationId(DEVICE)}?variables=${variables}`);
  return { status: response.status, etag: response.headers.get('etag'), text: await response.text() };
}

it('gives by one gateway what the other has made, until a reading changes it', async () => {
  const device = await first().register({ name: 'Shared', location: PLACE, sensors: ['SDS011'] });
  const client = await city.connect(device);
  for (const value of [12.5, 13.5]) {
    const time = new Date(Math.floor(Date.now() / 1_000) * 1_000 - (13.5 - value) * 60_000).toISOString();
    const reading = JSON.stringify({ time, values: { pm2_5: value } });
    await client.publishAsync(`greencity/v1/${device.id}/measurements`, reading, { qos: 1 });
    for (const gateway of gateways)
      await eventually('the new value', async () =>
        (await answerOf(gateway, device.id)).text.includes(`"value":${value}`) ? true : undefined,
      );
  }
  await client.endAsync();
  const before = await found();
  await eventually('an answer of the other gateway', async () => {
    const [one, other] = gateways as readonly [Platform, Platform];
    const made = await answerOf(one, device.id);
    const given = await answerOf(other, device.id);
    return ((await found()) > before && given.etag === made.etag && given.text === made.text) || undefined;
  });
});

/** Answers that changes have removed from a gateway's own memory. */
async function invalidated({ url }: Platform): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^gateway_answers_invalidated_total (\d+)$/m.exec(text)?.[1] ?? 0);
}

const RENAME = 'mutation ($id: ID!, $input: UpdateDeviceInput!) { updateDevice(id: $id, input: $input) { id } }';

it('gives nothing from before a mutation once that is answered, and keeps what a sign-in does not change', async () => {
  const [one, other] = gateways as readonly [Platform, Platform];
  const device = await one.register({ name: 'Name 0', location: PLACE, sensors: ['SDS011'] });
  for (let count = 1; count <= 20; count += 1) {
    for (const gateway of gateways) await answerOf(gateway, device.id);
    const name = `Name ${count}`;
    expect((await one.graphql(RENAME, { id: device.id, input: { name } })).errors).toBeUndefined();
    expect((await answerOf(one, device.id)).text).toContain(`"name":"${name}"`);
    await eventually('the new name at the other gateway', async () =>
      (await answerOf(other, device.id)).text.includes(`"name":"${name}"`) ? true : undefined,
    );
    // What the other has kept since is found by the first one, too.
    expect((await answerOf(one, device.id)).text).toContain(`"name":"${name}"`);
  }
  const before = await invalidated(one);
  const guess = 'mutation { signIn(email: "nobody@example.org", password: "not the password") { accessToken } }';
  expect((await one.graphql(guess, {}, { token: null })).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  expect(await invalidated(one)).toBe(before);
});

it('answers by itself while Redis is away', async () => {
  const device = await first().register({ name: 'Alone', location: PLACE, sensors: ['SDS011'] });
  await redis.kill();
  try {
    const [one, other] = await Promise.all(gateways.map((gateway) => answerOf(gateway, device.id)));
    expect(one).toMatchObject({ status: 200, text: expect.stringContaining('"name":"Alone"') });
    expect(other).toEqual(one);
  } finally {
    await redis.start();
  }
});
