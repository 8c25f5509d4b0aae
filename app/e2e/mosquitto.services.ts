/** The way of one reading by a real Mosquitto: registered by GraphQL, published over TLS with what was given then, found by queries. */
import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Mosquitto, startMosquitto } from '../../tools/engines/mosquitto.ts';
import { eventually } from './client.ts';
import { beginPlatform, type Platform, startPlatform } from './platform.ts';

const ROTATE = 'mutation ($id: ID!) { rotateDeviceCredentials(id: $id) { username password } }';
const REVOKE = 'mutation ($id: ID!) { revokeDeviceCredentials(id: $id) { id } }';
const LATEST = 'query ($id: ID!) { device(id: $id) { latest { metric value } } }';
const NOT_AUTHORISED = { code: 5 };

interface Credentials {
  readonly username: string;
  readonly password: string;
}

let mosquitto: Mosquitto;
/** The plugin's file as it was when it knew no device. */
let firstRights: string;
let platform: Platform;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
  firstRights = `${mosquitto.rightsFile}.first`;
  copyFileSync(mosquitto.rightsFile, firstRights);
  platform = await start();
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await mosquitto?.stop();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

/** A process of all roles that speaks TLS with Mosquitto. */
function settings(password?: string): Readonly<Record<string, string>> {
  const url = new URL(mosquitto.url.replace('mqtt:', 'mqtts:'));
  url.port = String(mosquitto.rolesTlsPort);
  if (password !== undefined) url.password = password;
  return { MQTT_URL: url.href, MQTT_CA_FILE: mosquitto.certificates.ca };
}

function start(dataDir?: string): Promise<Platform> {
  return startPlatform({ env: settings(), ...(dataDir !== undefined && { dataDir }) });
}

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
  readonly elsewhere?: Readonly<Record<string, string>>;
}

const readiness = async () => (await (await fetch(`${platform.url}/ready`)).json()) as Readiness;

const register = (id: string) =>
  platform.register({ id, name: id, location: { latitude: 57.14, longitude: -2.09 }, sensors: ['SDS011'] });

