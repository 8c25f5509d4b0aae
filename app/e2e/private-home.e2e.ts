/** A private home on every way out: what the public is given never tells more than its square, whatever it is asked by. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStream } from '../../gateway/fixtures/stream-client.ts';
import { eventually } from './client.ts';
import { type Platform, startPlatform } from './platform.ts';

const EXACT = { latitude: 57.145_123, longitude: -2.100_765 };
/** Digits of the exact place that no square has. */
const TELLING = /57\.1451|2\.1007/;

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

let platform: Platform;
let home: { readonly id: string; readonly username: string; readonly password: string };
let square: Place;
beforeAll(async () => {
  platform = await startPlatform({ env: { LOG_LEVEL: 'debug' } });
  home = await platform.register({
    ...{ id: 'home-1', name: 'A home', location: { ...EXACT, altitude: 31 }, locationPrivacy: 'ROUNDED' },
    sensors: ['SDS011'],
  });
  await publish(9.5);
  square = await eventually('the value', async () => {
    const { data } = await asked(LATEST, { within: around(EXACT, 0.01) });
    return data.latestMeasurements[0]?.device.location;
  });
});
afterAll(() => platform?.[Symbol.asyncDispose]());

const LATEST =
  'query ($within: BoundingBoxInput!) { latestMeasurements(within: $within, metric: PM2_5) { device { location { latitude longitude } } } }';
/** Smaller than what parts the home from the middle of its square. */
const TINY = 1e-5;

function around({ latitude, longitude }: Place, degrees: number) {
  return {
    ...{ west: longitude - degrees, east: longitude + degrees },
    ...{ south: latitude - degrees, north: latitude + degrees },
  };
}

/** As everybody, without a token. */
const asked = (query: string, variables: Record<string, unknown> = {}) =>
  platform.graphql(query, variables, { token: null });

async function publish(value: number): Promise<void> {
  const client = await platform.connect(home);
  const payload = JSON.stringify({ values: { pm2_5: value } });
  await client.publishAsync(`greencity/v1/${home.id}/measurements`, payload, { qos: 1 });
  await client.endAsync();
}

async function rest(path: string, accept = 'application/json'): Promise<string> {
  const response = await fetch(`${platform.url}/api/v1${path}`, { headers: { accept } });
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  return await response.text();
}

