/** Who asks, over the wire: sessions, API keys, devices' credentials, private homes and the audit log of a running platform. */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './client.ts';
import { ADMIN, type Platform, startPlatform } from './platform.ts';

const EXACT = { latitude: 57.145_123, longitude: -2.1_007 };
const AUDIT_LOG = fileURLToPath(new URL('../../tools/audit-log/main.ts', import.meta.url));

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.[Symbol.asyncDispose]());

async function data(query: string, variables: object = {}, token?: string | null) {
  const answer = await platform.graphql(query, { ...variables }, token === undefined ? {} : { token });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

async function refusal(query: string, variables: object = {}, token?: string | null) {
  const { errors } = await platform.graphql(query, { ...variables }, token === undefined ? {} : { token });
  return errors?.map(({ path, extensions }: { path?: unknown; extensions?: { code?: unknown } }) => [
    path,
    extensions?.code,
  ]);
}

const SIGN_IN =
  'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken refreshToken } }';

it('leaves nothing in its data folder that another account of the machine may read', async () => {
  const names = await readdir(platform.dataDir, { recursive: true });
  // A file that is written anew has another name for a moment.
  const modeOf = async (name: string) => (await stat(join(platform.dataDir, name)).catch(() => ({ mode: 0 }))).mode;
  const modes = await Promise.all(names.map(async (name) => (await modeOf(name)) & 0o077));
  expect(names).toContain('documents.sqlite');
  expect(names.filter((_, index) => modes[index] !== 0)).toEqual([]);
});

it('lets others keep the keys of its tokens for half a minute, and no longer', async () => {
  const response = await fetch(`${platform.url}/.well-known/jwks.json`);
  expect(response.headers.get('cache-control')).toBe('public, max-age=30');
  expect(await response.json()).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' }] });
});

describe('a session', () => {
  it('ends for the gateway when it is signed out, its access token with it', async () => {
    const { signIn } = await data(SIGN_IN, ADMIN, null);
    expect((await data('{ viewer { email } }', {}, signIn.accessToken)).viewer.email).toBe(ADMIN.email);
    await data('mutation { signOut }', {}, signIn.accessToken);
    const answer = await platform.graphql('{ viewer { email } }', {}, { token: signIn.accessToken });
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    expect(
      await refusal(
        'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken } }',
        { token: signIn.refreshToken },
        null,
      ),
    ).toEqual([[['refreshSession'], 'UNAUTHENTICATED']]);
  });

  it('that may too little is told so at the place of each field, and what a field needs stands in the schema', async () => {
    expect(await refusal('{ zones { id } users { totalCount } deadLetters { offset } }', {}, null)).toEqual([
      [['users'], 'UNAUTHENTICATED'],
      [['deadLetters'], 'UNAUTHENTICATED'],
    ]);
    const { createUser } = await data(
      'mutation { createUser(input: { email: "ann@example.org", role: CITIZEN }) { user { id } password } }',
    );
    const { signIn } = await data(SIGN_IN, { email: 'ann@example.org', password: createUser.password }, null);
    expect(await refusal('{ users { totalCount } }', {}, signIn.accessToken)).toEqual([[['users'], 'FORBIDDEN']]);
    const { __type } = await data('{ __type(name: "Query") { fields { name description } } }', {}, null);
    expect(__type.fields.find(({ name }: { name: string }) => name === 'users').description).toContain(
      'Needs the scope `admin:*`.',
    );
  });
});

it('lets a program ask with an API key, until it is revoked', async () => {
  const input = {
    name: 'Night job',
    scopes: ['devices:manage'],
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const { createApiKey } = await data(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { text key { id } } }',
    { input },
  );
  expect(await data('{ deadLetters { offset } }', {}, createApiKey.text)).toEqual({ deadLetters: [] });
  expect(await refusal('{ users { totalCount } }', {}, createApiKey.text)).toEqual([[['users'], 'FORBIDDEN']]);
  await data('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', createApiKey.key);
  const answer = await platform.graphql('{ zones { id } }', {}, { token: createApiKey.text });
  expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
});

it('counts guessed passwords by the address behind a proxy, whatever it says to be, and leaves others alone', async () => {
  const guess = async (forwarded: string, email: string) => {
    const response = await fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': forwarded },
      body: JSON.stringify({ query: SIGN_IN, variables: { email, password: 'a guess that is wrong' } }),
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return errors[0]?.extensions.code;
  };
  const codes: (string | undefined)[] = [];
  // Sixty for a network, and another one each five seconds; the first address in the header is made up, anew each time.
  while (codes.length < 200 && codes.at(-1) !== 'RATE_LIMITED')
    codes.push(await guess(`198.51.100.${codes.length}, 203.0.113.9`, `nobody-${codes.length}@example.org`));
  expect(codes.at(-1)).toBe('RATE_LIMITED');
  expect(codes.length).toBeGreaterThan(60);
  expect(new Set(codes.slice(0, -1))).toEqual(new Set(['UNAUTHENTICATED']));
  expect(await guess('203.0.113.10', 'nobody-else@example.org')).toBe('UNAUTHENTICATED');
  const { auditLog } = await data('{ auditLog(first: 1) { nodes { action outcome from } } }');
  expect(auditLog.nodes).toEqual([{ action: 'signIn', outcome: 'REFUSED', from: '203.0.113.10' }]);
});

const REVOKED_WITHIN_MS = 5_000;

it('drops the open connection of a device whose credentials are revoked, and takes none of them again, within 5 s', async () => {
  const device = await platform.register({ name: 'To be revoked', location: EXACT });
  const client = await platform.connect(device);
  let cut = false;
  client.once('close', () => {
    cut = true;
  });
  const sinceMs = performance.now();
  await data('mutation ($id: ID!) { revokeDeviceCredentials(id: $id) { id } }', { id: device.id });
  await eventually('the connection to be cut', async () => (cut ? true : undefined), REVOKED_WITHIN_MS);
  process.stdout.write(`Revoked and cut off after ${(performance.now() - sinceMs).toFixed(0)} ms.\n`);
  await expect(platform.connect(device)).rejects.toThrow();
  const { rotateDeviceCredentials } = await data(
    'mutation ($id: ID!) { rotateDeviceCredentials(id: $id) { username password } }',
    { id: device.id },
  );
  const again = await platform.connect({ ...device, ...rotateDeviceCredentials });
  await again.endAsync();
});

it('shows a private home as its square in values, boxes and live events alike', async () => {
  const device = await platform.register({
    name: 'A home',
    location: EXACT,
    locationPrivacy: 'ROUNDED',
    sensors: ['SDS011'],
  });
  const client = await platform.connect(device);
  await client.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify({ values: { pm2_5: 9.5 } }), {
    qos: 1,
  });
  await client.endAsync();
  const LATEST =
    'query ($within: BoundingBoxInput!) { latestMeasurements(within: $within, metric: PM2_5) { device { location { latitude longitude } } } }';
  const around = ({ latitude, longitude }: typeof EXACT, degrees: number) => ({
    within: {
      west: longitude - degrees,
      east: longitude + degrees,
      south: latitude - degrees,
      north: latitude + degrees,
    },
  });
  const shown = await eventually(
    'the value',
    async () => (await data(LATEST, around(EXACT, 0.01), null)).latestMeasurements[0]?.device.location,
  );
  expect(shown).not.toEqual(EXACT);
  expect(Math.abs(shown.latitude - EXACT.latitude)).toBeLessThan(0.001);
  expect((await data(LATEST, around(shown, 1e-5), null)).latestMeasurements).toHaveLength(1);
  expect((await data(LATEST, around(EXACT, 1e-5), null)).latestMeasurements).toHaveLength(0);
  const { nearestDevices } = await data(
    'query ($latitude: Float!, $longitude: Float!) { nearestDevices(latitude: $latitude, longitude: $longitude, first: 1) { distance } }',
    shown,
    null,
  );
  expect(nearestDevices[0].distance).toBeLessThan(1);
});

