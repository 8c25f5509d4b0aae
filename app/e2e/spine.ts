/** The way of one reading: published over MQTT, found by queries, seen by subscribers, judged by a rule. What the modes share. */
import { readFileSync } from 'node:fs';
import { operationId } from '@greencity/gateway/operations/release';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Client, eventually } from './client.ts';

const PLACE = { latitude: 57.14, longitude: -2.09, altitude: 20 };
const BOX = { west: -2.3, south: 57.05, east: -2.0, north: 57.25 };
const LIVE = `subscription ($ids: [ID!]!) { measurementReceived(deviceIds: $ids) { metric value unit time device { id name zone { name } } } }`;

/** Registered with the platform: what the panel of a device shows. */
const LATEST = readFileSync(new URL('../../schema/operations/rest/1/device.graphql', import.meta.url), 'utf8');

interface Watched {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly signal: AbortSignal;
}

/** Subscribes over graphql-transport-ws; `next` resolves to the first event that the test accepts. */
function subscribeOverWebSocket(platform: Client, query: string, variables: Record<string, unknown>) {
  const client = createClient({
    url: platform.url.replace('http', 'ws').concat('/graphql'),
    webSocketImpl: WebSocket,
    lazy: false,
  });
  const events = client.iterate<Record<string, unknown>>({ query, variables });
  return { events, close: () => client.dispose() };
}

