import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMAIL, PASSWORD, type SmallPlatform, smallPlatform, TOKEN } from '../fixtures/small-platform.ts';
import { openApi } from './api.ts';
import { packMessages } from './message.ts';
import { openSession, SignInRefused } from './mqtt-session.ts';
import { ensureDevice, forEachOfMany } from './roster.ts';
import { findPlatform, positive, UsageError } from './where.ts';

describe('finding the platform', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'greencity-where-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('asks the data folder of the one that runs here for ports and a token', () => {
    writeFileSync(join(dataDir, 'endpoint.json'), '{"pid":1,"httpPort":4321,"mqttPort":1999}\n');
    writeFileSync(join(dataDir, 'operator.token'), 'left here\n');
    expect(findPlatform({}, { DATA_DIR: dataDir })).toEqual({
      url: 'http://127.0.0.1:4321',
      mqttUrl: 'mqtt://127.0.0.1:1999',
      credentials: { kind: 'token', token: 'left here' },
    });
  });

  it('finds the broker that devices of this platform connect to outside of it', () => {
    writeFileSync(
      join(dataDir, 'endpoint.json'),
      '{"pid":1,"httpPort":4321,"mqttUrl":"mqtts://mqtt.example.org:8883"}\n',
    );
    expect(findPlatform({ token: 'x' }, { DATA_DIR: dataDir }).mqttUrl).toBe('mqtts://mqtt.example.org:8883');
  });

  it('prefers what it is told, and knows the usual ports', () => {
    const found = findPlatform(
      { url: 'https://air.example.org/', token: 'mine' },
      { DATA_DIR: dataDir, GREENCITY_TOKEN: 'other' },
    );
    expect(found).toEqual({
      url: 'https://air.example.org',
      mqttUrl: 'mqtt://127.0.0.1:1883',
      credentials: { kind: 'token', token: 'mine' },
    });
    expect(findPlatform({}, { DATA_DIR: dataDir, GREENCITY_TOKEN: 'other' }).credentials).toEqual({
      kind: 'token',
      token: 'other',
    });
    expect(findPlatform({}, { DATA_DIR: dataDir, ADMIN_PASSWORD: 'secret' }).credentials).toEqual({
      kind: 'password',
      email: 'admin@greencity.local',
      password: 'secret',
    });
  });

  it('says what is missing or wrong', () => {
    expect(() => findPlatform({}, { DATA_DIR: dataDir })).toThrow(/Who are you/);
    expect(() => findPlatform({ url: 'localhost:4000', token: 'x' }, {})).toThrow(/--url must be a URL/);
    expect(() => findPlatform({ mqtt: 'http://localhost', token: 'x' }, {})).toThrow(/--mqtt must be a URL/);
    expect(positive('speed', '2.5')).toBe(2.5);
    for (const text of ['0', '-1', 'fast', '']) expect(() => positive('speed', text)).toThrow(UsageError);
  });
});

describe('packing messages', () => {
  it('leaves one reading alone and puts several into arrays below 8 KiB, in order', () => {
    const reading = (index: number) => ({ timeMs: index * 1000, values: { pm2_5: index / 10, pm10: 20.5 } });
    expect([...packMessages([reading(0)])]).toEqual([
      { payload: '{"time":"1970-01-01T00:00:00.000Z","values":{"pm2_5":0,"pm10":20.5}}', readings: 1 },
    ]);
    const packed = [...packMessages(Array.from({ length: 1_000 }, (_, index) => reading(index)))];
    expect(packed.every(({ payload }) => payload.length <= 8 * 1024)).toBe(true);
    expect(packed.length).toBeLessThan(12);
    const values = packed.flatMap(({ payload }) =>
      (JSON.parse(payload) as { values: { pm2_5: number } }[]).map((one) => one.values.pm2_5),
    );
    expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => index / 10));
    expect([...packMessages([])]).toEqual([]);
  });
});

it('stops handing out work at the first failure and rejects with it', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 3) throw new Error('third');
    return item * 2;
  };
  await expect(forEachOfMany([1, 2, 3, 4, 5, 6, 7, 8], work, 2)).rejects.toThrow('third');
  expect(begun.length).toBeLessThan(6);
  expect(await forEachOfMany([1, 2], work)).toEqual([2, 4]);
});

describe('with a platform', () => {
  let platform: SmallPlatform;
  beforeEach(async () => {
    platform = await smallPlatform();
  });
  afterEach(() => platform[Symbol.asyncDispose]());

  const draft = { id: 'a', name: 'A', latitude: 57, longitude: -2, sensors: ['SDS011'], tags: [] };

  it('the API signs in once with a password, and again when its token is no longer taken', async () => {
    const api = openApi(platform.url, { kind: 'password', email: EMAIL, password: PASSWORD });
    await Promise.all([api.call('{ zones { id } }'), api.call('{ zones { id } }')]);
    expect(platform.calls.filter((name) => name === 'signIn')).toHaveLength(1);
    const stranger = openApi(platform.url, { kind: 'password', email: EMAIL, password: 'wrong' });
    await expect(stranger.call('{ zones { id } }')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(openApi(platform.url, { kind: 'token', token: 'old' }).call('{ zones { id } }')).rejects.toMatchObject(
      { code: 'UNAUTHENTICATED' },
    );
  });

  it('a session publishes with acknowledgement and says goodbye', async () => {
    const api = openApi(platform.url, { kind: 'token', token: TOKEN });
    const { username, password } = await ensureDevice(api, draft);
    const session = await openSession({ host: '127.0.0.1', port: platform.mqttPort, username, password });
    const payload = '{"time":"2026-11-23T10:00:00Z","values":{"pm2_5":1}}';
    await Promise.all(
      Array.from({ length: 50 }, () => session.publish({ topic: 'greencity/v1/a/measurements', payload })),
    );
    expect(platform.received).toHaveLength(50);
    await session.end();
    await session.end();
    await expect(session.publish({ topic: 'greencity/v1/a/measurements', payload })).rejects.toThrow();
  });

  it('a session with a wrong password is refused as such', async () => {
    const wrong = { host: '127.0.0.1', port: platform.mqttPort, username: 'a', password: 'guess' };
    await expect(openSession(wrong)).rejects.toThrow(SignInRefused);
  });

  it('a message that is not taken rejects, because the broker closes the connection', async () => {
    const { username, password } = await ensureDevice(openApi(platform.url, { kind: 'token', token: TOKEN }), draft);
    const session = await openSession({ host: '127.0.0.1', port: platform.mqttPort, username, password });
    platform.refusing = true;
    await expect(session.publish({ topic: 'greencity/v1/a/measurements', payload: '{}' })).rejects.toThrow(
      /closed|ECONNRESET/,
    );
    await session.end();
  });

  it('a session with nobody rejects', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    await expect(openSession({ host: '127.0.0.1', port, username: 'a', password: 'b' })).rejects.toThrow(
      /ECONNREFUSED/,
    );
  });
});
