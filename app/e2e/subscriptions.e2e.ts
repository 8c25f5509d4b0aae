/** Subscriptions of the contract over a kill -9 and a change of the supergraph: a client that reconnects misses nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socketClient } from '@greencity/gateway/fixtures/socket-client';
import { openStream } from '@greencity/gateway/fixtures/stream-client';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './client.ts';
import { type Platform, startPlatform } from './platform.ts';

const CONTRACT = readFileSync(new URL('../../schema/golden/contract/subscriptions.graphql', import.meta.url), 'utf8');
const SUPERGRAPH = readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8');
const MINUTE_MS = 60_000;
const RULE = `mutation { createAlertRule(input: { name: "High", metric: PM2_5, comparison: ABOVE, threshold: 50, clearThreshold: 40 }) { id } }`;

/** One operation of the contract, as its clients send it. */
function operation(name: string): string {
  const found = CONTRACT.split(/(?=^subscription )/m).find((text) => text.startsWith(`subscription ${name}`));
  if (!found) throw new Error(`the contract has no ${name}`);
  return found;
}

interface Credentials {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

interface Ready {
  readonly supergraph: { readonly version: string; readonly refused?: object };
}

let dataDir: string;
let platform: Platform;
let device: Credentials;
let sender: MqttClient;
const startMs = Date.now() - 60 * MINUTE_MS;

const start = () => startPlatform({ dataDir, env: { SUPERGRAPH_FILE: join(dataDir, 'supergraph.graphql') } });
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'greencity-subscriptions-'));
  writeFileSync(join(dataDir, 'supergraph.graphql'), SUPERGRAPH);
  platform = await start();
  device = await platform.register({
    name: 'Pier',
    location: { latitude: 57.14, longitude: -2.09 },
    sensors: ['SDS011'],
  });
  sender = await platform.connect(device);
});
afterAll(async () => {
  sender?.end(true);
  await platform?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Publishes a value of PM2.5 for each number, measured a second apart; resolves when all are durable. */
async function measure(fromSecond: number, ...values: readonly number[]): Promise<void> {
  for (const [index, pm2_5] of values.entries()) {
    const time = new Date(startMs + (fromSecond + index) * 1_000).toISOString();
    await sender.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify({ time, values: { pm2_5 } }), {
      qos: 1,
    });
  }
}

async function subscribed(name: string, more: object = {}) {
  const client = await socketClient(platform.url.replace('http', 'ws').concat('/graphql'));
  await client.init();
  client.subscribe('1', operation(name), { operationName: name, ...more });
  const events = () => client.messages.flatMap(({ type, payload }) => (type === 'next' ? [payload] : []));
  return {
    client,
    events,
    many: (count: number) =>
      eventually(`${count} events of ${name}`, async () => (events().length >= count ? events() : undefined)),
  };
}

interface Received {
  readonly data: { readonly measurementReceived: { readonly value: number } };
}

const valuesOf = (events: readonly Received[]) => events.map(({ data }) => data.measurementReceived.value);

describe('a subscription of the contract', () => {
  it('begins with a snapshot, survives a kill -9 with its cursor, and misses and doubles nothing', async () => {
    await measure(0, 1, 2);
    const variables = { ids: [device.id] };
    const latest = `{ device(id: "${device.id}") { latest { value } } }`;
    await eventually('the values to be stored', async () =>
      (await platform.graphql(latest)).data.device.latest[0]?.value === 2 ? true : undefined,
    );
    const first = await subscribed('DeviceMeasurements', { variables, extensions: { snapshot: true } });
    expect(valuesOf(await first.many(1))).toEqual([2]);
    await measure(2, 3);
    const [snapshot, live] = await first.many(2);
    expect([snapshot.extensions.snapshot, live.extensions.snapshot]).toEqual([true, undefined]);
    first.client.socket.terminate();
    await measure(3, 4, 5);
    await platform.kill();
    sender.end(true);
    platform = await start();
    sender = await platform.connect(device);
    const again = await subscribed('DeviceMeasurements', {
      variables,
      extensions: { cursor: live.extensions.cursor },
    });
    await again.many(2);
    await measure(5, 6);
    expect(valuesOf(await again.many(3))).toEqual([4, 5, 6]);
    again.client.socket.terminate();
  });

  it('of alerts goes on after a restart, over server-sent events as a browser does', async () => {
    await platform.graphql(RULE);
    await measure(100, 60);
    const asked = { query: operation('AlertChanged'), method: 'GET', extensions: { snapshot: true } } as const;
    const open = await eventually('the alert to fire', async () => {
      const stream = await openStream(platform.url, asked);
      await new Promise((resolve) => setImmediate(resolve));
      if (stream.text().includes('FIRING')) return stream;
      stream.gone.abort();
      return undefined;
    });
    const cursor = /^id: (\S+)$/m.exec(open.text())?.[1] ?? '';
    open.gone.abort();
    await measure(101, 20);
    await platform.stop();
    sender.end(true);
    platform = await start();
    sender = await platform.connect(device);
    const again = await openStream(platform.url, { ...asked, headers: { 'last-event-id': cursor } });
    await eventually('the missed end of the alert', async () =>
      again.text().includes('"state":"RESOLVED"') ? true : undefined,
    );
    expect(again.text()).not.toContain('"state":"FIRING"');
    again.gone.abort();
  });

  it('goes on when SIGHUP brings another supergraph; a bad one is refused, and /ready says so', async () => {
    const file = join(dataDir, 'supergraph.graphql');
    const ready = async () => ((await (await fetch(`${platform.url}/ready`)).json()) as Ready).supergraph;
    const before = await ready();
    const { many, client } = await subscribed('DeviceMeasurements', { variables: { ids: [device.id] } });
    await measure(200, 11);
    await many(1);
    writeFileSync(file, `# Another one.\n${SUPERGRAPH}`);
    process.kill(platform.pid, 'SIGHUP');
    const after = await eventually('the new supergraph', async () => {
      const now = await ready();
      return now.version === before.version ? undefined : now;
    });
    await measure(201, 12);
    expect(valuesOf(await many(2))).toEqual([11, 12]);
    writeFileSync(file, 'nonsense');
    process.kill(platform.pid, 'SIGHUP');
    const refused = await eventually('the refusal', async () => ((await ready()).refused ? await ready() : undefined));
    expect(refused.version).toBe(after.version);
    await measure(202, 13);
    expect(valuesOf(await many(3))).toEqual([11, 12, 13]);
    client.socket.terminate();
  });
});
