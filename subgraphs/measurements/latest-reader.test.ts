import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type City, NOON_MS, openCity } from './fixtures/city.ts';
import { askDevice, EVERYWHERE, iso, LATEST, readings } from './fixtures/operations.ts';

let city: City;
beforeEach(async () => {
  city = await openCity();
});
afterEach(async () => {
  await city[Symbol.asyncDispose]();
});

describe('latest measurements', () => {
  it('are the newest of each device in the box that measures this and is not retired', async () => {
    await city.place(
      { deviceId: 'in', latitude: 57.1, longitude: -2.1 },
      { deviceId: 'edge', latitude: 57.2, longitude: -2.1 },
      { deviceId: 'out', latitude: 57.2001, longitude: -2.1 },
      { deviceId: 'old', latitude: 57.1, longitude: -2.1 },
      { deviceId: 'silent', latitude: 57.1, longitude: -2.1 },
      { deviceId: 'warm', latitude: 57.1, longitude: -2.1 },
    );
    for (const id of ['in', 'edge', 'out', 'old']) await city.measure(...readings(id, [1, 12.4]));
    await city.measure({ deviceId: 'warm', values: { temperature: 20 } });
    await city.place({ deviceId: 'old', latitude: 57.1, longitude: -2.1, retired: true });
    const within = { west: -2.3, south: 57, east: -2, north: 57.2 };
    const found = (await city.ask(LATEST, { within })).latestMeasurements;
    expect(found.map((measurement: { device: { id: string } }) => measurement.device.id)).toEqual(['in', 'edge']);
    expect(found[0]).toEqual({
      metric: 'PM2_5',
      value: 12.4,
      unit: 'µg/m³',
      time: iso(NOON_MS),
      quality: 'GOOD',
      flags: [],
      correctedValue: null,
      device: { id: 'in' },
    });
  });

  it('follow a device that moves, and one that is made later', async () => {
    const within = { west: -2.3, south: 57, east: -2, north: 57.2 };
    await city.place({ deviceId: 'd1', latitude: 0, longitude: 0 });
    await city.measure(...readings('d1', [5]));
    expect((await city.ask(LATEST, { within })).latestMeasurements).toEqual([]);
    await city.place({ deviceId: 'd1', latitude: 57.1, longitude: -2.1 });
    expect((await city.ask(LATEST, { within })).latestMeasurements).toHaveLength(1);
  });

  it('say of each what speaks against it, and how it was corrected', async () => {
    await city.place({ deviceId: 'd1' });
    await city.measure({ deviceId: 'd1', values: { pm2_5: 20, pm10: 1_001, humidity: 80 } });
    expect(
      await askDevice(
        city,
        'd1',
        'latest { metric value quality flags correctedValue correction { name version modelled } }',
      ),
    ).toEqual({
      id: 'd1',
      latest: [
        {
          metric: 'PM2_5',
          value: 20,
          quality: 'GOOD',
          flags: [],
          correctedValue: 11.58,
          correction: { name: 'kappa-koehler', version: '1', modelled: true },
        },
        {
          metric: 'PM10',
          value: 1_001,
          quality: 'BAD',
          flags: ['OUT_OF_RANGE'],
          correctedValue: null,
          correction: null,
        },
        { metric: 'HUMIDITY', value: 80, quality: 'GOOD', flags: [], correctedValue: null, correction: null },
      ],
    });
  });

  it('of a box that is none are refused, with the field at fault', async () => {
    const within = { ...EVERYWHERE, south: 91 };
    await expect(city.ask(LATEST, { within })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      subject: expect.stringMatching(/^within: /),
    });
  });

  it('are found across the antimeridian', async () => {
    const longitudes = { suva: 178.4, taveuni: 180, apia: -171.8, tonga: -175.2, sydney: 151.2, hawaii: -157.8 };
    const places = Object.entries(longitudes).map(([deviceId, longitude]) => ({ deviceId, longitude, latitude: -18 }));
    await city.place(...places);
    await city.measure(...places.flatMap(({ deviceId }) => readings(deviceId, [5])));
    const within = { west: 170, south: -20, east: -171.8, north: -10 };
    const found = (await city.ask(LATEST, { within })).latestMeasurements;
    expect(found.map((one: { device: { id: string } }) => one.device.id)).toEqual(['suva', 'taveuni', 'apia', 'tonga']);
  });

  it('of more than ten thousand devices are refused, of ten thousand given', async () => {
    const places = Array.from({ length: 10_001 }, (_, place) => ({ deviceId: `s${place}`, latitude: place / 200 }));
    await city.place(...places);
    await city.measure(...places.flatMap(({ deviceId }) => readings(deviceId, [5])));
    const all = { ...EVERYWHERE, south: 0 };
    await expect(city.ask(LATEST, { within: all })).rejects.toMatchObject({ code: 'TOO_COSTLY' });
    const found = (await city.ask(LATEST, { within: { ...all, south: 0.001 } })).latestMeasurements;
    expect(found).toHaveLength(10_000);
  });
});
