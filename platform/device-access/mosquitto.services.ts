import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Mosquitto, startMosquitto } from '../../tools/engines/mosquitto.ts';
import { memoryLog } from '../log/memory-log.ts';
import { openMosquittoAccess } from './mosquitto.ts';
import type { DeviceAccess } from './port.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const NOT_AUTHORISED = { code: 135 };

let mosquitto: Mosquitto;
let access: DeviceAccess;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
  access = await open();
});
afterAll(async () => {
  await access?.[Symbol.asyncDispose]();
  await mosquitto?.stop();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

const open = (url = mosquitto.devicesUrl) => openMosquittoAccess({ connection: { url }, log: memoryLog() });
const grant = (deviceId: string, text: string) => access.grant(deviceId, { text, hash: hashOf(text) });

/** A device over TLS 1.3, as it is in the field. */
async function device(username: string, password: string, options: IClientOptions = {}): Promise<MqttClient> {
  const ca = readFileSync(mosquitto.certificates.ca);
  const settings = { username, password, ca, protocolVersion: 5, reconnectPeriod: 0, ...options } as const;
  const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${mosquitto.tlsPort}`, settings, false);
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

describe('a device', () => {
  it('signs in with its id and its secret, and not with another, nor as somebody else', async () => {
    expect(await grant('a', 'secret-a')).toBe('a');
    await device('a', 'secret-a');
    await expect(device('a', 'secret-b')).rejects.toMatchObject(NOT_AUTHORISED);
    await expect(device('nobody', 'secret-a')).rejects.toMatchObject(NOT_AUTHORISED);
  });

  it('publishes to its own topics alone, of which the desired settings are not', async () => {
    const client = await device(await grant('b', 'secret'), 'secret');
    for (const tail of ['measurements', 'status', 'config/state', 'of-newer-firmware'])
      await client.publishAsync(`greencity/v1/b/${tail}`, '{}', { qos: 1 });
    for (const topic of [
      'greencity/v1/b/config',
      'greencity/v1/a/measurements',
      'greencity/v1/bb/status',
      'b',
      '$CONTROL/dynamic-security/v1',
    ])
      await expect(client.publishAsync(topic, '{}', { qos: 1 }), topic).rejects.toThrow('Not authorized');
  });

  it('reads its own topics alone', async () => {
    const client = await device(await grant('c', 'secret'), 'secret');
    await client.subscribeAsync(['greencity/v1/c/config', 'greencity/v1/c/#']);
    for (const filter of [
      '#',
      'greencity/v1/+/config',
      'greencity/v1/a/config',
      '$share/ingest/greencity/v1/#',
      '$SYS/#',
    ])
      await expect(client.subscribeAsync(filter), filter).rejects.toThrow('Not authorized');
  });

  it('with two secrets signs in with either, each under the name that goes with it', async () => {
    const older = await grant('d', 'older');
    const newer = await grant('d', 'newer');
    expect(newer).toMatch(/^d~[0-9a-f]{8}$/);
    await device(older, 'older');
    const client = await device(newer, 'newer');
    await client.publishAsync('greencity/v1/d/measurements', '{}', { qos: 1 });
    await expect(device(older, 'newer')).rejects.toMatchObject(NOT_AUTHORISED);
  });

  it('that may not keep a secret is cut off where it signed in with it, and nowhere else', async () => {
    const [older, newer] = [await grant('e', 'older'), await grant('e', 'newer')];
    const [first, second] = [await device(older, 'older'), await device(newer, 'newer')];
    const ended = closed(first);
    await access.keepOnly({ deviceId: 'e', hashes: [hashOf('newer')] });
    await ended;
    await expect(device(older, 'older')).rejects.toMatchObject(NOT_AUTHORISED);
    await second.publishAsync('greencity/v1/e/measurements', '{}', { qos: 1 });
    expect(await grant('e', 'third'), 'the name is free again').toBe('e');
  });

  it('that is left no secret is cut off and not let in again', async () => {
    const client = await device(await grant('f', 'secret'), 'secret');
    const ended = closed(client);
    await access.keepOnly({ deviceId: 'f', hashes: [] });
    await ended;
    await expect(device('f', 'secret')).rejects.toMatchObject(NOT_AUTHORISED);
  });
});

describe('what the broker holds', () => {
  it('is brought to what is wanted, and what cannot be given back is named', async () => {
    await grant('kept', 'kept');
    await grant('gone', 'gone');
    const lacking = await access.reconcile([
      { deviceId: 'kept', hashes: [hashOf('kept')] },
      { deviceId: 'half', hashes: [hashOf('unknown')] },
      { deviceId: 'mute', hashes: [] },
    ]);
    expect(lacking).toEqual(['half']);
    await device('kept', 'kept');
    await expect(device('gone', 'gone')).rejects.toMatchObject(NOT_AUTHORISED);
  });

  it('outlives a kill, of which is told when it can be asked again', async () => {
    await grant('g', 'secret');
    const back = new Promise<void>((resolve) => access.onBack(resolve));
    await mosquitto.kill();
    await expect.poll(() => access.trouble?.code).toBe('ENGINE_UNREACHABLE');
    await expect(grant('h', 'secret')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    await mosquitto.start();
    await back;
    expect(await access.reconcile([{ deviceId: 'g', hashes: [hashOf('secret')] }])).toEqual([]);
    await device('g', 'secret');
    await expect(device('h', 'secret'), 'a command is not sent late').rejects.toMatchObject(NOT_AUTHORISED);
  });

  it('is left alone where it is no device', async () => {
    await access.reconcile([]);
    await using again = await open();
    expect(again.trouble).toBeUndefined();
  });
});

describe('a broker that cannot be used', () => {
  it('is named with the user, and not with the password', async () => {
    const wrong = new URL(mosquitto.devicesUrl);
    wrong.password = 'not-the-password';
    const opening = open(wrong.href);
    await expect(opening).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
    await expect(opening).rejects.toThrow('user greencity.devices');
    await expect(opening).rejects.not.toThrow('not-the-password');
  });

  it('is named when its user may not change rights', async () => {
    await expect(open(mosquitto.ingestUrl)).rejects.toThrow('dynamic-security plugin does not answer');
  });

  it('is named when it has no such plugin', async () => {
    await using plain = await startMosquitto({ withoutPlugin: true });
    const opening = open(plain.devicesUrl);
    await expect(opening).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
    await expect(opening).rejects.toThrow('dynamic-security plugin does not answer');
  });

  it('is gone on without when it does not answer, and can be used once it does', async () => {
    await using later = await startMosquitto();
    await later.kill();
    await using opened = await open(later.devicesUrl);
    expect(opened.trouble?.code).toBe('ENGINE_UNREACHABLE');
    await later.start();
    await expect.poll(() => opened.trouble, { timeout: 10_000 }).toBeUndefined();
    expect(await opened.grant('a', { text: 'secret', hash: hashOf('secret') })).toBe('a');
  });
});
