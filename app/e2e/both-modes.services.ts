/** The same story in one process on embedded engines and in a city of processes on real ones: the same readings in, the promised operations asked, and equal answers. */
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type CityClient, startCityClient } from './city.ts';
import { type Client, type DeviceCredentials, eventually, type GraphqlAnswer } from './client.ts';
import { contractSuite, operationsOf, ZONE } from './contract.ts';
import { ADMIN, type Platform, startPlatform } from './platform.ts';
import { spineSuite } from './spine.ts';

const MINUTE_MS = 60_000;
const HOURS = 30;
const MESSAGE_READINGS = 20;
const EQUAL_WITHIN_MS = 30_000;
const STORY_WITHIN_MS = 180_000;
const DEAD_LETTERS = '{ deadLetters(first: 50) { reason deviceId detail payload } }';
const RANDOM_ID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\buser-[0-9a-f]{16,}\b/g;
/** What each mode makes by itself: names and secrets at random, and the moment of an answer. */
const MADE_BY_ITSELF = new Set([
  ...['accessToken', 'refreshToken', 'username', 'password', 'expiresAt'],
  ...['endCursor', 'issuedAt', 'resolvedAt', 'airQuality.time', 'slots.from', 'slots.to'],
]);
const DEVICES = [
  { id: 'pier-1', name: 'Pier 1', location: { latitude: 57.14, longitude: -2.09 }, environment: 'OUTDOOR' },
  { id: 'pier-2', name: 'Pier 2', location: { latitude: 57.15, longitude: -2.08 }, environment: 'OUTDOOR' },
  { id: 'hill-1', name: 'Hill 1', location: { latitude: 57.3, longitude: -2.4 }, environment: 'OUTDOOR' },
].map((device) => ({ ...device, connectivity: 'WIFI', sensors: ['SDS011', 'DHT22'] }));

let one: Platform;
let city: CityClient;
/** Newest reading of the history, the same for both. */
let nowMs: number;
const registered = new Map<Client, readonly DeviceCredentials[]>();
const iso = (ms: number) => new Date(ms).toISOString();

beforeAll(async () => {
  one = await startPlatform();
  city = await startCityClient({ settings: { ADMIN_EMAIL: ADMIN.email } });
});
afterAll(async () => {
  await Promise.all([one?.[Symbol.asyncDispose](), city?.[Symbol.asyncDispose]()]);
});

const both = <T>(act: (client: Client) => Promise<T>): Promise<[T, T]> => Promise.all([act(one), act(city)]);

/** An answer without what a mode makes at random, or by the moment of the answer. @param key of the value, below `airQuality` and `slots` with theirs in front */
function comparable(value: unknown, key = ''): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((one) => comparable(one, key));
  if (typeof value === 'object') {
    const below = key === 'airQuality' || key === 'slots' ? `${key}.` : '';
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, comparable(inner, `${below}${name}`)]),
    );
  }
  if (MADE_BY_ITSELF.has(key)) return `some ${key}`;
  return typeof value === 'string' ? value.replace(RANDOM_ID, 'some id') : value;
}

/** Numbers that are no whole ones may differ in their last digits: means are added up in another order, and a plan begins with the moment of the answer. */
function nearly(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isInteger(value)) return expect.closeTo(value, 6);
  if (Array.isArray(value)) return value.map(nearly);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, nearly(inner)]));
}

function expectEqual([fromOne, fromCity]: readonly [unknown, unknown]): void {
  expect(comparable(fromCity)).toEqual(nearly(comparable(fromOne)));
}

