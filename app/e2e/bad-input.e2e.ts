/** Rubbish, strangers and a broken machine: each has a named reason and a counter, and nobody else is disturbed. */

import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './client.ts';
import { type Platform, runToEnd, startPlatform } from './platform.ts';

const PLACE = { latitude: 57.14, longitude: -2.09 };

let platform: Platform;
let device: Awaited<ReturnType<Platform['register']>>;
let other: Awaited<ReturnType<Platform['register']>>;

beforeAll(async () => {
  platform = await startPlatform();
  device = await platform.register({ name: 'Loud', location: PLACE, sensors: ['SDS011'] });
  other = await platform.register({ name: 'Quiet', location: PLACE, sensors: ['SDS011'] });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
});

const nested = (time: string) => JSON.stringify({ time, values: { pm2_5: 5 } });
const rubbish: readonly { readonly what: string; readonly reason: string; readonly payload: string }[] = [
  { what: 'text that is not JSON', reason: 'MALFORMED_JSON', payload: '{"values":' },
  { what: 'JSON that is no reading', reason: 'NOT_A_READING', payload: '"hello"' },
  { what: 'a reading without values', reason: 'NO_VALUES', payload: '{"seq":1}' },
  { what: 'an unknown metric', reason: 'UNKNOWN_METRIC', payload: '{"values":{"radon":3}}' },
  { what: 'a value that is no number', reason: 'NOT_A_NUMBER', payload: '{"values":{"pm2_5":"NaN"}}' },
  { what: 'a value that cannot be', reason: 'OUT_OF_RANGE', payload: '{"values":{"temperature":-300}}' },
  { what: 'a time that is none', reason: 'BAD_TIME', payload: nested('yesterday') },
  { what: 'a time long past', reason: 'TOO_OLD', payload: nested('2001-01-01T00:00:00Z') },
  { what: 'a time to come', reason: 'IN_THE_FUTURE', payload: nested('2099-01-01T00:00:00Z') },
  {
    what: 'a message too large',
    reason: 'TOO_LARGE',
    payload: JSON.stringify({ values: { pm2_5: 5 }, filler: 'x'.repeat(9_000) }),
  },
];

async function deadLetters(reason: string): Promise<readonly { readonly reason: string; readonly deviceId: string }[]> {
  const answer = await platform.graphql(
    'query ($reason: String) { deadLetters(first: 10, reason: $reason) { reason deviceId detail payload } }',
    { reason },
  );
  return answer.data.deadLetters;
}

/** A counter's value at `/metrics`. */
async function counted(pattern: RegExp): Promise<number> {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => pattern.test(line))
      ?.split(' ')
      .at(-1) ?? 0,
  );
}

describe('a device that sends', () => {
  it.each(rubbish)(
    '$what gets a dead letter $reason and a counter, and its neighbour goes on',
    async ({ reason, payload }) => {
      const before = await counted(new RegExp(`^ingest_refused_total\\{.*reason="${reason}"`));
      const [loud, quiet] = await Promise.all([platform.connect(device), platform.connect(other)]);
      loud.on('error', () => {});
      loud.publish(`greencity/v1/${device.id}/measurements`, payload, { qos: 1 });
      const letter = await eventually(reason, async () => (await deadLetters(reason))[0]);
      expect(letter).toMatchObject({ reason, deviceId: device.id });
      expect(await counted(new RegExp(`^ingest_refused_total\\{.*reason="${reason}"`))).toBeGreaterThan(before);
      await quiet.publishAsync(`greencity/v1/${other.id}/measurements`, '{"values":{"pm2_5":5}}', { qos: 1 });
      await Promise.all([loud.endAsync(true), quiet.endAsync()]);
    },
  );

  it('one bad value among good ones loses only that', async () => {
    const client = await platform.connect(device);
    const time = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    await client.publishAsync(
      `greencity/v1/${device.id}/measurements`,
      JSON.stringify({ time, values: { pm10: 'many', humidity: 51 } }),
      { qos: 1 },
    );
    await client.endAsync();
    const query = 'query ($id: ID!) { device(id: $id) { latest { metric value time } } }';
    const found = await eventually('the good value', async () => {
      const { latest } = (await platform.graphql(query, { id: device.id })).data.device;
      return latest.find((measurement: { metric: string }) => measurement.metric === 'HUMIDITY');
    });
    expect(found).toEqual({ metric: 'HUMIDITY', value: 51, time });
  });
});