/** A device over TLS 1.3, as it is in the field. */
async function connect({ username, password }: Credentials): Promise<MqttClient> {
  const ca = readFileSync(mosquitto.certificates.ca);
  const options = { username, password, clientId: username, ca, reconnectPeriod: 0 };
  const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${mosquitto.tlsPort}`, options, false);
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const publish = (client: MqttClient, id: string, value: number) =>
  client.publishAsync(`greencity/v1/${id}/measurements`, JSON.stringify({ values: { pm2_5: value } }), { qos: 1 });

async function seen(id: string, value: number): Promise<void> {
  await eventually(`${value} of ${id}`, async () => {
    const { data } = await platform.graphql(LATEST, { id });
    return data?.device?.latest.some((reading: { readonly value: number }) => reading.value === value) || undefined;
  });
}

const ended = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

describe('a device at Mosquitto', () => {
  it('is found with what it published, and nobody else can publish for it', async () => {
    const credentials = await register('pier');
    const client = await connect(credentials);
    await publish(client, 'pier', 12.4);
    await seen('pier', 12.4);
    await expect(connect({ ...credentials, password: 'a guess' })).rejects.toMatchObject(NOT_AUTHORISED);
    const other = await connect(await register('quay'));
    await publish(other, 'pier', 99);
    await publish(other, 'quay', 1.5);
    await seen('quay', 1.5);
    const { data } = await platform.graphql(LATEST, { id: 'pier' });
    expect(data.device.latest).toMatchObject([{ value: 12.4 }]);
  });

  it('with new credentials keeps those from before for a day, and loses all at once when they are revoked', async () => {
    const older = await register('lock');
    const newer = (await platform.graphql(ROTATE, { id: 'lock' })).data.rotateDeviceCredentials as Credentials;
    const [first, second] = [await connect(older), await connect(newer)];
    await publish(first, 'lock', 3.5);
    await seen('lock', 3.5);
    await publish(second, 'lock', 4.5);
    await seen('lock', 4.5);
    const ends = Promise.all([ended(first), ended(second)]);
    expect((await platform.graphql(REVOKE, { id: 'lock' })).errors).toBeUndefined();
    await ends;
    for (const credentials of [older, newer]) await expect(connect(credentials)).rejects.toMatchObject(NOT_AUTHORISED);
    const again = (await platform.graphql(ROTATE, { id: 'lock' })).data.rotateDeviceCredentials as Credentials;
    await publish(await connect(again), 'lock', 5.5);
    await seen('lock', 5.5);
  });

  it('goes on as its new owner wants when it is claimed', async () => {
    const credentials = await register('mole');
    const client = await connect(credentials);
    const code = await platform.graphql('mutation { createClaimCode(deviceId: "mole") { code } }');
    const claim = 'mutation ($code: String!) { claimDevice(code: $code) { id } }';
    const claimed = await platform.graphql(claim, { code: code.data.createClaimCode.code });
    expect(claimed.data).toEqual({ claimDevice: { id: 'mole' } });
    await publish(client, 'mole', 6.5);
    await seen('mole', 6.5);
    const next = (await platform.graphql(ROTATE, { id: 'mole' })).data.rotateDeviceCredentials as Credentials;
    await publish(await connect(next), 'mole', 7.5);
    await seen('mole', 7.5);
  });
});

/** Publishes one reading for each ms of a range; resolves when Mosquitto has acknowledged all. */
async function publishRange(
  client: MqttClient,
  id: string,
  range: { readonly fromMs: number; readonly count: number },
) {
  const times = Array.from({ length: range.count }, (_, n) => new Date(range.fromMs + n).toISOString());
  const messages = times.map((time) => JSON.stringify({ time, values: { pm10: 20 } }));
  await Promise.all(
    messages.map((message) => client.publishAsync(`greencity/v1/${id}/measurements`, message, { qos: 1 })),
  );
}

async function storedCount(id: string, { fromMs, count }: { readonly fromMs: number; readonly count: number }) {
  const query =
    'query ($id: ID!, $from: DateTime!, $to: DateTime!) { device(id: $id) { series(metric: PM10, from: $from, to: $to) { points { time } } } }';
  const [from, to] = [fromMs, fromMs + count].map((timeMs) => new Date(timeMs).toISOString());
  const { data } = await platform.graphql(query, { id, from, to });
  return data.device.series.points.length as number;
}

/** Has Mosquitto write what it holds to its disk, as it does by itself every few seconds. */
async function saved(): Promise<void> {
  const file = join(dirname(mosquitto.rightsFile), 'mosquitto.db');
  const writtenAt = () => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const before = writtenAt();
  process.kill(mosquitto.pid ?? 0, 'SIGUSR1');
  await eventually('Mosquitto to save', async () => writtenAt() > before || undefined);
}

describe('what Mosquitto has acknowledged', () => {
  it('is found, once, after the platform was killed in the middle of it again and again', async () => {
    const client = await connect(await register('buoy'));
    const fromMs = Date.now() - 3_600_000;
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1) {
      await publishRange(client, 'buoy', { fromMs: fromMs + round * 1_000, count: 300 });
      await platform.kill();
      platform = await start(platform.dataDir);
    }
    await eventually('all readings', async () => {
      const counts = await Promise.all(
        Array.from({ length: rounds }, (_, round) =>
          storedCount('buoy', { fromMs: fromMs + round * 1_000, count: 300 }),
        ),
      );
      expect(Math.max(...counts), 'none is there twice').toBeLessThanOrEqual(300);
      return counts.every((count) => count === 300) || undefined;
    });
  });

  it('and saved while the platform was away outlives a kill of Mosquitto as well', async () => {
    const client = await connect(await register('raft'));
    const range = { fromMs: Date.now() - 3_600_000, count: 200 };
    await platform.kill();
    await publishRange(client, 'raft', range);
    await saved();
    await mosquitto.kill();
    await mosquitto.start();
    platform = await start(platform.dataDir);
    await eventually('all readings', async () => (await storedCount('raft', range)) === range.count || undefined);
  });
});

describe('while Mosquitto is away', () => {
  it('that is said, all else goes on, what cannot be told is not promised, and what was taken away is told later', async () => {
    const credentials = await register('weir');
    await mosquitto.kill();
    await eventually(
      'readiness to tell',
      async () => (await readiness()).checks['mqtt'] === 'ENGINE_UNREACHABLE' || undefined,
    );
    expect(await readiness()).toMatchObject({ elsewhere: { deviceAccess: 'ENGINE_UNREACHABLE' } });
    expect((await platform.graphql('{ device(id: "weir") { name } }')).data).toEqual({ device: { name: 'weir' } });
    for (const refused of [
      await platform.graphql(ROTATE, { id: 'weir' }),
      await platform.graphql(REVOKE, { id: 'weir' }),
    ]) {
      expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    }
    await expect(register('never')).rejects.toThrow('ENGINE_UNREACHABLE');
    expect((await platform.graphql('{ device(id: "never") { name } }')).data).toEqual({ device: null });
    await mosquitto.start();
    await eventually('readiness', async () => (await readiness()).status === 'ready' || undefined);
    await eventually('the device to be cut off', () =>
      connect(credentials).then(
        () => undefined,
        (error: { readonly code: number }) => error.code === NOT_AUTHORISED.code || undefined,
      ),
    );
    await publish(await connect(await register('never')), 'never', 8.5);
    await seen('never', 8.5);
  });
});

describe('a plugin that lost its file', () => {
  it('is told what it may not have, and devices that it cannot be told of are listed until they have new credentials', async () => {
    const older = await register('sill');
    await mosquitto.kill();
    copyFileSync(firstRights, mosquitto.rightsFile);
    await mosquitto.start();
    await eventually(
      'the list',
      async () => /rotate their credentials.*\bsill\b/s.test(platform.output()) || undefined,
    );
    const metrics = await (await fetch(`${platform.url}/metrics`)).text();
    expect(metrics).toMatch(/devices_without_access [1-9]/);
    await expect(connect(older)).rejects.toMatchObject(NOT_AUTHORISED);
    const newer = (await platform.graphql(ROTATE, { id: 'sill' })).data.rotateDeviceCredentials as Credentials;
    expect(newer.username, 'the name is free').toBe('sill');
    await publish(await connect(newer), 'sill', 9.5);
    await seen('sill', 9.5);
  });
});

/** A process of all roles takes its time on a busy machine. */
const START_MS = 50_000;

/** What a platform says once it knows why it cannot use Mosquitto; it is ended then. */
async function refusal(env: Readonly<Record<string, string>>, code: string): Promise<string> {
  const starting = await beginPlatform({ env });
  try {
    await eventually(code, async () => (await starting.checks())?.['deviceAccess'] === code || undefined, START_MS);
  } finally {
    expect(await starting.stop()).toBe(0);
  }
  return starting.output();
}

describe('a start', () => {
  it('waits and says why when Mosquitto does not know this program, and does not name the password', async () => {
    const output = await refusal(settings('not-the-password'), 'ENGINE_REFUSED');
    expect(output).toContain('ENGINE_REFUSED');
    expect(output).toContain('user greencity.platform');
    expect(output).not.toContain('not-the-password');
  });

  it('waits and says why when Mosquitto shows a certificate of another authority', async () => {
    await using other = await startMosquitto();
    await refusal({ ...settings(), MQTT_CA_FILE: other.certificates.ca }, 'ENGINE_UNTRUSTED');
  });

  it('waits and says why when the user may not change rights, or the plugin is missing', async () => {
    const output = await refusal({ MQTT_URL: mosquitto.ingestUrl }, 'ENGINE_REFUSED');
    expect(output).toMatch(/dynamic-security plugin does not answer/);
  });
});