it('writes down what is done to alerts, measurements, dead letters and registered operations, too', async () => {
  const device = await platform.register({ name: 'To be watched', location: EXACT });
  const rule = { name: 'Watched', metric: 'PM10', comparison: 'ABOVE', threshold: 5, deviceId: device.id };
  const { createAlertRule } = await data(
    'mutation ($input: AlertRuleInput!) { createAlertRule(input: $input) { id } }',
    { input: rule },
  );
  await data('mutation ($id: ID!) { deleteAlertRule(id: $id) }', createAlertRule);
  await data('mutation ($input: [MeasurementInput!]!) { addMeasurements(input: $input) { accepted } }', {
    input: [{ deviceId: device.id, metric: 'CO2', value: 431 }],
  });
  await data('mutation { replayDeadLetters(offsets: ["7"]) { replayed } }');
  const pushed = await fetch(`${platform.url}/api/operations/watched/1`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await platform.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ operations: ['query Watched { zones { id } }'], state: 'draft' }),
  });
  expect(pushed.status).toBe(200);
  const { auditLog } = await data('{ auditLog(first: 5) { nodes { action subject outcome from } } }');
  const done = { outcome: 'DONE', from: '127.0.0.1' };
  expect(auditLog.nodes).toEqual([
    { action: 'pushRelease', subject: 'watched 1 draft', ...done },
    { action: 'replayDeadLetters', subject: '7', ...done },
    { action: 'addMeasurements', subject: device.id, ...done },
    { action: 'deleteAlertRule', subject: createAlertRule.id, ...done },
    { action: 'createAlertRule', subject: createAlertRule.id, ...done },
  ]);
});

