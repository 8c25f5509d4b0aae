/** Roles in processes of their own: what is refused, who may ask a subgraph, and what a dead process takes with it. */
import { openStream } from '@greencity/gateway/fixtures/stream-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Apart, startApart } from './apart.ts';
import { eventually } from './client.ts';
import { runToEnd } from './platform.ts';

/** Readings that are durable when the process is killed; the last of them have hardly been told yet. */
const ACKNOWLEDGED = 300;

describe('a process with some roles', () => {
  it('does not start on embedded engines that others would need as well', async () => {
    const { code, output } = await runToEnd({ args: ['measurements'] });
    expect(code).toBe(1);
    expect(output).toContain('BAD_SETTING');
    expect(output).toContain('KAFKA_BROKERS must be set: measurements and ingest, devices, alerts, predictions share');
    expect(output).toContain('REDIS_URL must be set');
    expect(output).toContain('GATEWAY_SECRET_FILE must name');
    expect(output).not.toContain('INFLUX_URL');
  });

  it('does not start as a gateway that does not know where the subgraphs are', async () => {
    const { code, output } = await runToEnd({ args: ['gateway'] });
    expect(code).toBe(1);
    for (const name of ['DEVICES', 'MEASUREMENTS', 'ALERTS', 'PREDICTIONS'])
      expect(output).toContain(`${name}_URL must`);
  });

  it('does not start with a role that there is not', async () => {
    const { code, output } = await runToEnd({ args: ['gateway', 'kitchen'] });
    expect(code).toBe(1);
    expect(output).toContain('"kitchen" is no role');
  });
});

describe('a gateway in a process of its own', () => {
  let platform: Apart;
  beforeAll(async () => {
    platform = await startApart();
  });
  afterAll(async () => {
    await platform?.[Symbol.asyncDispose]();
  });

  it('is the only one who is answered by the subgraphs', async () => {
    for (const query of ['{ zones { id } }', '{ _service { sdl } }', '{ __schema { queryType { name } } }']) {
      const answer = await fetch(`${platform.data.url}/devices/graphql`, {
        method: 'POST',
        body: JSON.stringify({ query }),
      });
      expect(answer.status).toBe(401);
    }
    const authenticate = { method: 'POST', body: JSON.stringify({ token: await platform.token() }) };
    expect((await fetch(`${platform.data.url}/devices/authenticate`, authenticate)).status).toBe(401);
    expect((await fetch(`${platform.data.url}/graphql`, { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it('says how it is, what it knows of the subgraphs, and with which keys tokens are signed', async () => {
    const ready = await (await fetch(`${platform.url}/ready`)).json();
    expect(ready).toMatchObject({
      status: 'ready',
      elsewhere: { devices: 'closed', measurements: 'closed', alerts: 'closed', predictions: 'closed' },
    });
    for (const { url } of [platform, platform.data]) {
      expect((await fetch(`${url}/live`)).status).toBe(200);
      expect((await fetch(`${url}/metrics`)).status).toBe(200);
    }
    const keys = await (await fetch(`${platform.url}/.well-known/jwks.json`)).json();
    expect(keys).toMatchObject({ keys: [{ kty: 'OKP' }] });
  });

  it('outlives the process behind it, says what is missing, and goes on when it is back', async () => {
    const device = await platform.register({ name: 'Pier 1', location: { latitude: 57.14, longitude: -2.09 } });
    const query = 'query ($id: ID!) { device(id: $id) { name } }';
    expect((await platform.graphql(query, { id: device.id })).data).toEqual({ device: { name: 'Pier 1' } });
    await platform.data.kill();
    const blank = await platform.graphql(query, { id: device.id }, { token: null });
    expect(blank.data).toEqual({ device: null });
    expect(blank.errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', serviceName: 'devices' });
    expect((await fetch(`${platform.url}/live`)).status).toBe(200);
    await platform.restartData();
    await eventually('the device to be back', async () => {
      const { data } = await platform.graphql(query, { id: device.id }, { token: null });
      return data?.device ? true : undefined;
    });
  });

  it('keeps a subscription while the process behind it is killed amid readings, and gives each of them once', async () => {
    const device = await platform.register({ name: 'Pier 2', location: { latitude: 57.14, longitude: -2.09 } });
    const query = `subscription { measurementReceived(deviceIds: ["${device.id}"], metrics: [PM2_5]) { value } }`;
    const stream = await openStream(platform.url, { query });
    const startMs = Date.now() - 60_000;
    const measure = async (from: number, count: number): Promise<void> => {
      const sender = await platform.data.connect(device);
      sender.on('error', () => undefined);
      await Promise.all(
        Array.from({ length: count }, (_, index) => {
          const pm2_5 = from + index;
          const text = JSON.stringify({ time: new Date(startMs + pm2_5 * 100).toISOString(), values: { pm2_5 } });
          return sender.publishAsync(`greencity/v1/${device.id}/measurements`, text, { qos: 1 });
        }),
      );
      sender.end(true);
    };
    await measure(1, ACKNOWLEDGED);
    await platform.data.kill();
    await platform.restartData();
    await measure(ACKNOWLEDGED + 1, 1);
    const given = () => [...stream.text().matchAll(/"value":(\d+)/g)].map(([, value]) => Number(value));
    await eventually('the last reading', async () => (given().includes(ACKNOWLEDGED + 1) ? true : undefined));
    expect(given()).toEqual(Array.from({ length: ACKNOWLEDGED + 1 }, (_, index) => index + 1));
    stream.gone.abort();
  });
});
