import { hash } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDevice, openIntake, register, type TestIntake } from './fixtures/intake.ts';

const BAD_CREDENTIALS = { code: 4 };
const NOT_AUTHORISED = { code: 5 };

let intake: TestIntake;
beforeEach(async () => {
  intake = await openIntake();
  await register(intake.eventLog, aDevice());
});
afterEach(() => intake.close());

const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));
const refusals = (reason: string) => intake.counted('mqtt_connections_refused_total', `reason="${reason}"`);

describe('a device', () => {
  it('that was registered a moment ago connects at once', async () => {
    await register(intake.eventLog, aDevice({ deviceId: 'new' }));
    expect((await intake.connect('new')).connected).toBe(true);
  });

  it('whose secret was changed a moment ago connects with the new one at once', async () => {
    await intake.directory.caughtUp();
    await register(intake.eventLog, aDevice({ secretHashes: [hash('sha256', 'another')] }));
    expect((await intake.connect('station', { password: 'another' })).connected).toBe(true);
  });

  it('with two valid secrets connects with either', async () => {
    const secretHashes = [hash('sha256', 'old'), hash('sha256', 'new')];
    await register(intake.eventLog, aDevice({ deviceId: 'two', secretHashes }));
    for (const password of ['old', 'new']) expect((await intake.connect('two', { password })).connected).toBe(true);
  });

  it('that nobody registered is refused and counted', async () => {
    await expect(intake.connect('stranger')).rejects.toMatchObject(BAD_CREDENTIALS);
    expect(refusals('UNKNOWN_DEVICE')).toBe(1);
  });

  it('with a wrong secret, or none, is refused and counted, and the session of the right one goes on', async () => {
    const right = await intake.connect('station');
    await expect(intake.connect('station', { password: 'wrong' })).rejects.toMatchObject(BAD_CREDENTIALS);
    await expect(intake.connect('station', { password: '' })).rejects.toMatchObject(BAD_CREDENTIALS);
    expect(refusals('WRONG_CREDENTIALS')).toBe(2);
    expect(right.connected).toBe(true);
  });

  it('without a secret of its own lets nobody in, also where its hash is damaged', async () => {
    await register(intake.eventLog, aDevice({ deviceId: 'bare', secretHashes: [] }));
    await register(intake.eventLog, aDevice({ deviceId: 'damaged', secretHashes: ['', 'zz'] }));
    await expect(intake.connect('bare', { password: '' })).rejects.toMatchObject(BAD_CREDENTIALS);
    await expect(intake.connect('damaged', { password: '' })).rejects.toMatchObject(BAD_CREDENTIALS);
  });

  it('that is retired is refused', async () => {
    await register(intake.eventLog, aDevice({ retired: true }));
    await expect(intake.connect('station')).rejects.toMatchObject(NOT_AUTHORISED);
    expect(refusals('RETIRED_DEVICE')).toBe(1);
  });
});

describe('a session', () => {
  it('ends when its device is retired, and no other does', async () => {
    await register(intake.eventLog, aDevice({ deviceId: 'neighbour' }));
    const [client, neighbour] = [await intake.connect('station'), await intake.connect('neighbour')];
    const ended = closed(client);
    await register(intake.eventLog, aDevice({ retired: true }));
    await ended;
    await expect(intake.connect('station')).rejects.toMatchObject(NOT_AUTHORISED);
    expect(neighbour.connected).toBe(true);
  });

  it('ends when the secret it began with is no longer valid, and not while it is', async () => {
    const client = await intake.connect('station');
    const own = hash('sha256', 'secret of station');
    await register(intake.eventLog, aDevice({ name: 'renamed', secretHashes: [own, hash('sha256', 'next')] }));
    await intake.directory.caughtUp();
    await client.publishAsync('greencity/v1/station/measurements', '{"values":{"pm10":1}}', { qos: 1 });
    const ended = closed(client);
    await register(intake.eventLog, aDevice({ secretHashes: [hash('sha256', 'next')] }));
    await ended;
  });
});
