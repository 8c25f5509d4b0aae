/** What is called back in one process ends in the others: a city of processes on real engines, `devices`, `ingest`, Mosquitto and the gateway each by themselves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CityClient, startCityClient } from './city.ts';
import { eventually } from './client.ts';
import { ADMIN } from './platform.ts';

const DEVICE_WITHIN_MS = 5_000;
const TOKEN_WITHIN_MS = 60_000;
const SIGN_IN =
  'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }';
const CREATE_KEY =
  'mutation ($until: DateTime!) { createApiKey(input: { name: "k", scopes: ["measurements:read"], expiresAt: $until }) { text key { id } } }';

let city: CityClient;
beforeAll(async () => {
  city = await startCityClient({ settings: { ADMIN_EMAIL: ADMIN.email } });
});
afterAll(async () => await city?.[Symbol.asyncDispose]());

async function data(query: string, variables: object = {}, token?: string | null) {
  const answer = await city.graphql(query, { ...variables }, token === undefined ? {} : { token });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

const signedIn = async (): Promise<string> => (await data(SIGN_IN, city.city.admin, null)).signIn.accessToken;

/** Whether the gateway takes this token no more: a field of any subgraph is refused by it, before a subgraph is asked. */
async function isRefused(token: string): Promise<true | undefined> {
  const { errors } = await city.graphql(
    '{ zones { id } devices(first: 1) { nodes { latest { value } alerts(first: 1) { totalCount } } } }',
    {},
    { token },
  );
  return errors?.[0]?.extensions?.['code'] === 'UNAUTHENTICATED' ? true : undefined;
}

/** Says how long it took until something had ended, from when it began to be called back. */
async function ends(
  what: string,
  has: () => Promise<true | undefined>,
  { sinceMs, withinMs }: { readonly sinceMs: number; readonly withinMs: number },
): Promise<void> {
  await eventually(`${what} to end`, has, withinMs);
  process.stdout.write(`${what} ended after ${(performance.now() - sinceMs).toFixed(0)} ms.\n`);
}

describe('across processes', () => {
  it('a device that is revoked is cut off by Mosquitto, let in no more, and nothing of it comes to ingest', async () => {
    const device = await city.register({ name: 'To be revoked', location: { latitude: 57.14, longitude: -2.09 } });
    const client = await city.connect(device);
    let cut: true | undefined;
    client.once('close', () => {
      cut = true;
    });
    const sinceMs = performance.now();
    await data('mutation ($id: ID!) { revokeDeviceCredentials(id: $id) { id } }', { id: device.id });
    await ends('The connection of a revoked device', async () => cut, { sinceMs, withinMs: DEVICE_WITHIN_MS });
    await expect(city.connect(device)).rejects.toThrow();
    const { rotateDeviceCredentials } = await data(
      'mutation ($id: ID!) { rotateDeviceCredentials(id: $id) { username password } }',
      { id: device.id },
    );
    const again = await city.connect({ ...device, ...rotateDeviceCredentials });
    await again.publishAsync(`greencity/v1/${device.id}/measurements`, '{"values":{"pm2_5":7.5}}', { qos: 1 });
    await eventually('the reading after it', async () => {
      const found = await data('query ($id: ID!) { device(id: $id) { latest { value } } }', { id: device.id });
      return found.device.latest.length > 0 || undefined;
    });
    await again.endAsync();
  });

  it('a session that is signed out ends, and so does an API key that is revoked', async () => {
    const token = await signedIn();
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const { createApiKey } = await data(CREATE_KEY, { until });
    for (const good of [token, createApiKey.text]) expect(await isRefused(good)).toBeUndefined();
    const sinceMs = performance.now();
    await data('mutation { signOut }', {}, token);
    await data('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id: createApiKey.key.id });
    await ends('A session that was signed out', () => isRefused(token), { sinceMs, withinMs: TOKEN_WITHIN_MS });
    await ends('An API key that was revoked', () => isRefused(createApiKey.text), {
      sinceMs,
      withinMs: TOKEN_WITHIN_MS,
    });
  });

  // The last one: nobody's token is good after it.
  it('every token of a signing key that is revoked ends at the gateway, and those of the next key are good', async () => {
    const [token, other] = [await signedIn(), await signedIn()];
    for (const good of [token, other]) expect(await isRefused(good)).toBeUndefined();
    const { signingKeys } = await data('{ signingKeys { id state } }', {}, token);
    const signing = signingKeys.find(({ state }: { readonly state: string }) => state === 'SIGNING');
    const sinceMs = performance.now();
    await data('mutation ($id: ID!) { revokeSigningKey(id: $id) { id } }', { id: signing.id }, token);
    await ends('A token of a revoked key', () => isRefused(token), { sinceMs, withinMs: TOKEN_WITHIN_MS });
    await ends('Another token of it', () => isRefused(other), { sinceMs, withinMs: TOKEN_WITHIN_MS });
    expect(await isRefused(await signedIn())).toBeUndefined();
  });
});
