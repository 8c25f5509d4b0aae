/** The replay against a small platform: a file in, readings of registered devices out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type SmallPlatform, smallPlatform, TOKEN } from '../fixtures/small-platform.ts';
import { openApi } from '../operator/api.ts';
import { type ReplayOptions, replay } from './replay.ts';

const HEADER = 'sensor_id,sensor_type,location,lat,lon,timestamp,P1,P2,temperature,humidity,pressure';
const MINUTES = 300;

let platform: SmallPlatform;
let folder: string;
let file: string;
beforeEach(async () => {
  platform = await smallPlatform();
  folder = mkdtempSync(join(tmpdir(), 'greencity-replay-'));
  file = join(folder, 'archive.csv');
});
afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Two places, each with particles and climate a second apart, each minute. */
function archive(minutes: number, stepMs = 60_000): readonly string[] {
  const time = (minute: number, second: number) =>
    new Date(Date.UTC(2019, 4, 1) + minute * stepMs + second * (stepMs / 60)).toISOString().slice(0, 23);
  return Array.from({ length: minutes }, (_, minute) => [
    `1,SDS011,10,57.1,-2.1,${time(minute, 5)},${minute / 10},1.5,,,`,
    `2,DHT22,10,57.1,-2.1,${time(minute, 6)},,,10.5,71,`,
    `3,SDS011,11,57.2,-2.2,${time(minute, 30)},7,${minute / 100},,,`,
    `4,BME280,11,57.2,-2.2,${time(minute, 31)},,,9,80,101325`,
  ]).flat();
}

function options(given: Partial<ReplayOptions> = {}): ReplayOptions {
  return {
    file,
    speed: undefined,
    originalTime: false,
    untilEnd: true,
    zones: { kind: 'made' },
    api: openApi(platform.url, { kind: 'token', token: TOKEN }),
    mqttUrl: platform.mqttUrl,
    clock: systemClock(),
    signal: new AbortController().signal,
    say: () => {},
    onProgress: () => {},
    ...given,
  };
}

it('registers the places, makes zones, and sends every row as its device, packed and in order', async () => {
  writeFileSync(file, [HEADER, ...archive(MINUTES), 'rubbish'].join('\n'));
  const summary = await replay(options({ originalTime: true }));
  expect(summary).toMatchObject({
    devices: 2,
    rows: MINUTES * 4 + 1,
    published: MINUTES * 4,
    acknowledged: MINUTES * 4,
    interrupted: false,
  });
  expect(Object.fromEntries(summary.skipped)).toEqual({ WRONG_NUMBER_OF_COLUMNS: 1 });
  expect(platform.received).toHaveLength(MINUTES * 4);
  expect(platform.messages.length).toBeLessThan(MINUTES / 5);
  expect(platform.messages.every(({ payload }) => payload.length <= 8_192)).toBe(true);
  const first = platform.received.filter(({ deviceId }) => deviceId === 'sc-10');
  expect(first.slice(0, 3)).toEqual([
    { deviceId: 'sc-10', timeMs: Date.UTC(2019, 4, 1, 0, 0, 5), values: { pm10: 0, pm2_5: 1.5 } },
    { deviceId: 'sc-10', timeMs: Date.UTC(2019, 4, 1, 0, 0, 6), values: { temperature: 10.5, humidity: 71 } },
    { deviceId: 'sc-10', timeMs: Date.UTC(2019, 4, 1, 0, 1, 5), values: { pm10: 0.1, pm2_5: 1.5 } },
  ]);
  expect(platform.devices.get('sc-10')).toMatchObject({ sensors: ['SDS011', 'DHT22'], environment: 'OUTDOOR' });
  expect(platform.zones.size).toBeGreaterThan(0);
});

it('shifts the times so that the data ends now', async () => {
  writeFileSync(file, [HEADER, ...archive(10)].join('\n'));
  const beforeMs = Date.now();
  await replay(options());
  const newestMs = Math.max(...platform.received.map(({ timeMs }) => timeMs));
  expect(newestMs).toBeGreaterThanOrEqual(beforeMs);
  expect(newestMs).toBeLessThanOrEqual(Date.now());
});

