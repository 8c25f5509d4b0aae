/** The way of one reading by a real Mosquitto: registered by GraphQL, published over TLS with what was given then, found by queries. */
import { readFileSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Mosquitto, startMosquitto } from '../../tools/engines/mosquitto.ts';
import { eventually, type Platform, startPlatform } from './platform.ts';

const ROTATE = 'mutation ($id: ID!) { rotateDeviceCredentials(id: $id) { username password } }';
const REVOKE = 'mutation ($id: ID!) { revokeDeviceCredentials(id: $id) { id } }';
const LATEST = 'query ($id: ID!) { device(id: $id) { latest { metric value } } }';
const NOT_AUTHORISED = { code: 5 };

interface Credentials {
  readonly username: string;
  readonly password: string;
}

let mosquitto: Mosquitto;
let platform: Platform;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
  platform = await start();
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await mosquitto?.stop();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

function start(dataDir?: string): Promise<Platform> {
  const url = new URL(mosquitto.url.replace('mqtt:', 'mqtts:'));
  url.port = String(mosquitto.tlsPort);
  const env = { MQTT_URL: url.href, MQTT_CA_FILE: mosquitto.certificates.ca };
  return startPlatform({ env, ...(dataDir !== undefined && { dataDir }) });
}

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
