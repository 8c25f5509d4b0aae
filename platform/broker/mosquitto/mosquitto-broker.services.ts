import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Mosquitto, startMosquitto } from '../../../tools/engines/mosquitto.ts';
import { systemClock } from '../../clock/system-clock.ts';
import { openMosquittoAccess } from '../../device-access/mosquitto.ts';
import type { DeviceAccess } from '../../device-access/port.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { memoryMetrics } from '../../metrics/memory-metrics.ts';
import { brokerContract } from '../contract.ts';
import { type ToldHandlers, textOf, toldHandlers } from '../fixtures/handlers.ts';
import type { Broker } from '../port.ts';
import { openMosquittoBroker } from './mosquitto-broker.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

brokerContract({
  name: 'Mosquitto',
  capabilities: { asksHandlers: false, acknowledgesWhenDurable: false, tellsLastWills: false, boundsEachClient: false },
  async open({ handlers, limits }) {
    await using stack = new AsyncDisposableStack();
    const mosquitto = stack.use(await startMosquitto());
    const access = stack.use(
      await openMosquittoAccess({ connection: { url: mosquitto.devicesUrl }, log: memoryLog() }),
    );
    const start = () =>
      openMosquittoBroker({
        ...{ connection: { url: mosquitto.ingestUrl }, consumerName: 'ingest', handlers, limits },
        ...{ clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() },
      });
    const broker = await start();
    const opened = stack.move();
    return {
      broker,
      root: 'greencity/v1/',
      async admit(deviceId, text) {
        await access.grant(deviceId, { text, hash: hashOf(text) });
      },
      reopen: start,
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});

const SECRET = 'a-secret';

let mosquitto: Mosquitto;
let access: DeviceAccess;
let handlers: ToldHandlers;
let broker: Broker;
let opened = 0;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
  access = await openMosquittoAccess({ connection: { url: mosquitto.devicesUrl }, log: memoryLog() });
});
afterAll(async () => {
  await access?.[Symbol.asyncDispose]();
  await mosquitto?.stop();
});
beforeEach(async () => {
  handlers = toldHandlers();
  opened += 1;
  broker = await open(`ingest-${opened}`);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await broker.close();
});

function open(
  consumerName: string,
  connection: { url: string; ca?: string } = { url: mosquitto.ingestUrl },
  more: { several?: boolean } = {},
) {
  const instruments = { clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() };
  const limits = { payloadBytesMax: 8_192, inFlightMax: 100 };
  // A group for each test: the sessions of the others are still there.
  const names = { consumerName, group: `group-${opened}` };
  return openMosquittoBroker({ connection, ...names, handlers, limits, ...instruments, ...more });
}

const grant = (id: string, text = SECRET) => access.grant(id, { text, hash: hashOf(text) });

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

it('is given what was published while it was away, and nothing of what is retained from before', async () => {
  const client = await device(await grant('f'));
  await client.publishAsync('greencity/v1/f/status', 'online', { qos: 1, retain: true });
  await handlers.receivedCount(1);
  await broker.close();
  await client.publishAsync(measurements('f'), 'meanwhile', { qos: 1 });
  broker = await open(`ingest-${opened}`);
  await handlers.receivedCount(2);
  await client.publishAsync(measurements('f'), 'later', { qos: 1 });
  await handlers.receivedCount(3);
  expect(handlers.received.map(textOf)).toEqual(['online', 'meanwhile', 'later']);
});

it('shares messages with the other consumers: each is handed on once', async () => {
  await broker.close();
  broker = await open(`ingest-${opened}`, undefined, { several: true });
  await using _other = await open(`ingest-${opened}-other`, undefined, { several: true });
  const client = await device(await grant('g'));
  for (let n = 0; n < 60; n += 1) await client.publishAsync(measurements('g'), String(n), { qos: 1 });
  await handlers.receivedCount(60);
  expect(handlers.received.map(textOf).toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: 60 }, (_, n) => String(n)),
  );
});

it('goes on after Mosquitto was killed, and says meanwhile that nothing comes in', async () => {
  const username = await grant('k');
  await mosquitto.kill();
  await expect.poll(() => broker.trouble?.code).toBe('ENGINE_UNREACHABLE');
  await mosquitto.start();
  await expect.poll(() => broker.trouble ?? access.trouble, { timeout: 10_000 }).toBeUndefined();
  const client = await device(username);
  // What comes before the consumer has subscribed again is lost where its session had not been saved yet: a device sends on.
  const sendsOn = async () => {
    await client.publishAsync(measurements('k'), 'again', { qos: 1 });
    return handlers.received.length;
  };
  await expect.poll(sendsOn, { timeout: 15_000 }).toBeGreaterThan(0);
  expect(textOf(handlers.received[0])).toBe('again');
});

it('names Mosquitto and the user when the password is wrong, and not the password', async () => {
  const wrong = new URL(mosquitto.ingestUrl);
  wrong.password = 'not-the-password';
  const opening = open('wrong', { url: wrong.href });
  await expect(opening).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  await expect(opening).rejects.toThrow('user greencity.ingest');
  await expect(opening).rejects.not.toThrow('not-the-password');
});

it('names the subscription when its user may not have it', async () => {
  const opening = open('wrong', { url: mosquitto.devicesUrl });
  await expect(opening).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  await expect(opening).rejects.toThrow('may not subscribe');
});

it('does not speak to a broker whose certificate is from another authority, and says so', async () => {
  const url = new URL(mosquitto.ingestUrl.replace('mqtt:', 'mqtts:'));
  url.port = String(mosquitto.rolesTlsPort);
  await expect(open('wrong', { url: url.href })).rejects.toMatchObject({ code: 'ENGINE_UNTRUSTED' });
  await using _right = await open('right', { url: url.href, ca: readFileSync(mosquitto.certificates.ca, 'utf8') });
});

it('does not let a device end the session of another by taking its name for one', async () => {
  const [victim, intruder] = [await device(await grant('m')), await grant('n')];
  let ended = false;
  victim.on('close', () => {
    ended = true;
  });
  const ca = readFileSync(mosquitto.certificates.ca);
  const options = { username: intruder, password: SECRET, clientId: 'm', ca, reconnectPeriod: 0 };
  clients.push(await mqtt.connectAsync(`mqtts://127.0.0.1:${mosquitto.tlsPort}`, options, false));
  await victim.publishAsync(measurements('m'), 'still here', { qos: 1 });
  await handlers.receivedCount(1);
  expect(ended).toBe(false);
});

it('takes messages from a broker that is bridged to another', async () => {
  await using neighbour = await startMosquitto({ bridgeTo: mosquitto });
  await using _there = await open('far-ingest', { url: neighbour.ingestUrl });
  const client = await device(await grant('l'));
  await client.publishAsync(measurements('l'), 'over the bridge', { qos: 1 });
  await handlers.receivedCount(2);
  expect(handlers.received.map(textOf)).toEqual(['over the bridge', 'over the bridge']);
});