describe('a private home', () => {
  it('is in nobody’s answer over the graph with its exact place or its altitude', async () => {
    const answers = [
      await asked('{ device(id: "home-1") { location { latitude longitude altitude } devEui } }'),
      await asked('{ devices(first: 10) { nodes { location { latitude longitude altitude } } } }'),
      await asked(LATEST, { within: around(EXACT, 0.01) }),
      await asked(
        '{ nearestDevices(latitude: 57.1, longitude: -2.1) { distance device { location { latitude longitude } } } }',
      ),
      await asked('{ zones { id boundary } }'),
    ];
    for (const answer of answers) {
      expect(answer.errors).toBeUndefined();
      expect(JSON.stringify(answer.data)).not.toMatch(TELLING);
      expect(JSON.stringify(answer.data)).not.toContain('"altitude":31');
    }
    const own = await platform.graphql('{ device(id: "home-1") { location { latitude longitude altitude } } }');
    expect(own.data.device.location).toEqual({ ...EXACT, altitude: 31 });
  });

  it('is found by boxes, filters and distances at its square alone', async () => {
    for (const [place, found] of [
      [EXACT, 0],
      [square, 1],
    ] as const) {
      const within = around(place, TINY);
      const counted = await asked(
        'query ($within: BoundingBoxInput!) { devices(filter: { within: $within }) { totalCount } }',
        { within },
      );
      expect(counted.data.devices.totalCount).toBe(found);
      expect((await asked(LATEST, { within })).data.latestMeasurements).toHaveLength(found);
    }
    const nearest =
      'query ($latitude: Float!, $longitude: Float!) { nearestDevices(latitude: $latitude, longitude: $longitude, first: 1) { distance } }';
    expect((await asked(nearest, { ...square })).data.nearestDevices[0].distance).toBeLessThan(0.01);
    expect((await asked(nearest, { ...EXACT })).data.nearestDevices[0].distance).toBeGreaterThan(1);
  });

  it('is a device of the heat map at its square', async () => {
    const count = async (place: Place) => {
      const query =
        'query ($within: BoundingBoxInput!) { heatMap(within: $within, metric: PM2_5, columns: 2, rows: 2) { deviceCount } }';
      return (await asked(query, { within: around(place, TINY) })).data.heatMap.deviceCount;
    };
    expect([await count(EXACT), await count(square)]).toEqual([0, 1]);
  });

  it('is in REST, in JSON, in CSV and in exports, with its square', async () => {
    const { west, south, east, north } = around(EXACT, 0.01);
    const box = `west=${west}&south=${south}&east=${east}&north=${north}`;
    const hour = (ms: number) => new Date(Date.now() + ms).toISOString();
    const range = `from=${hour(-3_600_000)}&to=${hour(3_600_000)}`;
    const texts = [
      await rest('/devices'),
      await rest('/devices', 'text/csv'),
      await rest('/devices/home-1'),
      await rest(`/latest?${box}&metric=PM2_5`),
      await rest(`/latest?${box}&metric=PM2_5`, 'text/csv'),
      await rest(`/export?metric=PM2_5&${range}`, 'text/csv'),
    ];
    for (const text of texts) {
      expect(text).toContain(String(square.latitude));
      expect(text).not.toMatch(TELLING);
    }
    const tiny = around(EXACT, TINY);
    const inside = await rest(
      `/latest?west=${tiny.west}&south=${tiny.south}&east=${tiny.east}&north=${tiny.north}&metric=PM2_5`,
    );
    expect(JSON.parse(inside)).toEqual([]);
  });

  it('is shown to the public as before while somebody asks the same who may see more', async () => {
    const query = '{ device(id: "home-1") { location { latitude longitude } devEui } }';
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0 ? platform.graphql(query) : platform.graphql(query, {}, { token: null }),
      ),
    );
    for (const [index, { data }] of answers.entries())
      expect(data.device.location).toEqual(index % 2 === 0 ? EXACT : square);
  });

  it('is in no alert, event of status, cursor, refusal, figure or line of the log', async () => {
    const stream = (query: string) => openStream(platform.url, { query, extensions: { snapshot: true } });
    const DEVICE = 'device { id location { latitude longitude altitude } devEui }';
    const alerts = await stream(`subscription { alertChanged { title ${DEVICE} zone { name } } }`);
    const status = await stream('subscription { deviceStatusChanged { id location { latitude longitude altitude } } }');
    const rule = { name: 'High', metric: 'PM2_5', comparison: 'ABOVE', threshold: 50 };
    const CREATE = 'mutation ($input: AlertRuleInput!) { createAlertRule(input: $input) { id } }';
    expect((await platform.graphql(CREATE, { input: rule })).errors).toBeUndefined();
    await publish(77);
    await eventually('the alert', async () => (alerts.text().includes('home-1') ? true : undefined));
    await eventually('the status', async () => (status.text().includes('home-1') ? true : undefined));
    const listed = await asked(`{ alerts(first: 5) { nodes { title comment ${DEVICE} } pageInfo { endCursor } } }`);
    const page = await asked('{ devices(first: 1) { pageInfo { endCursor } } }');
    const cursors = [listed.data.alerts.pageInfo.endCursor, page.data.devices.pageInfo.endCursor];
    const change = 'mutation { updateDevice(id: "home-1", input: { name: "x" }) { location { latitude } } }';
    const wrong = 'mutation { updateDevice(id: "home-1", input: { name: "" }) { id } }';
    const texts = [
      ...[alerts.text(), status.text(), JSON.stringify(listed.data)],
      ...cursors.map((cursor: string) => Buffer.from(cursor, 'base64url').toString()),
      JSON.stringify([await asked(change), await platform.graphql(wrong)]),
      ...(await Promise.all(['/metrics', '/ready'].map(async (path) => (await fetch(platform.url + path)).text()))),
      platform.output(),
    ];
    for (const text of texts) expect(text).not.toMatch(TELLING);
    for (const text of texts) expect(text).not.toContain('"altitude":31');
    expect(JSON.stringify(listed.data)).toContain(String(square.latitude));
    for (const { gone } of [alerts, status]) gone.abort();
  });

  it('is heard of live in boxes around its square, and in none around its place', async () => {
    const query =
      'subscription ($within: BoundingBoxInput!) { measurementReceived(within: $within) { value device { location { latitude longitude } } } }';
    const near = (place: Place) => openStream(platform.url, { query, variables: { within: around(place, TINY) } });
    const [atPlace, atSquare] = [await near(EXACT), await near(square)];
    await publish(11.5);
    await eventually('the live value', async () => (atSquare.text().includes('11.5') ? true : undefined));
    expect(atSquare.text()).not.toMatch(TELLING);
    expect(atSquare.text()).toContain(String(square.latitude));
    expect(atPlace.text()).not.toContain('measurementReceived');
    for (const { gone } of [atPlace, atSquare]) gone.abort();
  });
});