/** Asks until the answers are equal: what follows from a reading follows at the pace of each mode. */
async function untilEqual(ask: (client: Client) => Promise<GraphqlAnswer>): Promise<GraphqlAnswer> {
  const endMs = Date.now() + EQUAL_WITHIN_MS;
  for (;;) {
    const answers = await both(ask);
    try {
      expectEqual(answers);
      return answers[0];
    } catch (difference) {
      if (Date.now() > endMs) throw difference;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const promised = (file: 'queries' | 'mutations' | 'subscriptions', wanted: string): string => {
  const found = operationsOf(file).find(({ name }) => name === wanted);
  if (!found) throw new Error(`no ${wanted} is promised`);
  return found.text;
};

type Message = readonly { readonly time?: string | undefined; readonly values: Readonly<Record<string, number>> }[];

/** Readings of 30 hours: smooth, with a spike, a stuck sensor, a message sent twice and one that says something else of a time already told. */
function history(deviceIndex: number): readonly Message[] {
  const readings = Array.from({ length: HOURS * 6 }, (_, index) => ({
    time: iso(nowMs - (HOURS * 6 - 1 - index) * 10 * MINUTE_MS),
    values: {
      pm2_5: index === 40 ? 480 : 12 + deviceIndex + (index % 7),
      pm10: 20 + (index % 5) * 1.1,
      temperature: index > 60 && index < 110 ? 8 : 8 + (index % 3) / 10,
      humidity: 55 + (index % 4),
      battery_percent: 80 - index / 100,
      battery_voltage: 3.9,
    },
  }));
  const messages: Message[] = [];
  for (let from = 0; from < readings.length; from += MESSAGE_READINGS)
    messages.push(readings.slice(from, from + MESSAGE_READINGS));
  const again = messages[3] as Message;
  const otherwise = [{ time: readings[5]?.time, values: { pm10: 77 } }];
  return [
    ...messages,
    again,
    otherwise,
    [{ values: { radon: 3 } }],
    [{ time: '2001-01-01T00:00:00Z', values: { pm10: 1 } }],
  ];
}

/**
 * Sends messages one after the other. Each has to be seen before the next is sent: several connections share what a broker outside has
 * acknowledged, so that messages on their way at the same time may change places, and what follows from them depends on their order.
 */
async function publish(client: Client, device: DeviceCredentials, messages: readonly Message[]): Promise<void> {
  const connection = await client.connect(device);
  for (const message of messages) {
    await connection.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify(message), { qos: 1 });
    const newest = message.at(-1)?.time ?? '';
    await eventually(`a reading of ${newest} or newer`, async () => {
      const { data } = await client.graphql('query ($id: ID!) { device(id: $id) { lastSeenAt } }', { id: device.id });
      return newest <= (data.device.lastSeenAt ?? '') ? true : undefined;
    });
  }
  await connection.endAsync();
}

interface Watch {
  readonly variables: Record<string, unknown>;
  /** How many different events are waited for. */
  readonly count: number;
  /** What an event must say to count. */
  readonly saying: readonly string[];
}

/** What a promised subscription tells, in an order that does not depend on batches. It begins with the present, so that nothing is missed while it is being opened; what then comes twice counts once. */
async function told(client: Client, name: string, { variables, count, saying }: Watch): Promise<readonly string[]> {
  const url = `${client.url.replace('http', 'ws')}/graphql`;
  const socket = createClient({ url, webSocketImpl: WebSocket, lazy: false });
  const query = promised('subscriptions', name);
  const seen = new Set<string>();
  for await (const { data } of socket.iterate({ query, variables, extensions: { snapshot: true } })) {
    const event = JSON.stringify(data);
    if (saying.every((words) => event.includes(words))) seen.add(event);
    if (seen.size === count) break;
  }
  await socket.dispose();
  return [...seen].sort();
}

const WITHIN = { west: -2.6, south: 57.05, east: -2.0, north: 57.4 };

function questions(): readonly (readonly [string, Record<string, unknown>])[] {
  const range = { from: iso(nowMs - 26 * 60 * MINUTE_MS), to: iso(nowMs + MINUTE_MS) };
  return [
    ['LiveMap', { within: WITHIN, metric: 'PM2_5' }],
    ...DEVICES.map(({ id }) => ['DevicePanel', { id, ...range }] as const),
    ...['PM2_5', 'PM10', 'TEMPERATURE'].map((metric) => ['RawSeries', { id: 'pier-1', metric, ...range }] as const),
    ['Devices', { filter: { within: WITHIN, zone: ZONE.id, environment: 'OUTDOOR', search: 'pier' }, first: 10 }],
    ['Nearest', { latitude: 57.14, longitude: -2.09, first: 3 }],
    ['ZoneDashboard', { id: ZONE.id, ...range }],
    ['Zones', {}],
    // Not of this minute: that would be now, which is another moment for each of them.
    ['HeatMap', { within: WITHIN, metric: 'PM2_5', at: iso(nowMs - 120 * MINUTE_MS) }],
    ...DEVICES.map(({ id }) => ['EnergyPlan', { id }] as const),
    ['Alerts', { states: ['FIRING', 'ACKNOWLEDGED', 'RESOLVED'], first: 10 }],
  ];
}

describe('one process and a city of processes', { timeout: STORY_WITHIN_MS }, () => {
  it('take in the same story', async () => {
    nowMs = Math.floor(Date.now() / 1000) * 1000;
    await both(async (client) => {
      const saved = await client.graphql('mutation ($input: ZoneInput!) { saveZone(input: $input) { id } }', {
        input: ZONE,
      });
      expect(saved.errors).toBeUndefined();
      const devices: DeviceCredentials[] = [];
      for (const device of DEVICES) devices.push(await client.register(device));
      registered.set(client, devices);
      for (const [index, device] of devices.entries()) await publish(client, device, history(index));
    });
    // Two programs write them, each at its pace.
    await untilEqual(async (client) => {
      const { data, errors } = await client.graphql(DEAD_LETTERS);
      const letters: readonly object[] = data.deadLetters;
      return { data: letters.map((letter) => JSON.stringify(letter)).sort(), ...(errors && { errors }) };
    });
    for (const { id } of DEVICES) {
      const ask = (client: Client) =>
        client.graphql(
          'query ($id: ID!) { device(id: $id) { lastSeenAt forecast(metric: PM2_5, hours: 24) { model } } }',
          { id },
        );
      await both((client) =>
        eventually(
          `the newest reading and a forecast of ${id}`,
          async () => {
            const { device } = (await ask(client)).data;
            return device.lastSeenAt === iso(nowMs) && device.forecast ? true : undefined;
          },
          EQUAL_WITHIN_MS,
        ),
      );
    }
  });

  it('tell subscribers the same', async () => {
    const live = iso(nowMs + 1_000);
    const fresh = { ...DEVICES[0], id: 'fresh-1', name: 'Fresh 1' };
    const rule = { name: 'Smoke', metric: 'PM2_5', comparison: 'ABOVE', threshold: 50, severity: 'WARNING' };
    const events = await both(async (client) => {
      const device = await client.register(fresh);
      const input = { ...rule, deviceId: fresh.id };
      expect((await client.graphql(promised('mutations', 'CreateAlertRule'), { input })).errors).toBeUndefined();
      const about = (...words: readonly string[]) => ({ count: 1, saying: [fresh.id, ...words] });
      const all = Promise.all([
        told(client, 'MeasurementReceived', { variables: { within: WITHIN, metrics: ['PM2_5'] }, ...about(live) }),
        told(client, 'DeviceMeasurements', { variables: { ids: ['pier-1', fresh.id] }, ...about(live), count: 2 }),
        told(client, 'AlertChanged', { variables: { zone: ZONE.id }, ...about('FIRING') }),
        told(client, 'DeviceStatusChanged', { variables: {}, ...about('ONLINE') }),
      ]);
      await publish(client, device, [[{ time: live, values: { pm2_5: 88.5, pm10: 101 } }]]);
      return (await all).map((texts) => texts.map((text) => JSON.parse(text)));
    });
    expectEqual(events);
  });

  it('answer every promised query alike', async () => {
    const asked = new Set<string>();
    for (const [name, variables] of questions()) {
      const answer = await untilEqual((client) =>
        client.graphql(promised('queries', name), variables, { token: null }),
      );
      expect(answer.errors, name).toBeUndefined();
      asked.add(name);
    }
    expect([...asked].sort()).toEqual(
      operationsOf('queries')
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('do alike what every promised mutation asks', async () => {
    const done = new Set<string>();
    const change = async (
      name: string,
      variables: (client: Client) => Record<string, unknown>,
    ): Promise<GraphqlAnswer> => {
      const answers = await both((client) => client.graphql(promised('mutations', name), variables(client)));
      expect(answers[0].errors, name).toBeUndefined();
      expectEqual(answers);
      done.add(name);
      return answers[0];
    };
    const alerts = new Map<Client, string>();
    await both(async (client) => {
      const { data } = await client.graphql(promised('queries', 'Alerts'), { states: ['FIRING'], first: 1 });
      alerts.set(client, data.alerts.nodes[0].id);
    });
    const time = iso(nowMs + 2_000);
    await change('SignIn', ({ admin }) => admin);
    await change('RegisterDevice', () => ({ input: { ...DEVICES[1], id: 'new-1', name: 'New 1' } }));
    await change('UpdateDevice', () => ({ id: 'new-1', input: { name: 'Newer 1', location: DEVICES[2]?.location } }));
    await change('RotateCredentials', () => ({ id: 'new-1' }));
    await change('AddMeasurements', () => ({
      input: ['pier-1', 'nobody'].map((deviceId) => ({ deviceId, metric: 'CO2', value: 431, time })),
    }));
    await change('CreateAlertRule', () => ({
      input: {
        name: 'PM10 high',
        metric: 'PM10',
        comparison: 'ABOVE',
        threshold: 400,
        clearThreshold: 300,
        for: 'PT5M',
        severity: 'CRITICAL',
        zoneId: ZONE.id,
      },
    }));
    await change('AcknowledgeAlert', (client) => ({ id: alerts.get(client), comment: 'on it' }));
    await change('ResolveAlert', (client) => ({ id: alerts.get(client) }));
    await change('RetireDevice', () => ({ id: 'new-1' }));
    expect([...done].sort()).toEqual(
      operationsOf('mutations')
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('give equal answers after it', async () => {
    for (const [name, variables] of questions())
      await untilEqual((client) => client.graphql(promised('queries', name), variables, { token: null }));
  });
});

describe('a city of processes', () => {
  const started = async () => ({ ...city, [Symbol.asyncDispose]: async () => undefined });
  describe('has the whole spine', () => spineSuite(started));
  describe('keeps what is promised to clients', () => contractSuite(started));
});
