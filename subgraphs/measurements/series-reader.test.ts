import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type City, NOON_MS, openCity } from './fixtures/city.ts';
import { askDevice, iso, readings } from './fixtures/operations.ts';

const SERIES = `query ($id: ID!, $from: DateTime!, $to: DateTime!, $interval: Duration, $statistic: Statistic! = MEAN, $quality: QualityFilter! = ALL, $metric: Metric! = PM2_5) {
  _entities(representations: [{ __typename: "Device", id: $id }]) { ... on Device {
    series(metric: $metric, from: $from, to: $to, interval: $interval, statistic: $statistic, quality: $quality) { metric unit points { time value count } }
  } }
}`;

let city: City;
beforeEach(async () => {
  city = await openCity();
});
afterEach(async () => {
  await city[Symbol.asyncDispose]();
});

describe('a device that nobody knows', () => {
  it('has measured nothing, which is no error', async () => {
    expect(await askDevice(city, 'nobody', 'latest { value } airQuality(standard: EAQI) { index }')).toEqual({
      id: 'nobody',
      latest: [],
      airQuality: null,
    });
    const series = await city.ask(SERIES, { id: 'nobody', from: iso(0), to: iso(NOON_MS) });
    expect(series._entities[0].series).toEqual({ metric: 'PM2_5', unit: 'µg/m³', points: [] });
  });
});

describe('a series', () => {
  const range = { id: 'd1', from: iso(NOON_MS - HOUR_MS), to: iso(NOON_MS) };
  const points = async (variables: Record<string, unknown>) =>
    (await city.ask(SERIES, { ...range, ...variables }))._entities[0].series.points;

  beforeEach(async () => {
    await city.place({ deviceId: 'd1' });
  });

  it('without interval has the raw values in time order, `to` left out', async () => {
    await city.measure(...readings('d1', [1, 2, 3], NOON_MS, 30 * MINUTE_MS));
    expect(await points({})).toEqual([
      { time: iso(NOON_MS - HOUR_MS), value: 1, count: 1 },
      { time: iso(NOON_MS - 30 * MINUTE_MS), value: 2, count: 1 },
    ]);
  });

  it('has one statistic for each bucket, labelled by its start, empty ones left out', async () => {
    await city.measure(...readings('d1', [10, 20, 60, 5], NOON_MS - MINUTE_MS, 10 * MINUTE_MS));
    // 11:29 10, 11:39 20, 11:49 60, 11:59 5; buckets of 20 minutes: [10, 20] and [60, 5].
    const bucket = { interval: 'PT20M' };
    const times = [iso(NOON_MS - 40 * MINUTE_MS), iso(NOON_MS - 20 * MINUTE_MS)];
    expect(await points(bucket)).toEqual([
      { time: times[0], value: 15, count: 2 },
      { time: times[1], value: 32.5, count: 2 },
    ]);
    const values = async (statistic: string) =>
      (await points({ ...bucket, statistic })).map(({ value }: { value: number }) => value);
    expect(await values('MIN')).toEqual([10, 5]);
    expect(await values('MAX')).toEqual([20, 60]);
    expect(await values('MEDIAN')).toEqual([15, 32.5]);
    // 95 % of the way from one rank to the next: 10 + 0.95 * 10, 5 + 0.95 * 55.
    expect(await values('P95')).toEqual([19.5, 57.25]);
    expect(await values('COUNT')).toEqual([2, 2]);
  });

  it('of BAD values too, unless they are not wanted', async () => {
    await city.measure(...readings('d1', [10, 1_000], NOON_MS - MINUTE_MS));
    expect(await points({})).toHaveLength(2);
    expect(await points({ quality: 'NOT_BAD' })).toMatchObject([{ value: 10 }]);
    expect(await points({ interval: 'PT1H' })).toMatchObject([{ value: 505, count: 2 }]);
    expect(await points({ interval: 'PT1H', quality: 'NOT_BAD' })).toMatchObject([{ value: 10, count: 1 }]);
  });

  it('counts in ones', async () => {
    await city.measure(...readings('d1', [10], NOON_MS - MINUTE_MS));
    const answer = await city.ask(SERIES, { ...range, interval: 'PT1H', statistic: 'COUNT' });
    expect(answer._entities[0].series).toMatchObject({ unit: '1', points: [{ value: 1 }] });
  });

  it('that is too long is refused with the limit and the way out', async () => {
    const second = Array.from({ length: 50_001 }, (_, index) => ({
      deviceId: 'd1',
      timeMs: NOON_MS - HOUR_MS * 14 + index * 1_000,
      values: { pm2_5: (index * 7) % 13 },
    }));
    await city.measure(...second);
    const long = { from: iso(NOON_MS - DAY_MS), to: iso(NOON_MS) };
    await expect(points(long)).rejects.toMatchObject({
      code: 'SERIES_TOO_LONG',
      subject: expect.stringMatching(/50,000.*`interval`.*shorter range/),
    });
    await expect(points({ ...long, interval: 'PT1S' })).rejects.toMatchObject({
      code: 'SERIES_TOO_LONG',
      subject: expect.stringMatching(/10,000 buckets.*longer `interval`/),
    });
    expect(await points({ ...long, to: iso(NOON_MS - HOUR_MS * 14 + 50_000_000) })).toHaveLength(50_000);
  });

  it.each([
    [{ from: iso(NOON_MS), to: iso(NOON_MS - 1) }, /^to: /],
    [{ interval: 'PT0S' }, /^interval: /],
    [{ interval: 'PT1H', from: iso(NOON_MS), to: iso(NOON_MS - 1) }, /^to: /],
  ])('with %o is refused, naming the field', async (variables, subject) => {
    await expect(points(variables)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      subject: expect.stringMatching(subject),
    });
  });
});
