import { tileOf } from '@greencity/air/place';
import { FLAG_BIT } from '@greencity/air/quality';
import { HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { AppError } from '@greencity/platform/errors';
import type { EventLog, Topic } from '@greencity/platform/event-log/port';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import {
  CITY_CHANNEL,
  deviceChannel,
  LIVE_TILE_ZOOMS,
  type LiveReading,
  tileChannel,
} from '@greencity/schema/events/channels';
import { deadLetterFormat, processedReadingFormat } from '@greencity/schema/events/reading';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type City, NOON_MS, openCity } from './fixtures/city.ts';

const { STUCK, SPIKE, HUMID, LATE, SERVER_TIME, OUT_OF_RANGE } = FLAG_BIT;

let city: City;
beforeEach(async () => {
  city = await openCity();
  await city.place({ deviceId: 'd1' });
});
afterEach(async () => {
  await city[Symbol.asyncDispose]();
});

async function stored(metric: 'PM2_5' | 'PM10' | 'HUMIDITY' | 'TEMPERATURE', deviceId = 'd1') {
  const series = city.timeSeries.findSeries(deviceId, metric);
  if (series === undefined) return [];
  const { timeMs, value, corrected, flags } = await city.timeSeries.raw({
    series,
    fromMs: 0,
    toMs: NOON_MS * 2,
    pointsMax: 50_000,
  });
  return [...timeMs].map((at, row) => ({ at, value: value[row], corrected: corrected[row], flags: flags[row] }));
}

/** A log whose appends to one topic fail as often as said. */
function failing(eventLog: EventLog, topic: Topic, times: number): EventLog {
  let left = times;
  return {
    ...eventLog,
    append(to, records) {
      if (to !== topic || left <= 0) return eventLog.append(to, records);
      left -= 1;
      return Promise.reject(new AppError('LOG_FULL', topic));
    },
  };
}

describe('a reading', () => {
  it('is stored as measured, with what correction and quality control say beside it, and told on in the same words', async () => {
    await city.measure({
      deviceId: 'd1',
      zoneId: 'harbour',
      values: { pm2_5: 20, pm10: 1_000, temperature: 8.2, humidity: 80 },
    });
    // 20 / (1 + 0.181818 / (1 / 0.8 - 1)) = 11.58.
    expect(await stored('PM2_5')).toEqual([{ at: NOON_MS, value: 20, corrected: 11.58, flags: 0 }]);
    expect(await stored('PM10')).toEqual([{ at: NOON_MS, value: 1_000, corrected: Number.NaN, flags: OUT_OF_RANGE }]);
    const [record] = await city.records('processed.measurements');
    expect(record?.key).toBe('harbour');
    expect(JSON.parse(record?.value ?? '')).toEqual({
      v: 1,
      deviceId: 'd1',
      zoneId: 'harbour',
      timeMs: NOON_MS,
      receivedAtMs: NOON_MS,
      values: { pm2_5: 20, pm10: 1_000, temperature: 8.2, humidity: 80 },
      corrected: { pm2_5: 11.58 },
      flags: { pm10: OUT_OF_RANGE },
    });
  });

  it('in air above 85 % has particles that are HUMID and not corrected, also when the humidity came shortly before', async () => {
    await city.measure(
      { deviceId: 'd1', timeMs: NOON_MS - 10 * MINUTE_MS, values: { humidity: 91 } },
      { deviceId: 'd1', timeMs: NOON_MS, values: { pm2_5: 20 } },
      { deviceId: 'd1', timeMs: NOON_MS + 1, values: { pm2_5: 20 } },
    );
    expect((await stored('PM2_5')).map(({ flags }) => flags)).toEqual([HUMID, 0]);
    expect((await stored('PM2_5')).map(({ corrected }) => corrected)).toEqual([Number.NaN, Number.NaN]);
  });

  it('counts its own humidity wherever that stands among the values, and when it comes late', async () => {
    await city.measure(
      { deviceId: 'd1', timeMs: NOON_MS, values: { pm2_5: 20, humidity: 50 } },
      { deviceId: 'd1', timeMs: NOON_MS - 2 * HOUR_MS, receivedAtMs: NOON_MS, values: { pm2_5: 30, humidity: 90 } },
    );
    expect((await stored('PM2_5')).map(({ flags }) => flags)).toEqual([HUMID | LATE, 0]);
  });

  it('that came more than an hour late, or without a time, says so on each value', async () => {
    await city.measure({
      deviceId: 'd1',
      timeMs: NOON_MS,
      receivedAtMs: NOON_MS + HOUR_MS + 1,
      timeSource: 'server',
      values: { pm2_5: 4, temperature: 8 },
    });
    const [{ flags } = {}] = await city.processed();
    expect(flags).toEqual({ pm2_5: LATE | SERVER_TIME, temperature: LATE | SERVER_TIME });
  });

  it('is visible to queries before it is told live, on the channels of the city, its tiles and its device', async () => {
    const place = { latitude: 57.14, longitude: -2.09 };
    const tiles = LIVE_TILE_ZOOMS.map((zoom) => tileChannel(zoom, tileOf(place, zoom)));
    for (const [offset, channel] of [CITY_CHANNEL, ...tiles, deviceChannel('d1')].entries()) {
      const live = city.pubSub.subscribe<LiveReading>([channel], { queueMax: 10 });
      const next = live.next();
      await city.clock.advance(MINUTE_MS);
      await city.measure({ deviceId: 'd1', values: { pm2_5: 20 } });
      const reading = { deviceId: 'd1', timeMs: city.clock.nowMs(), values: { pm2_5: 20 } };
      expect((await next).value).toMatchObject({ offset, reading });
      expect((await stored('PM2_5')).at(-1)?.at).toBe(city.clock.nowMs());
      await live.return();
    }
  });
});

