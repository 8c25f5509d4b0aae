import { MINUTE_MS } from '@greencity/air/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type City, NOON_MS, openCity } from './fixtures/city.ts';
import { iso } from './fixtures/operations.ts';

const LIVE = `subscription ($within: BoundingBoxInput, $metrics: [Metric!], $deviceIds: [ID!]) {
  measurementReceived(within: $within, metrics: $metrics, deviceIds: $deviceIds) { metric value unit time quality flags correctedValue device { id } }
}`;
const HARBOUR = { west: -2.2, south: 57.1, east: -2, north: 57.2 };

let city: City;
beforeEach(async () => {
  city = await openCity();
  await city.place(
    { deviceId: 'pier', latitude: 57.14, longitude: -2.09 },
    { deviceId: 'hill', latitude: 57.3, longitude: -2.09 },
    // In the same map tile as the pier, and outside of the box.
    { deviceId: 'near', latitude: 57.14, longitude: -1.99 },
  );
});
afterEach(async () => {
  await city[Symbol.asyncDispose]();
});

/** What a subscriber is told, as device and value, after each of three devices measured; ended by a value that reaches it for sure. */
async function heard(variables: Record<string, unknown>, lastDevice = 'pier'): Promise<readonly unknown[]> {
  const events = await city.listen(LIVE, variables);
  await city.measure(
    { deviceId: 'hill', values: { pm2_5: 1 } },
    { deviceId: 'near', values: { pm2_5: 2 } },
    { deviceId: 'pier', values: { pm10: 4, pm2_5: 3 } },
    { deviceId: lastDevice, timeMs: NOON_MS + 1, values: { pm2_5: 99, co2: 99 } },
  );
  const found: unknown[] = [];
  for await (const { data, errors } of events) {
    expect(errors).toBeUndefined();
    const { value, device } = data.measurementReceived;
    if (value === 99) break;
    found.push(`${device.id} ${value}`);
  }
  return found;
}

describe('a subscriber', () => {
  it('of the whole city hears each value', async () => {
    expect(await heard({})).toEqual(['hill 1', 'near 2', 'pier 3', 'pier 4']);
  });

  it('of a box hears the devices in it, to the metre', async () => {
    expect(await heard({ within: HARBOUR })).toEqual(['pier 3', 'pier 4']);
  });

  it('of a box of very many tiles hears the devices in it too', async () => {
    expect(await heard({ within: { west: -90, south: 0, east: -2, north: 57.2 } })).toEqual(['pier 3', 'pier 4']);
  });

  it('of devices hears these', async () => {
    expect(await heard({ deviceIds: ['near', 'pier'] })).toEqual(['near 2', 'pier 3', 'pier 4']);
  });

  it('of devices in a box hears those of them that are in it', async () => {
    expect(await heard({ deviceIds: ['near', 'pier'], within: HARBOUR })).toEqual(['pier 3', 'pier 4']);
  });

  it('of metrics hears these', async () => {
    expect(await heard({ metrics: ['PM10', 'CO2'] })).toEqual(['pier 4']);
  });

  it('is told what a query would tell', async () => {
    const events = await city.listen(LIVE, { deviceIds: ['pier'], metrics: ['PM2_5'] });
    await city.measure({ deviceId: 'pier', values: { pm2_5: 20, pm10: 2_000, humidity: 80 } });
    const { data } = (await events.next()).value;
    expect(data.measurementReceived).toEqual({
      metric: 'PM2_5',
      value: 20,
      unit: 'µg/m³',
      time: iso(NOON_MS),
      quality: 'GOOD',
      flags: [],
      correctedValue: 11.58,
      device: { id: 'pier' },
    });
    await events.return(undefined);
  });

  it('that leaves is gone at once, also while it waits', async () => {
    const events = await city.listen(LIVE, { deviceIds: ['pier'] });
    const waiting = events.next();
    await events.return(undefined);
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(city.pubSub.hasSubscribers('measurements:device/pier')).toBe(false);
  });

  it('that is slow loses the oldest readings and keeps the newest thousand', async () => {
    const events = await city.listen(LIVE, { deviceIds: ['pier'] });
    const many = Array.from({ length: 1_200 }, (_, place) => ({
      deviceId: 'pier',
      timeMs: NOON_MS + place,
      values: { pm2_5: place / 100 },
    }));
    await city.measure(...many);
    expect((await events.next()).value.data.measurementReceived.value).toBe(2);
    await events.return(undefined);
  });

  it('hears a device where it is now', async () => {
    const events = await city.listen(LIVE, { within: HARBOUR });
    await city.measure({ deviceId: 'hill', values: { pm2_5: 1 } });
    await city.place({ deviceId: 'hill', latitude: 57.15, longitude: -2.1 });
    await city.measure({ deviceId: 'hill', timeMs: NOON_MS + MINUTE_MS, values: { pm2_5: 2 } });
    expect((await events.next()).value.data.measurementReceived.value).toBe(2);
    await events.return(undefined);
  });

  it.each([
    [{ within: { ...HARBOUR, north: 57 } }, /^within: /],
    [{ deviceIds: Array.from({ length: 1_001 }, (_, place) => `d${place}`) }, /^deviceIds: /],
  ])('that asks for nonsense is refused, with the field at fault', async (variables, subject) => {
    await expect(city.listen(LIVE, variables)).rejects.toMatchObject({
      originalError: { code: 'BAD_USER_INPUT', subject: expect.stringMatching(subject) },
    });
  });
});