it('can be run again: the devices get new credentials, the platform keeps zones of its own', async () => {
  writeFileSync(file, [HEADER, ...archive(2)].join('\n'));
  platform.zones.set('harbour', { id: 'harbour', name: 'Harbour', region: 'Aberdeen', boundary: [] });
  await replay(options());
  await replay(options());
  expect(platform.calls.filter((name) => name === 'rotateDeviceCredentials')).toHaveLength(2);
  expect(platform.received).toHaveLength(16);
  expect([...platform.zones.keys()]).toEqual(['harbour']);
});

it('leaves the zones that another file was given as they are', async () => {
  writeFileSync(file, [HEADER, ...archive(2)].join('\n'));
  await replay(options());
  const zones = new Map(platform.zones);
  writeFileSync(file, [HEADER, '5,SDS011,12,51.5,-0.1,2019-05-01T00:00:00,7,3,,,'].join('\n'));
  await replay(options());
  expect(platform.devices.has('sc-12')).toBe(true);
  expect(platform.zones).toEqual(zones);
});

it('registers a device without a sensor model that the platform does not know', async () => {
  writeFileSync(
    file,
    [
      HEADER,
      '1,NOVELTY,10,57.1,-2.1,2019-05-01T00:00:00,1,1,,,',
      '2,DHT22,10,57.1,-2.1,2019-05-01T00:00:01,,,1,50,',
    ].join('\n'),
  );
  await replay(options());
  expect(platform.devices.get('sc-10')?.sensors).toEqual(['DHT22']);
});

it('goes on live from the start of the data when the history is in, until it is stopped', async () => {
  writeFileSync(file, [HEADER, ...archive(5, 60)].join('\n'));
  const stop = new AbortController();
  const running = replay(options({ untilEnd: false, signal: stop.signal }));
  await platform.arrived(40);
  stop.abort();
  const summary = await running;
  expect(summary).toMatchObject({ published: 20, interrupted: false });
  const ofOne = platform.received.filter(({ deviceId }) => deviceId === 'sc-10');
  expect(ofOne.slice(10, 20).map(({ values }) => values)).toEqual(ofOne.slice(0, 10).map(({ values }) => values));
  const times = ofOne.map(({ timeMs }) => timeMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

it('paced, sends one message for each reading', async () => {
  writeFileSync(file, [HEADER, ...archive(5, 60)].join('\n'));
  const summary = await replay(options({ speed: 2 }));
  expect(summary.messages).toBe(20);
});

it('does not pace a file that is out of order', async () => {
  const rows = archive(60);
  writeFileSync(file, [HEADER, ...rows.slice(120), ...rows.slice(0, 120)].join('\n'));
  await expect(replay(options({ speed: 10 }))).rejects.toThrow(/order of time/);
});

it('stops early when it is told to, with all that it published acknowledged', async () => {
  writeFileSync(file, [HEADER, ...archive(5_000)].join('\n'));
  const stop = new AbortController();
  const summary = await replay(
    options({
      signal: stop.signal,
      onProgress: ({ rows }) => {
        if (rows > 2_000) stop.abort();
      },
    }),
  );
  expect(summary.interrupted).toBe(true);
  expect(summary.published).toBe(summary.acknowledged);
  expect(summary.published).toBeLessThan(20_000);
});

it('says who is not there', async () => {
  writeFileSync(file, [HEADER, ...archive(1)].join('\n'));
  await expect(replay(options({ mqttUrl: 'mqtt://127.0.0.1:1' }))).rejects.toMatchObject({ code: 'UNREACHABLE' });
  const api = openApi('http://127.0.0.1:1', { kind: 'token', token: TOKEN });
  await expect(replay(options({ api }))).rejects.toMatchObject({ code: 'UNREACHABLE' });
});