describe('a stranger', () => {
  it('with an unknown id or a wrong secret is refused', async () => {
    await expect(platform.connect({ username: 'nobody', password: 'x' })).rejects.toThrow(
      /[Nn]ot authorized|Bad username/,
    );
    await expect(platform.connect({ username: device.id, password: 'x' })).rejects.toThrow(
      /[Nn]ot authorized|Bad username/,
    );
  });

  it('cannot publish below another device', async () => {
    const client = await platform.connect(device);
    client.on('error', () => {});
    client.publish(`greencity/v1/${other.id}/measurements`, '{"values":{"pm2_5":499}}', { qos: 1 });
    const letter = await eventually('FOREIGN_TOPIC', async () => (await deadLetters('FOREIGN_TOPIC'))[0]);
    expect(letter.deviceId).toBe(device.id);
    await client.endAsync(true);
  });
});

describe('a start', () => {
  it('on a port in use names the port and its setting', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const http = await runToEnd({ env: { PORT: String(port) } });
    const mqtt = await runToEnd({ env: { MQTT_PORT: String(port), ADMIN_PASSWORD: undefined } });
    taken.close();
    expect(http.code).toBe(1);
    expect(http.output).toMatch(new RegExp(`PORT_IN_USE.*${port}: set PORT to`));
    expect(mqtt.code).toBe(1);
    expect(mqtt.output).toMatch(new RegExp(`PORT_IN_USE.*${port}: set MQTT_PORT to`));
    // The admin is there from now on, and nobody would know its password.
    expect(mqtt.output).toMatch(/Administrator .*, password \S{22} /);
  });

  it('with wrong settings lists them all and prints no stack', async () => {
    const { code, output } = await runToEnd({ env: { PORT: 'eighty', DEMO: 'perhaps' } });
    expect(code).toBe(1);
    expect(output).toContain('BAD_SETTING');
    expect(output).toContain('PORT must be');
    expect(output).toContain('DEMO must be');
    expect(output).not.toMatch(/^\s+at /m);
  });

  it('at an address of another machine, with a file for its data folder or a replay of no file, says so and prints no stack', async () => {
    const host = await runToEnd({ env: { HOST: '192.0.2.1' } });
    expect(host.output).toMatch(/BAD_SETTING.*HOST 192\.0\.2\.1, PORT \d+: /);
    const folder = await runToEnd({ dataDir: fileURLToPath(import.meta.url) });
    expect(folder.output).toMatch(/BAD_SETTING.*DATA_DIR .*: /);
    const replay = await runToEnd({ args: ['--replay', '/nowhere/day.csv'] });
    expect(replay.output).toMatch(/BAD_SETTING.*--replay.*\/nowhere\/day\.csv/);
    for (const { code, output } of [host, folder, replay]) {
      expect(code).toBe(1);
      expect(output).not.toMatch(/^\s+at /m);
    }
  });

  it('on a data folder that is in use says so and leaves the other process alone', async () => {
    const { code, output } = await runToEnd({ dataDir: platform.dataDir });
    expect(code).toBe(1);
    expect(output).toContain('DATA_DIR_IN_USE');
    expect((await fetch(`${platform.url}/ready`)).ok).toBe(true);
  });

  it('after a log file was cut short, or got half a record at its end, keeps all that is whole', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'greencity-torn-'));
    try {
      const first = await startPlatform({ dataDir });
      const sender = await first.register({ name: 'Torn', location: PLACE, sensors: ['SDS011'] });
      const client = await first.connect(sender);
      const times = Array.from({ length: 20 }, (_, index) =>
        new Date(Date.now() - 60_000 + index * 1_000).toISOString(),
      );
      for (const time of times)
        await client.publishAsync(
          `greencity/v1/${sender.id}/measurements`,
          JSON.stringify({ time, values: { pm10: 7 } }),
          { qos: 1 },
        );
      await client.endAsync();
      await first.kill();
      const folder = join(dataDir, 'log', 'raw.measurements');
      const segment = join(
        folder,
        readdirSync(folder)
          .filter((name) => name.endsWith('.log'))
          .sort()
          .at(-1) ?? '',
      );
      truncateSync(segment, statSync(segment).size - 7);
      appendFileSync(segment, Buffer.from([0, 0, 1, 44, 7]));
      const second = await startPlatform({ dataDir });
      const query =
        'query ($id: ID!, $from: DateTime!, $to: DateTime!) { device(id: $id) { series(metric: PM10, from: $from, to: $to) { points { time } } } }';
      const range = {
        from: new Date(Date.now() - 600_000).toISOString(),
        to: new Date(Date.now() + 1_000).toISOString(),
      };
      const points = await eventually('the readings', async () => {
        const found = (await second.graphql(query, { id: sender.id, ...range })).data.device.series.points;
        return found.length >= 19 ? found : undefined;
      });
      expect(points.length).toBeLessThanOrEqual(20);
      await second.stop();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