describe('a reading that comes twice', () => {
  it('has one effect', async () => {
    await city.restart();
    const reading = { deviceId: 'd1', timeMs: NOON_MS, values: { pm2_5: 8, pm10: 11 } };
    await city.measure(reading, reading);
    await city.measure(reading);
    expect(await stored('PM10')).toHaveLength(1);
    expect(await city.processed()).toHaveLength(1);
  });

  it('with more values the second time tells the new ones alone', async () => {
    await city.measure({ deviceId: 'd1', timeMs: NOON_MS, values: { pm2_5: 8 } });
    await city.measure({ deviceId: 'd1', timeMs: NOON_MS, values: { pm2_5: 8, pm10: 11 } });
    expect((await city.processed()).map(({ values }) => values)).toEqual([{ pm2_5: 8 }, { pm10: 11 }]);
  });

  it('with another value changes nothing, and becomes a dead letter that can be sent again', async () => {
    await city.measure({ deviceId: 'd1', timeMs: NOON_MS, values: { pm2_5: 8 } });
    await city.measure({ deviceId: 'd1', timeMs: NOON_MS, bootId: 7, seq: 12, values: { pm2_5: 9, pm10: 11 } });
    expect(await stored('PM2_5')).toMatchObject([{ value: 8 }]);
    expect((await city.processed()).map(({ values }) => values)).toEqual([{ pm2_5: 8 }, { pm10: 11 }]);
    const [record] = await city.records('raw.measurements.dlq');
    const letter = deadLetterFormat.parse(JSON.parse(record?.value ?? ''));
    expect(letter).toMatchObject({ deviceId: 'd1', reason: 'CONFLICT', topic: 'greencity/v1/d1/measurements' });
    expect(JSON.parse(letter.payload)).toEqual({
      bootId: 7,
      seq: 12,
      time: '2026-11-23T12:00:00.000Z',
      values: { pm2_5: 9 },
    });
  });
});

describe('a record that is no reading', () => {
  it.each([
    ['{"v":1,', 'not JSON'],
    ['null', 'not an object'],
    ['{"v":2}', 'version 2'],
    [
      '{"v":1,"deviceId":"d1","zoneId":"z","timeMs":1,"receivedAtMs":1,"timeSource":"device","values":{"radon":3}}',
      'radon',
    ],
    [
      '{"v":1,"deviceId":"d1","zoneId":"z","timeMs":9e15,"receivedAtMs":1,"timeSource":"device","values":{"pm2_5":3}}',
      'timeMs: 9000000000000000 is not between the years 1970 and 2199',
    ],
  ])('%s becomes a dead letter, and the ones after it are taken', async (value, detail) => {
    await city.eventLog.append('raw.measurements', [{ key: 'z', value }]);
    await city.measure({ deviceId: 'd1', values: { pm2_5: 8 } });
    const [record] = await city.records('raw.measurements.dlq');
    const letter = deadLetterFormat.parse(JSON.parse(record?.value ?? ''));
    expect(letter).toMatchObject({ reason: 'UNREADABLE_RECORD', payload: value });
    expect(letter.detail).toContain(detail);
    expect(await stored('PM2_5')).toHaveLength(1);
  });

  it('is cut at 8 KiB in its letter, between two characters', async () => {
    await city.eventLog.append('raw.measurements', [{ key: 'z', value: `x${'é'.repeat(5_000)}` }]);
    await city.measure({ deviceId: 'd1', values: { pm2_5: 8 } });
    const [record] = await city.records('raw.measurements.dlq');
    expect(JSON.parse(record?.value ?? '').payload).toBe(`x${'é'.repeat(4_095)}`);
  });
});