it('keeps an audit log that a command verifies while the platform runs', async () => {
  const output = await new Promise<string>((resolve, reject) => {
    const env = { PATH: '', DATA_DIR: platform.dataDir };
    execFile(process.execPath, [AUDIT_LOG, 'verify'], { env }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  expect(output).toMatch(/^The audit log is as it was written: \d+ entries, head [0-9a-f]{64}\.\n$/);
  const { auditLog } = await data('{ auditLog(first: 100) { nodes { action from } } }');
  expect(auditLog.nodes).toContainEqual({ action: 'signIn', from: '127.0.0.1' });
  expect(output).toContain(` ${(await data('{ auditLog(first: 1) { totalCount } }')).auditLog.totalCount} entries`);
});

const ENDED_WITHIN_MS = 60_000;

// The last test: nobody's token is good after it.
it('ends every token of a signing key that is revoked, and renews that of the operator without a restart', async () => {
  const file = join(platform.dataDir, 'operator.token');
  const before = await readFile(file, 'utf8');
  const { signIn } = await data(SIGN_IN, ADMIN, null);
  expect(await data('{ deadLetters { offset } }', {}, before)).toEqual({ deadLetters: [] });
  const { signingKeys } = await data('{ signingKeys { id state } }', {}, signIn.accessToken);
  const signing = signingKeys.find(({ state }: { state: string }) => state === 'SIGNING');
  const sinceMs = performance.now();
  await data('mutation ($id: ID!) { revokeSigningKey(id: $id) { id } }', signing, signIn.accessToken);
  const refused = async (token: string) => {
    const { errors } = await platform.graphql('{ zones { id } }', {}, { token });
    return errors?.[0]?.extensions?.['code'] === 'UNAUTHENTICATED' ? true : undefined;
  };
  for (const token of [before, signIn.accessToken])
    await eventually('the token to end', () => refused(token), ENDED_WITHIN_MS);
  process.stdout.write(`Tokens of a revoked key ended after ${(performance.now() - sinceMs).toFixed(0)} ms.\n`);
  const renewed = await eventually('another token', async () => {
    const now = await readFile(file, 'utf8');
    return now === before ? undefined : now;
  });
  expect(await data('{ deadLetters { offset } }', {}, renewed)).toEqual({ deadLetters: [] });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
