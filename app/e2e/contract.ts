/** Every operation promised to clients, sent exactly as it is written, against a running platform: what `*.e2e.ts` of several modes share. */
import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Client, eventually } from './client.ts';

interface Operation {
  readonly name: string;
  readonly text: string;
}

/** The operations of a contract file, each with its own text. */
export function operationsOf(file: 'queries' | 'mutations' | 'subscriptions'): readonly Operation[] {
  const source = readFileSync(new URL(`../../schema/golden/contract/${file}.graphql`, import.meta.url), 'utf8');
  return parse(source).definitions.map((definition) => {
    if (definition.kind !== 'OperationDefinition' || !definition.name)
      throw new Error(`${file}.graphql holds something else than named operations`);
    return { name: definition.name.value, text: source.slice(definition.loc?.start, definition.loc?.end) };
  });
}

const MINUTE_MS = 60_000;
export const ZONE = {
  id: 'harbour',
  name: 'Harbour',
  region: 'Aberdeen',
  boundary: [
    [
      [-2.2, 57.1],
      [-2.0, 57.1],
      [-2.0, 57.2],
      [-2.2, 57.2],
      [-2.2, 57.1],
    ],
  ],
};
const iso = (ms: number) => new Date(ms).toISOString();

/** Back-fills a reading each 10 minutes, with a battery, so that every operation has something to answer. */
export async function publishHours(
  platform: Client,
  device: { readonly id: string; readonly username: string; readonly password: string },
  hours: number,
): Promise<void> {
  const client = await platform.connect(device);
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const readings = Array.from({ length: hours * 6 }, (_, index) => ({
    time: iso(nowMs - (hours * 6 - 1 - index) * 10 * MINUTE_MS),
    values: {
      pm2_5: 60 + (index % 7),
      pm10: 70 + (index % 5),
      temperature: 8 + (index % 3),
      humidity: 55 + (index % 4),
      battery_percent: 80,
      battery_voltage: 3.9,
    },
  }));
  for (let from = 0; from < readings.length; from += 20) {
    await client.publishAsync(
      `greencity/v1/${device.id}/measurements`,
      JSON.stringify(readings.slice(from, from + 20)),
      { qos: 1 },
    );
  }
  await client.endAsync();
  await eventually('the newest reading', async () => {
    const answer = await platform.graphql('query ($id: ID!) { device(id: $id) { lastSeenAt } }', { id: device.id });
    return answer.data.device.lastSeenAt === iso(nowMs) ? true : undefined;
  });
}

export function variablesFor(id: string, admin: Client['admin']): Record<string, Record<string, unknown>> {
  const within = { west: -2.3, south: 57.05, east: -2.0, north: 57.25 };
  const range = { from: iso(Date.now() - 24 * 60 * MINUTE_MS), to: iso(Date.now() + MINUTE_MS) };
  const location = { latitude: 57.14, longitude: -2.09, altitude: 20 };
  return {
    LiveMap: { within, metric: 'PM2_5' },
    DevicePanel: { id, ...range },
    RawSeries: { id, metric: 'PM2_5', ...range },
    Devices: { filter: { within, zone: ZONE.id, status: 'ONLINE', environment: 'OUTDOOR', search: 'pier' }, first: 10 },
    Nearest: { latitude: 57.14, longitude: -2.09, first: 3 },
    ZoneDashboard: { id: ZONE.id, ...range },
    Zones: {},
    HeatMap: { within, metric: 'PM2_5' },
    EnergyPlan: { id },
    Alerts: { states: ['FIRING'], first: 10 },
    SignIn: admin,
    RegisterDevice: {
      input: {
        name: 'Rue de Rome 14',
        location,
        environment: 'OUTDOOR',
        connectivity: 'WIFI',
        sensors: ['SDS011', 'DHT22'],
      },
    },
    UpdateDevice: { id, input: { name: 'Pier 1', tags: ['harbour'] } },
    RotateCredentials: { id },
    AddMeasurements: {
      input: [
        { deviceId: id, metric: 'CO2', value: 431, time: iso(Date.now() - MINUTE_MS) },
        { deviceId: 'nobody', metric: 'CO2', value: 431 },
      ],
    },
    CreateAlertRule: {
      input: {
        name: 'PM2.5 high',
        metric: 'PM2_5',
        comparison: 'ABOVE',
        threshold: 50,
        clearThreshold: 40,
        for: 'PT5M',
        severity: 'WARNING',
        zoneId: ZONE.id,
      },
    },
    MeasurementReceived: { within, metrics: ['PM2_5'] },
    DeviceMeasurements: { ids: [id] },
    AlertChanged: { zone: ZONE.id },
    DeviceStatusChanged: {},
  };
}