describe('a failure on the way', () => {
  /** Five quiet values and one far off: judged twice, or with its neighbours forgotten, it would not be a spike. */
  const spike = [10, 11, 10, 11, 10, 400].map((value, index) => ({
    deviceId: 'd1',
    timeMs: NOON_MS - (5 - index) * MINUTE_MS,
    values: { pm2_5: value },
  }));

  /** Appends in one step, without waiting for the effect, which a failure may hold up. */
  async function send(...before: readonly string[]): Promise<void> {
    const records = spike.map((reading) => ({
      key: 'outside',
      value: JSON.stringify({ v: 1, zoneId: 'outside', receivedAtMs: NOON_MS, timeSource: 'device', ...reading }),
    }));
    const others = before.map((value) => ({ key: 'outside', value }));
    await city.eventLog.append('raw.measurements', [...others, ...records]);
  }

  /** Moves the clock over the delays of retries until everything has had its effect. */
  async function settled(): Promise<void> {
    let done = false;
    const caughtUp = city.subgraph.caughtUp().then(() => {
      done = true;
    });
    while (!done) await city.clock.advance(1_000);
    await caughtUp;
  }

  it.each(['processed.measurements', 'raw.measurements.dlq'] as const)(
    'of an append to %s is tried again from there: each thing happens once',
    async (topic) => {
      await city.restart({ eventLog: failing(city.eventLog, topic, 2) });
      await send('rubbish');
      await settled();
      expect(await city.processed()).toHaveLength(6);
      expect((await city.processed()).at(-1)?.flags).toEqual({ pm2_5: SPIKE });
      expect(await city.records('raw.measurements.dlq')).toHaveLength(1);
    },
  );

  it('of the store is tried again without judging twice', async () => {
    let left = 2;
    const timeSeries: TimeSeries = {
      ...city.timeSeries,
      write: (points) =>
        left-- > 0 ? Promise.reject(new AppError('STORE_UNWRITABLE', 'full')) : city.timeSeries.write(points),
    };
    await city.restart({ timeSeries });
    await send();
    await settled();
    expect((await stored('PM2_5')).map(({ flags }) => flags)).toEqual([0, 0, 0, 0, 0, SPIKE]);
    expect(await city.processed()).toHaveLength(6);
  });

  it('that ends the process between the store and the log is made up for at the next start, with the flags that were stored', async () => {
    await city.restart({ eventLog: failing(city.eventLog, 'processed.measurements', Number.POSITIVE_INFINITY) });
    await send();
    while ((await stored('PM2_5')).length < 6) await new Promise((resolve) => setImmediate(resolve));
    expect(await city.processed()).toEqual([]);
    await city.restart();
    await city.subgraph.caughtUp();
    const told = await city.processed();
    expect(told.map(({ values }) => values['pm2_5'])).toEqual([10, 11, 10, 11, 10, 400]);
    expect(told.at(-1)?.flags).toEqual({ pm2_5: SPIKE });
    expect(await stored('PM2_5')).toHaveLength(6);
  });
});

describe('after a restart', () => {
  it('what was told is not told again, though its record comes again', async () => {
    let told = 0;
    const forgetful = (eventLog: EventLog): EventLog => ({
      ...eventLog,
      // As after a kill: what was handled was never committed.
      consume: (options) => eventLog.consume({ ...options, position: { kind: 'ephemeral', startAt: 'earliest' } }),
      async append(topic, records) {
        if (topic === 'processed.measurements') told += records.length;
        return await eventLog.append(topic, records);
      },
    });
    await city.measure({ deviceId: 'd1', timeMs: NOON_MS, values: { pm2_5: 8, pm10: 11 } });
    await city.restart({ eventLog: forgetful(city.eventLog) });
    await city.measure({ deviceId: 'd1', timeMs: NOON_MS + MINUTE_MS, values: { pm2_5: 9 } });
    expect(told).toBe(1);
    expect(await city.processed()).toHaveLength(2);
  });

  it('a run that was STUCK goes on being so, and the newest humidity is known', async () => {
    const run = Array.from({ length: 20 }, (_, index) => ({
      deviceId: 'd1',
      timeMs: NOON_MS + index * 5 * MINUTE_MS,
      values: { pm2_5: 4.2 },
    }));
    await city.measure(...run);
    const end = NOON_MS + 95 * MINUTE_MS;
    await city.measure({ deviceId: 'd1', timeMs: end, values: { humidity: 95 } });
    await city.restart();
    await city.measure({ deviceId: 'd1', timeMs: end + 5 * MINUTE_MS, values: { pm2_5: 4.2 } });
    expect((await stored('PM2_5')).at(-1)?.flags).toBe(STUCK | HUMID);
  });
});

describe('what is told on', () => {
  it('reads as its format says, for any reading', async () => {
    await city.measure(
      { deviceId: 'd1', timeMs: NOON_MS, zoneId: 'Ouest "é" \\ 1', values: { co: 1e21, signal_strength: -0 } },
      { deviceId: 'd1', timeMs: NOON_MS + 1, values: { humidity: 50, pm1: 1e-7, pm10: 0.1 + 0.2 } },
      { deviceId: 'd1', timeMs: NOON_MS + 2, values: {} },
    );
    const records = await city.records('processed.measurements');
    const read = records.map(({ value }) => processedReadingFormat.parse(JSON.parse(value)));
    expect(read.map(({ zoneId }) => zoneId)).toEqual(['Ouest "é" \\ 1', 'outside']);
    expect(read[0]?.values).toEqual({ co: 1e21, signal_strength: 0 });
    expect(read[1]).toMatchObject({ values: { pm1: 1e-7, pm10: 0.1 + 0.2 }, corrected: { pm10: 0.25 } });
  });
});
