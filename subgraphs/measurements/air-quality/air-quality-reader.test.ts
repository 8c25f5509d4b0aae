import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type City, NOON_MS, openCity } from '../fixtures/city.ts';
import { askDevice, EVERYWHERE, iso, LATEST, readings } from '../fixtures/operations.ts';

const ZONE = (fields: string) => `query ($id: ID! $from: DateTime! $to: DateTime!) {
  _entities(representations: [{ __typename: "Zone", id: $id }]) { ... on Zone { id ${fields} } }
}`;

let city: City;
beforeEach(async () => {
  city = await openCity();
});
afterEach(async () => {
  await city[Symbol.asyncDispose]();
});

describe('a zone', () => {
  const range = { id: 'harbour', from: iso(NOON_MS - DAY_MS), to: iso(NOON_MS + HOUR_MS) };

  beforeEach(async () => {
    await city.place(
      { deviceId: 'a', zoneId: 'harbour' },
      { deviceId: 'b', zoneId: 'harbour' },
      { deviceId: 'kitchen', zoneId: 'harbour', environment: 'INDOOR' },
      { deviceId: 'elsewhere', zoneId: 'hill' },
    );
    await city.measure(...readings('a', [10, 20]), ...readings('b', [60]), ...readings('kitchen', [900]));
    await city.measure(...readings('elsewhere', [500]), {
      deviceId: 'b',
      timeMs: NOON_MS + 1,
      values: { pm2_5: 2_000 },
    });
  });

  it('has one statistic over all values of its outdoor devices, BAD ones left out unless asked for', async () => {
    const series = ZONE('series(metric: PM2_5, from: $from, to: $to, interval: "P1D") { unit points { value count } }');
    expect((await city.ask(series, range))._entities[0].series).toEqual({
      unit: 'µg/m³',
      points: [{ value: 30, count: 3 }],
    });
    const all = series.replace('"P1D"', '"P1D", quality: ALL, statistic: MAX');
    expect((await city.ask(all, range))._entities[0].series.points).toEqual([{ value: 2_000, count: 4 }]);
  });

  it('has the index of the mean over its devices, each counting the same', async () => {
    await city.clock.advance(MINUTE_MS);
    const index = ZONE(
      `airQuality(standard: EAQI) { index band label color dominantMetric time averaging partial subIndices { metric band concentration unit } }
       series(metric: PM2_5, from: $from, to: $to) { unit }`,
    );
    // Means of the hour: a (10 + 20) / 2 = 15, b 60; over both 37.5: Moderate.
    expect((await city.ask(index, range))._entities[0].airQuality).toEqual({
      index: 3,
      band: 3,
      label: 'Moderate',
      color: '#F0E641',
      dominantMetric: 'PM2_5',
      time: iso(NOON_MS + MINUTE_MS),
      averaging: 'PT1H',
      partial: true,
      subIndices: [{ metric: 'PM2_5', band: 3, concentration: 37.5, unit: 'µg/m³' }],
    });
  });

  it('has the ATMO index of the worst of its devices', async () => {
    const index = ZONE(
      'airQuality(standard: ATMO) { index label averaging subIndices { concentration } } series(metric: PM2_5, from: $from, to: $to) { unit }',
    );
    expect((await city.ask(index, range))._entities[0].airQuality).toEqual({
      index: 5,
      label: 'Très mauvais',
      averaging: 'P1D',
      subIndices: [{ concentration: 60 }],
    });
  });

  it('looks at one time for all of its devices, and at none that is retired', async () => {
    await city.place({ deviceId: 'gone', zoneId: 'harbour' }, { deviceId: 'slow', zoneId: 'harbour' });
    await city.measure(...readings('slow', [900], NOON_MS - HOUR_MS), ...readings('gone', [900]));
    await city.place({ deviceId: 'gone', zoneId: 'harbour', retired: true });
    const index = ZONE(
      'airQuality(standard: EAQI) { subIndices { concentration } } series(metric: PM2_5, from: $from, to: $to) { unit }',
    );
    expect((await city.ask(index, range))._entities[0].airQuality).toEqual({ subIndices: [{ concentration: 37.5 }] });
    // What was measured before it retired stays true of the time before.
    const past = index.replace('EAQI)', `EAQI, at: "${iso(NOON_MS + 1)}")`);
    // (15 + 60 + 900) / 3 = 325.
    expect((await city.ask(past, range))._entities[0].airQuality).toEqual({ subIndices: [{ concentration: 325 }] });
  });

  it('that nobody knows, or without values, has none', async () => {
    const index = ZONE(
      'airQuality(standard: WHO) { index } series(metric: CO, from: $from, to: $to) { points { value } }',
    );
    expect((await city.ask(index, { ...range, id: 'nowhere' }))._entities).toEqual([
      { id: 'nowhere', airQuality: null, series: { points: [] } },
    ]);
  });
});