/** Declares the tests for a platform that `start` starts. */
export function contractSuite(start: () => Promise<Client & AsyncDisposable>): void {
  let platform: Client & AsyncDisposable;
  let variables: Record<string, Record<string, unknown>>;
  let deviceId: string;

  beforeAll(async () => {
    platform = await start();
    const zone = await platform.graphql('mutation ($input: ZoneInput!) { saveZone(input: $input) { id } }', {
      input: ZONE,
    });
    expect(zone.errors).toBeUndefined();
    const device = await platform.register({
      name: 'Pier 1',
      location: { latitude: 57.14, longitude: -2.09 },
      sensors: ['SDS011', 'DHT22'],
    });
    deviceId = device.id;
    await publishHours(platform, device, 30);
    variables = variablesFor(device.id, platform.admin);
  });
  afterAll(async () => {
    await platform?.[Symbol.asyncDispose]();
  });

  describe('the promised queries', () => {
    it.each(operationsOf('queries'))('$name answers', async ({ name, text }) => {
      const answer = await platform.graphql(text, variables[name], { token: null });
      expect(answer.errors).toBeUndefined();
      expect(Object.values(answer.data).every((value) => value !== null)).toBe(true);
    });

    it('join the device panel over all four subgraphs', async () => {
      const panel = operationsOf('queries').find(({ name }) => name === 'DevicePanel');
      const { device } = (await platform.graphql(panel?.text ?? '', variables['DevicePanel'])).data;
      expect(device.zone).toEqual({ id: 'harbour', name: 'Harbour' });
      expect(device.sensors).toEqual([
        { model: 'SDS011', metrics: ['PM2_5', 'PM10'] },
        { model: 'DHT22', metrics: ['TEMPERATURE', 'HUMIDITY'] },
      ]);
      expect(device.airQuality).toMatchObject({ standard: 'US_EPA', dominantMetric: 'PM2_5' });
      expect(device.series.points.length).toBeGreaterThanOrEqual(24);
      expect(device.forecast.points).toHaveLength(24);
      expect(Array.isArray(device.anomalies)).toBe(true);
      expect(device.alerts.nodes).toEqual([]);
    });
  });

  describe('the promised mutations', () => {
    it.each(
      operationsOf('mutations').filter(
        ({ name }) => !['RetireDevice', 'AcknowledgeAlert', 'ResolveAlert'].includes(name),
      ),
    )('$name works', async ({ name, text }) => {
      const answer = await platform.graphql(text, variables[name]);
      expect(answer.errors).toBeUndefined();
      expect(Object.values(answer.data).every((value) => value !== null)).toBe(true);
    });

    it('carry an alert from firing over acknowledged to resolved, and retire its device', async () => {
      const operation = (wanted: string) => operationsOf('mutations').find(({ name }) => name === wanted)?.text ?? '';
      const rule = { name: 'Any PM10', metric: 'PM10', comparison: 'ABOVE', threshold: 5, deviceId };
      await platform.graphql(operation('CreateAlertRule'), { input: rule });
      const reading = [{ deviceId, metric: 'PM10', value: 99, time: iso(Date.now()) }];
      await platform.graphql(operation('AddMeasurements'), { input: reading });
      const alert = await eventually('the alert', async () => {
        const answer = await platform.graphql('{ alerts(states: [FIRING]) { nodes { id rule { name } } } }');
        return answer.data.alerts.nodes.find((node: { rule: { name: string } }) => node.rule.name === 'Any PM10');
      });
      const acknowledged = await platform.graphql(operation('AcknowledgeAlert'), { id: alert.id, comment: 'on it' });
      expect(acknowledged.data.acknowledgeAlert.state).toBe('ACKNOWLEDGED');
      const resolved = await platform.graphql(operation('ResolveAlert'), { id: alert.id });
      expect(resolved.data.resolveAlert.state).toBe('RESOLVED');
      const retired = await platform.register({ name: 'Short-lived', location: { latitude: 57.14, longitude: -2.09 } });
      const answer = await platform.graphql(operation('RetireDevice'), { id: retired.id });
      expect(answer.data.retireDevice).toEqual({ id: retired.id, status: 'RETIRED' });
    });
  });

  describe('the promised subscriptions', () => {
    it.each(operationsOf('subscriptions'))(
      '$name is accepted over WebSocket and stays open',
      async ({ name, text }) => {
        const client = createClient({
          url: `${platform.url.replace('http', 'ws')}/graphql`,
          webSocketImpl: WebSocket,
          lazy: false,
        });
        const events = client.iterate<Record<string, unknown>>({ query: text, variables: variables[name] ?? {} });
        const first = events.next();
        const fresh = await platform.register({
          name: `Trigger of ${name}`,
          location: { latitude: 57.14, longitude: -2.09 },
        });
        let valueAt = Date.now() - 10 * MINUTE_MS;
        const provoke = setInterval(() => {
          valueAt += 1_000;
          const time = iso(valueAt);
          const input = [deviceId, fresh.id].map((id) => ({ deviceId: id, metric: 'PM2_5', value: 99, time }));
          void platform.graphql(
            'mutation ($input: [MeasurementInput!]!) { addMeasurements(input: $input) { accepted } }',
            {
              input,
            },
          );
          const rule = {
            name: `Rule at ${time}`,
            metric: 'PM2_5',
            comparison: 'ABOVE',
            threshold: 5,
            deviceId: fresh.id,
          };
          void platform.graphql('mutation ($input: AlertRuleInput!) { createAlertRule(input: $input) { id } }', {
            input: rule,
          });
        }, 500);
        try {
          const event = await first;
          expect(event.done).not.toBe(true);
          expect(event.value?.errors).toBeUndefined();
          expect(Object.values(event.value?.data ?? {})[0]).toBeTruthy();
        } finally {
          clearInterval(provoke);
          await client.dispose();
        }
      },
    );
  });
}
