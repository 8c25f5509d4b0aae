import { readFileSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Mosquitto, startMosquitto } from '../../../tools/engines/mosquitto.ts';
import { systemClock } from '../../clock/system-clock.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { memoryMetrics } from '../../metrics/memory-metrics.ts';
import { type ToldHandlers, textOf, toldHandlers } from '../fixtures/handlers.ts';
import { type MosquittoBroker, openMosquittoBroker } from './mosquitto-broker.ts';

const SECRET = 'a-secret';

let mosquitto: Mosquitto;
let handlers: ToldHandlers;
let broker: MosquittoBroker;
let opened = 0;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterAll(() => mosquitto.stop());
beforeEach(async () => {
  handlers = toldHandlers();
  opened += 1;
  broker = await open(`ingest-${opened}`);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await broker.close();
});

function open(consumerName: string, url = mosquitto.url): Promise<MosquittoBroker> {
  const instruments = { clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() };
  const limits = { payloadBytesMax: 8_192 };
  // A group for each test: the sessions of the others are still there.
  const names = { consumerName, group: `group-${opened}` };
  return openMosquittoBroker({ connection: { url }, ...names, handlers, limits, connections: 2, ...instruments });
}

/** A device over TLS 1.3, as it is in the field. */
async function device(username: string, password = SECRET): Promise<MqttClient> {
  const ca = readFileSync(mosquitto.certificates.ca);
  const options = { username, password, clientId: username, ca, reconnectPeriod: 0 };
  const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${mosquitto.tlsPort}`, options, false);
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const measurements = (id: string) => `greencity/v1/${id}/measurements`;

it('lets a device in with its secret, and hands on what it publishes below its own id', async () => {
  await broker.access.allow('a', SECRET);
  const client = await device('a');
  await client.publishAsync(measurements('a'), 'one', { qos: 1 });
  await handlers.receivedCount(1);
  expect(handlers.received).toMatchObject([{ deviceId: 'a', topic: measurements('a'), qos: 1, payloadBytes: 3 }]);
  expect(textOf(handlers.received[0])).toBe('one');
});

it('refuses a wrong secret, an unknown device, and a secret that was replaced', async () => {
  await broker.access.allow('b', SECRET);
  await expect(device('b', 'another')).rejects.toMatchObject({ code: 5 });
  await expect(device('nobody')).rejects.toMatchObject({ code: 5 });
  await broker.access.allow('b', 'a newer secret');
  await expect(device('b')).rejects.toMatchObject({ code: 5 });
  await device('b', 'a newer secret');
});

it('hands on nothing that a device publishes to the topic of another', async () => {
  await broker.access.allow('c', SECRET);
  const client = await device('c');
  await client.publishAsync(measurements('d'), 'foreign', { qos: 1 });
  await client.publishAsync(measurements('c'), 'own', { qos: 1 });
  await handlers.receivedCount(1);
  expect(handlers.received.map(textOf)).toEqual(['own']);
});

it('is sent a message again that it could not make durable', async () => {
  await broker.access.allow('e', SECRET);
  const client = await device('e');
  let refusals = 1;
  handlers.durable = async () => {
    refusals -= 1;
    if (refusals >= 0) throw new Error('the log is full');
  };
  await client.publishAsync(measurements('e'), 'kept', { qos: 1 });
  await handlers.receivedCount(2);
  expect(handlers.received.map(textOf)).toEqual(['kept', 'kept']);
});

it('is given what was published while it was away', async () => {
  await broker.access.allow('f', SECRET);
  const client = await device('f');
  await broker.close();
  await client.publishAsync(measurements('f'), 'meanwhile', { qos: 1 });
  broker = await open(`ingest-${opened}`);
  await handlers.receivedCount(1);
  expect(textOf(handlers.received[0])).toBe('meanwhile');
});

it('shares messages with the other consumers: each is handed on once', async () => {
  await broker.access.allow('g', SECRET);
  await using _other = await open(`ingest-${opened}-other`);
  const client = await device('g');
  for (let n = 0; n < 60; n += 1) await client.publishAsync(measurements('g'), String(n), { qos: 1 });
  await handlers.receivedCount(60);
  expect(handlers.received.map(textOf).toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: 60 }, (_, n) => String(n)),
  );
});

it('gives a device its retained settings and nothing of another', async () => {
  await broker.access.allow('h', SECRET);
  await broker.publish('greencity/v1/h/config', 'kept', { retain: true });
  const client = await device('h');
  const told = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(String(payload))));
  const granted = await client.subscribeAsync('greencity/v1/+/config', { qos: 1 }).catch(() => undefined);
  expect(granted?.every(({ qos }) => qos === 128) ?? true).toBe(true);
  await client.subscribeAsync('greencity/v1/h/config', { qos: 1 });
  expect(await told).toBe('kept');
});

it('ends the session of a device whose access is revoked, and lets it in no more', async () => {
  await broker.access.allow('i', SECRET);
  const client = await device('i');
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await broker.access.revoke('i');
  await ended;
  await expect(device('i')).rejects.toMatchObject({ code: 5 });
});

it('ends the session of a device on demand, which may connect again', async () => {
  await broker.access.allow('j', SECRET);
  const client = await device('j');
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
  broker.disconnect('j');
  await ended;
  await expect
    .poll(() =>
      device('j').then(
        () => 'in',
        () => 'out',
      ),
    )
    .toBe('in');
});

it('goes on after Mosquitto was killed: devices come in with what they had, and what they send is taken again', async () => {
  await broker.access.allow('k', SECRET);
  await mosquitto.kill();
  await mosquitto.start();
  await expect
    .poll(
      () =>
        device('k').then(
          () => 'in',
          () => 'out',
        ),
      { timeout: 10_000 },
    )
    .toBe('in');
  // What comes before the consumers are back is lost where their sessions had not been saved yet: a device sends on.
  const sendsOn = async () => {
    await clients.at(-1)?.publishAsync(measurements('k'), 'again', { qos: 1 });
    return handlers.received.length;
  };
  await expect.poll(sendsOn, { timeout: 15_000 }).toBeGreaterThan(0);
  expect(textOf(handlers.received[0])).toBe('again');
});

it('names Mosquitto and the user when the password is wrong, and not the password', async () => {
  const wrong = mosquitto.url.replace(mosquitto.admin.password, 'not-the-password');
  const opening = open('wrong', wrong);
  await expect(opening).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  await expect(opening).rejects.toThrow('user admin');
  await expect(opening).rejects.not.toThrow('not-the-password');
});

it('takes messages from a broker that is bridged to another', async () => {
  await broker.access.allow('l', SECRET);
  await using neighbour = await startMosquitto({ bridgeTo: mosquitto });
  await using _there = await open('far-ingest', neighbour.url);
  await broker.publish(measurements('l'), 'over the bridge', { retain: false });
  await handlers.receivedCount(2);
  expect(handlers.received.map(textOf)).toEqual(['over the bridge', 'over the bridge']);
});