describe('air quality of a device', () => {
  const index = (standard: string, at?: number) =>
    askDevice(
      city,
      'd1',
      `airQuality(standard: ${standard}${at === undefined ? '' : `, at: "${iso(at)}"`}) { index band time averaging completeness partial dominantMetric }`,
    ).then((found) => found.airQuality);

  beforeEach(async () => {
    await city.place({ deviceId: 'd1' });
  });

  it('in EAQI is about the hour that ends with its newest value', async () => {
    // 61 values a minute apart, the oldest in the minute before the window: 500 would change the mean of the others, 12.
    await city.measure(
      ...readings(
        'd1',
        [500, ...Array.from({ length: 60 }, () => 12)].map((value, i) => value + (i % 2) * 0.1),
        NOON_MS,
        MINUTE_MS,
      ),
    );
    await city.clock.advance(30 * MINUTE_MS);
    expect(await index('EAQI')).toEqual({
      index: 2,
      band: 2,
      time: iso(NOON_MS + MINUTE_MS),
      averaging: 'PT1H',
      completeness: 100,
      partial: true,
      dominantMetric: 'PM2_5',
    });
  });

  it('ends with the newest value that is not BAD, and needs one of the last three hours', async () => {
    await city.measure(...readings('d1', [30, 31]), {
      deviceId: 'd1',
      timeMs: NOON_MS + 2 * HOUR_MS,
      values: { pm2_5: 5_000 },
    });
    await city.clock.advance(2 * HOUR_MS + MINUTE_MS);
    expect(await index('EAQI')).toMatchObject({ band: 3, time: iso(NOON_MS + MINUTE_MS), completeness: 25 });
    await city.clock.advance(HOUR_MS);
    expect(await index('EAQI')).toBeNull();
  });

  it('at a past moment is about the time before it', async () => {
    await city.measure(...readings('d1', [100, 10], NOON_MS, 90 * MINUTE_MS));
    await city.clock.advance(DAY_MS);
    expect(await index('EAQI', NOON_MS - HOUR_MS)).toMatchObject({ band: 5, time: iso(NOON_MS - HOUR_MS) });
    expect(await index('EAQI', NOON_MS)).toBeNull();
    expect(await index('EAQI', NOON_MS + 1)).toMatchObject({ band: 2 });
    await expect(index('EAQI', NOON_MS + 2 * DAY_MS)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      subject: 'at: must not be in the future',
    });
  });

  it('in the US index is the NowCast of twelve hours', async () => {
    // Hours newest first: 10, 20, 20: the weight is 0.5; (10 + 10 + 5) / 1.75 = 14.28, cut to 14.2: 41.67 up from 51 by (14.2 - 9.1) * 49 / 26.3 = 60.5, so 61.
    const hourly = [20, 20, 10].flatMap((value, hour) => readings('d1', [value], NOON_MS - (2 - hour) * HOUR_MS));
    await city.measure(...hourly);
    expect(await index('US_EPA')).toMatchObject({
      index: 61,
      band: 2,
      averaging: 'PT12H',
      completeness: 25,
      partial: true,
    });
  });

  it('in WHO is about 24 hours, in ATMO about the day so far', async () => {
    await city.measure(...readings('d1', [100, 10, 20], NOON_MS, 10 * HOUR_MS));
    // 16:00 the day before, 02:00 and 12:00 today. WHO: mean of three hours 43.3, interim target 2. ATMO: of two 15, Moyen.
    expect(await index('WHO')).toMatchObject({ band: 4, averaging: 'P1D', completeness: 12.5 });
    expect(await index('ATMO')).toMatchObject({ band: 2, averaging: 'P1D' });
  });

  it('is kept until there is a newer value, or a minute has passed', async () => {
    await city.measure(...readings('d1', [10]));
    expect(await index('EAQI')).toMatchObject({ band: 2 });
    await city.measure(...readings('d1', [200], NOON_MS + 1));
    // Mean of 10 and 200: 105, Very poor.
    expect(await index('EAQI')).toMatchObject({ band: 5 });
    // A late value changes no newest one: (10 + 200 + 900) / 3 = 370.
    await city.measure(...readings('d1', [900], NOON_MS - MINUTE_MS));
    await city.clock.advance(MINUTE_MS);
    expect(await index('EAQI')).toMatchObject({ band: 6 });
  });

  it('never looks at BAD values', async () => {
    await city.measure({ deviceId: 'd1', values: { pm2_5: 900, pm10: 12, humidity: 99 } });
    expect(await index('EAQI')).toBeNull();
  });

  it('of five hundred devices takes a few calls of the store', async () => {
    let calls = 0;
    const { timeSeries } = city;
    const counting = {
      ...timeSeries,
      latest: (series: Uint32Array) => timeSeries.latest(series),
      buckets(query: Parameters<typeof timeSeries.buckets>[0]) {
        calls += 1;
        return timeSeries.buckets(query);
      },
    };
    const ids = Array.from({ length: 500 }, (_, place) => `s${place}`);
    await city.place(...ids.map((deviceId) => ({ deviceId })));
    await city.measure(
      ...ids.flatMap((id, place) => readings(id, [place / 10, place / 10 + 0.1], NOON_MS - place * 1_000)),
    );
    await city.restart({ timeSeries: counting });
    const map = LATEST.replace('device { id }', 'device { id airQuality(standard: EAQI) { band } }');
    const found = (await city.ask(map, { within: EVERYWHERE })).latestMeasurements;
    expect(found).toHaveLength(500);
    // Device 49 has a mean of 4.95, device 50 one of 5.05.
    const bandOf = (place: number) =>
      found.find((one: { device: { id: string } }) => one.device.id === `s${place}`).device.airQuality.band;
    expect([49, 50, 149, 150].map(bandOf)).toEqual([1, 2, 2, 3]);
    expect(calls).toBe(1);
    await city.ask(map, { within: EVERYWHERE });
    expect(calls).toBe(1);
  });
});