/** Subscribes by server-sent events in the distinct-connections form; yields the `next` payloads. */
async function* subscribeByServerSentEvents(platform: Client, { query, variables, signal }: Watched) {
  const response = await fetch(`${platform.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const data = lines.find((line) => line.startsWith('data:'));
      if (lines.includes('event: next') && data) yield JSON.parse(data.slice(5));
    }
  }
}

/** Declares the tests for a platform that `start` starts. */
export function spineSuite(start: () => Promise<Client & AsyncDisposable>): void {
  let platform: Client & AsyncDisposable;
  beforeAll(async () => {
    platform = await start();
  });
  afterAll(async () => {
    await platform?.[Symbol.asyncDispose]();
  });

  describe('a reading', () => {
    it('is found by a query and reaches subscribers over WebSocket and server-sent events, joined with its device', async () => {
      const device = await platform.register({ name: 'Rue de Rome 14', location: PLACE, sensors: ['SDS011', 'DHT22'] });
      const overSocket = subscribeOverWebSocket(platform, LIVE, { ids: [device.id] });
      const stop = new AbortController();
      const overEvents = subscribeByServerSentEvents(platform, {
        query: LIVE,
        variables: { ids: [device.id] },
        signal: stop.signal,
      });
      const seen = Promise.all([overSocket.events.next(), overEvents.next()]);
      const client = await platform.connect(device);
      const repeat = setInterval(() => {
        const time = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
        client.publish(`greencity/v1/${device.id}/measurements`, JSON.stringify({ time, values: { pm2_5: 12.4 } }), {
          qos: 1,
        });
      }, 1_100);
      try {
        const expected = {
          metric: 'PM2_5',
          value: 12.4,
          unit: 'µg/m³',
          device: { id: device.id, name: 'Rue de Rome 14', zone: { name: expect.any(String) } },
        };
        const [fromSocket, fromEvents] = await seen;
        expect(fromSocket.value?.data?.['measurementReceived']).toMatchObject(expected);
        expect(fromEvents.value.data.measurementReceived).toMatchObject(expected);
      } finally {
        clearInterval(repeat);
        stop.abort();
        await overSocket.close();
        await client.endAsync();
      }
      const answer = await platform.graphql(
        'query ($id: ID!) { device(id: $id) { status latest { metric value quality flags } } }',
        { id: device.id },
        { token: null },
      );
      expect(answer.errors).toBeUndefined();
      expect(answer.data.device.latest).toEqual([{ metric: 'PM2_5', value: 12.4, quality: 'GOOD', flags: [] }]);
      expect(answer.data.device.status).toBe('ONLINE');
    });

    it('takes the place of the one before in answers that are kept, by id and of REST', async () => {
      const device = await platform.register({ name: 'Kept', location: PLACE, sensors: ['SDS011'] });
      const client = await platform.connect(device);
      const paths = [
        `/graphql/${operationId(LATEST)}?variables=${encodeURIComponent(JSON.stringify({ id: device.id }))}`,
        `/api/v1/devices/${device.id}`,
      ];
      const counted = async (metric: string) => {
        const text = await (await fetch(`${platform.url}/metrics`)).text();
        return Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${metric} `))
            ?.slice(metric.length + 1) ?? 0,
        );
      };
      const shown = async () => Promise.all(paths.map(async (path) => await (await fetch(platform.url + path)).text()));
      for (const value of [12.5, 13.5]) {
        const kept = await counted('gateway_answers_total{how="kept"}');
        await eventually('both answers to be kept', async () => {
          await shown();
          return (await counted('gateway_answers_total{how="kept"}')) >= kept + 2 || undefined;
        });
        const invalidated = await counted('gateway_answers_invalidated_total');
        const time = new Date(Math.floor(Date.now() / 1_000) * 1_000 - (13.5 - value) * 60_000).toISOString();
        const reading = JSON.stringify({ time, values: { pm2_5: value } });
        await client.publishAsync(`greencity/v1/${device.id}/measurements`, reading, { qos: 1 });
        await eventually('the new value in both', async () =>
          (await shown()).every((text) => text.includes(`"value":${value}`)) ? true : undefined,
        );
        expect(await counted('gateway_answers_invalidated_total')).toBeGreaterThanOrEqual(invalidated + 2);
      }
      await client.endAsync();
    });

    it('that is sent twice has one effect', async () => {
      const device = await platform.register({ name: 'Twice', location: PLACE, sensors: ['SDS011'] });
      const client = await platform.connect(device);
      const time = new Date(Date.now() - 60_000).toISOString();
      const reading = JSON.stringify({ bootId: 1, seq: 1, time, values: { pm2_5: 8, pm10: 11 } });
      for (let copy = 0; copy < 3; copy += 1)
        await client.publishAsync(`greencity/v1/${device.id}/measurements`, reading, { qos: 1 });
      await client.endAsync();
      const raw =
        'query ($id: ID!, $from: DateTime!, $to: DateTime!) { device(id: $id) { series(metric: PM10, from: $from, to: $to) { points { time value count } } } }';
      const range = {
        id: device.id,
        from: new Date(Date.now() - 3_600_000).toISOString(),
        to: new Date(Date.now() + 1_000).toISOString(),
      };
      const points = await eventually('the reading', async () => {
        const found = (await platform.graphql(raw, range)).data.device.series.points;
        return found.length > 0 ? found : undefined;
      });
      expect(points).toEqual([{ time, value: 11, count: 1 }]);
    });

    it('past the threshold of a rule raises an alert that its device and the subscription show', async () => {
      const device = await platform.register({ name: 'Smoky', location: PLACE, sensors: ['SDS011'] });
      const rule = {
        name: 'PM2.5 high',
        metric: 'PM2_5',
        comparison: 'ABOVE',
        threshold: 50,
        clearThreshold: 40,
        for: 'PT0S',
        severity: 'WARNING',
        deviceId: device.id,
      };
      const created = await platform.graphql(
        'mutation ($input: AlertRuleInput!) { createAlertRule(input: $input) { id } }',
        { input: rule },
      );
      expect(created.errors).toBeUndefined();
      const changes = subscribeOverWebSocket(
        platform,
        'subscription { alertChanged { id state severity title device { id name } } }',
        {},
      );
      const first = changes.events.next();
      const client = await platform.connect(device);
      const publish = (value: number) =>
        client.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify({ values: { pm2_5: value } }), {
          qos: 1,
        });
      const repeat = setInterval(() => void publish(63.2), 1_100);
      try {
        const event = (await first).value?.data?.['alertChanged'];
        expect(event).toMatchObject({ state: 'FIRING', severity: 'WARNING', device: { id: device.id, name: 'Smoky' } });
      } finally {
        clearInterval(repeat);
        await changes.close();
        await client.endAsync();
      }
      const answer = await platform.graphql(
        'query ($id: ID!) { device(id: $id) { alerts(states: [FIRING], first: 10) { totalCount nodes { value threshold metric } } } }',
        { id: device.id },
      );
      expect(answer.data.device.alerts).toMatchObject({
        totalCount: 1,
        nodes: [{ value: 63.2, threshold: 50, metric: 'PM2_5' }],
      });
    });

    it('sets the number on the map', async () => {
      const answer = await platform.graphql(
        'query ($within: BoundingBoxInput!) { latestMeasurements(within: $within, metric: PM2_5) { value device { name airQuality(standard: EAQI) { index band } } } }',
        { within: BOX },
        { token: null },
      );
      expect(answer.errors).toBeUndefined();
      const smoky = answer.data.latestMeasurements.find(
        (measurement: { device: { name: string } }) => measurement.device.name === 'Smoky',
      );
      expect(smoky).toMatchObject({ value: 63.2, device: { airQuality: { index: 4, band: 4 } } });
    });
  });

  describe('a device', () => {
    it('whose connection breaks is shown offline by its last will', async () => {
      const device = await platform.register({ name: 'Breaking', location: PLACE, sensors: ['SDS011'] });
      const topic = `greencity/v1/${device.id}/status`;
      const { default: mqtt } = await import('mqtt');
      const client = await mqtt.connectAsync(platform.mqttUrl, {
        username: device.username,
        password: device.password,
        clientId: device.id,
        reconnectPeriod: 0,
        will: { topic, payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true },
      });
      await client.publishAsync(topic, JSON.stringify({ state: 'online', firmware: '1.4.0', bootId: 7 }), {
        qos: 1,
        retain: true,
      });
      await client.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify({ values: { pm2_5: 5 } }), {
        qos: 1,
      });
      const status = async () =>
        (await platform.graphql('query ($id: ID!) { device(id: $id) { status firmware } }', { id: device.id })).data
          .device;
      await eventually('ONLINE', async () => ((await status()).status === 'ONLINE' ? true : undefined));
      expect((await status()).firmware).toBe('1.4.0');
      client.stream.destroy();
      await eventually('OFFLINE', async () => ((await status()).status === 'OFFLINE' ? true : undefined));
    });

    it('can be retired: its history stays, its credentials do not', async () => {
      const device = await platform.register({ name: 'Old', location: PLACE, sensors: ['SDS011'] });
      const retired = await platform.graphql('mutation ($id: ID!) { retireDevice(id: $id) { id status } }', {
        id: device.id,
      });
      expect(retired.data.retireDevice.status).toBe('RETIRED');
      await expect(platform.connect(device)).rejects.toThrow();
    });
  });

  describe('a mutation', () => {
    it('without a token changes nothing and says UNAUTHENTICATED', async () => {
      const answer = await platform.graphql(
        'mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { device { id } } }',
        { input: { name: 'X', location: PLACE } },
        { token: null },
      );
      expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    });

    it('with a wrong field names it', async () => {
      const answer = await platform.graphql(
        'mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { device { id } } }',
        {
          input: { name: 'X', location: { latitude: 97, longitude: 0 } },
        },
      );
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'input.location.latitude',
      });
    });
  });
}
