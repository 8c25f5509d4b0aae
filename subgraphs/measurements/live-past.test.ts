import { MINUTE_MS } from '@greencity/air/time';
import { NOTHING, type StreamEvent, type StreamPart } from '@greencity/platform/graphql/port';
import { memoryPubSub } from '@greencity/platform/pub-sub/memory';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Measurement } from './domain/measurement.ts';
import { type City, NOON_MS, openCity } from './fixtures/city.ts';

const LIVE = `subscription ($within: BoundingBoxInput, $metrics: [Metric!], $deviceIds: [ID!]) {
  measurementReceived(within: $within, metrics: $metrics, deviceIds: $deviceIds) { value }
}`;
const HARBOUR = { west: -2.2, south: 57.1, east: -2, north: 57.2 };

let city: City;
let heard: string[];
beforeEach(async () => {
  heard = [];
  city = await openCity({ pubSub: counted(memoryPubSub()) });
  await city.place(
    { deviceId: 'pier', latitude: 57.14, longitude: -2.09 },
    { deviceId: 'hill', latitude: 57.9, longitude: -2.09 },
  );
});
afterEach(() => city[Symbol.asyncDispose]());

/** Notes the channels on which something was heard. */
function counted(pubSub: PubSub): PubSub {
  return {
    ...pubSub,
    publishText(channels, text) {
      heard.push(...channels.filter(pubSub.hasSubscribers));
      pubSub.publishText(channels, text);
    },
  };
}

const told = ({ value }: StreamEvent<Measurement>) => `${value.deviceId} ${value.metric} ${value.value}`;

async function all(variables: Record<string, unknown>, part: StreamPart) {
  const found: StreamEvent<Measurement>[] = [];
  for await (const event of await city.events(LIVE, variables, part)) found.push(event);
  return found;
}

const cursorOf = (event: StreamEvent<unknown> | undefined): string => event?.cursor ?? 'no cursor';

describe('a snapshot', () => {
  it('holds the newest value of each device and metric that the filter names', async () => {
    await city.measure(
      { deviceId: 'pier', values: { pm2_5: 1, pm10: 2 } },
      { deviceId: 'hill', values: { pm2_5: 3 } },
      { deviceId: 'pier', timeMs: NOON_MS + 1, values: { pm2_5: 4 } },
    );
    const snapshot = (variables: object) => all({ ...variables }, { kind: 'snapshot' });
    expect((await snapshot({})).map(told)).toEqual(['pier PM2_5 4', 'pier PM10 2', 'hill PM2_5 3']);
    expect((await snapshot({ within: HARBOUR, metrics: ['PM2_5'] })).map(told)).toEqual(['pier PM2_5 4']);
    expect((await snapshot({ deviceIds: ['hill', 'nobody', 'hill'] })).map(told)).toEqual(['hill PM2_5 3']);
    expect((await snapshot({ metrics: ['CO2'] })).map(({ value }) => value)).toEqual([NOTHING]);
  });

  it('leaves out what was retired', async () => {
    await city.measure({ deviceId: 'pier', values: { pm2_5: 1 } });
    await city.place({ deviceId: 'pier', retired: true });
    const none = await all({}, { kind: 'snapshot' });
    expect(none.map(({ value, cursor }) => [value, typeof cursor])).toEqual([[NOTHING, 'string']]);
  });

  it('ends with a cursor after which everything later comes, and nothing earlier', async () => {
    await city.measure({ deviceId: 'pier', values: { pm2_5: 1 } }, { deviceId: 'hill', values: { pm2_5: 2 } });
    const events = await all({}, { kind: 'snapshot' });
    expect(events.map(({ cursor }) => cursor !== undefined)).toEqual([false, true]);
    const cursor = cursorOf(events.at(-1));
    expect(await all({}, { kind: 'after', cursor })).toEqual([]);
    await city.measure({ deviceId: 'pier', timeMs: NOON_MS + 1, values: { pm2_5: 3 } });
    expect((await all({}, { kind: 'after', cursor })).map(told)).toEqual(['pier PM2_5 3']);
  });

  it('of more values than fit is refused', async () => {
    const devices = Array.from({ length: 3_200 }, (_, place) => ({ deviceId: `d${place}` }));
    await city.place(...devices);
    await expect(all({}, { kind: 'snapshot' })).rejects.toMatchObject({ code: 'TOO_COSTLY' });
  });
});

describe('a cursor', () => {
  /** Live events of these readings. */
  async function live(): Promise<readonly StreamEvent<Measurement>[]> {
    const events = await city.events(LIVE, {}, { kind: 'live' });
    await city.measure(
      { deviceId: 'pier', values: { pm2_5: 1, pm10: 2 } },
      { deviceId: 'hill', values: { pm2_5: 3 } },
      { deviceId: 'pier', timeMs: NOON_MS + 1, values: { pm2_5: 4, pm10: 5 } },
    );
    const found: StreamEvent<Measurement>[] = [];
    while (found.length < 5) found.push((await events.next()).value);
    await events.return?.();
    return found;
  }

  it('is on every live event, and sorts as events do', async () => {
    const cursors = (await live()).map(cursorOf);
    expect(new Set(cursors).size).toBe(5);
    expect([...cursors].sort()).toEqual(cursors);
  });

  it('gives exactly what came after its event, in the middle of a reading too', async () => {
    const events = await live();
    for (const [place, event] of events.entries()) {
      const rest = await all({}, { kind: 'after', cursor: cursorOf(event) });
      expect(rest).toEqual(events.slice(place + 1));
    }
  });

  it('goes on after a restart', async () => {
    const events = await live();
    await city.restart();
    expect(await all({}, { kind: 'after', cursor: cursorOf(events[2]) })).toEqual(events.slice(3));
  });

  it('serves another filter of the same stream', async () => {
    const events = await live();
    const rest = await all({ within: HARBOUR, metrics: ['PM2_5'] }, { kind: 'after', cursor: cursorOf(events[0]) });
    expect(rest.map(told)).toEqual(['pier PM2_5 4']);
  });

  it.each(['', 'x', 'm1', 'a0000000001000abcde', `m${'z'.repeat(40)}`])(
    'that is none is refused: "%s"',
    async (cursor) => {
      await expect(all({}, { kind: 'after', cursor })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
    },
  );

  it('of a log that has not come so far, or has another record there, is told to begin again', async () => {
    const last = cursorOf((await live()).at(-1));
    const expired = { code: 'CURSOR_EXPIRED' };
    const later = `${last.slice(0, 1)}00000000zz${last.slice(11)}`;
    await expect(all({}, { kind: 'after', cursor: later })).rejects.toMatchObject(expired);
    const other = `${last.slice(0, -1)}${last.endsWith('0') ? '1' : '0'}`;
    await expect(all({}, { kind: 'after', cursor: other })).rejects.toMatchObject(expired);
  });

  it('that retention has passed is told to begin again', async () => {
    const last = cursorOf((await live()).at(-1));
    await city.clock.advance(8 * 24 * 60 * MINUTE_MS);
    await city.eventLog.expire(city.clock.nowMs());
    await city.measure({ deviceId: 'pier', values: { pm2_5: 9 } });
    await expect(all({}, { kind: 'after', cursor: last })).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  });

  it('of a city in which nothing was measured yet misses nothing', async () => {
    const cursor = 'm000000000000000000';
    expect(await all({}, { kind: 'after', cursor })).toEqual([]);
    await city.measure({ deviceId: 'pier', values: { pm2_5: 1 } });
    expect((await all({}, { kind: 'after', cursor })).map(told)).toEqual(['pier PM2_5 1']);
  });
});

describe('a box', () => {
  it('is told by its own tiles: a reading elsewhere costs its subscriber nothing', async () => {
    const events = await city.events(LIVE, { within: HARBOUR }, { kind: 'live' });
    await city.measure({ deviceId: 'hill', values: { pm2_5: 1 } });
    expect(heard).toEqual([]);
    await city.measure({ deviceId: 'pier', timeMs: NOON_MS + 1, values: { pm2_5: 2 } });
    expect(heard).toHaveLength(1);
    expect(told((await events.next()).value)).toBe('pier PM2_5 2');
    await events.return?.();
  });

  it('of a whole region is told by wider tiles', async () => {
    const region = { west: -5, south: 55, east: 0, north: 57.5 };
    const events = await city.events(LIVE, { within: region }, { kind: 'live' });
    await city.measure({ deviceId: 'pier', values: { pm2_5: 2 } });
    expect(heard.map((channel) => channel.split('/')[0])).toEqual(['measurements:8']);
    await city.place({ deviceId: 'far', latitude: 40, longitude: 120 });
    await city.measure({ deviceId: 'far', values: { pm2_5: 2 } });
    expect(heard).toHaveLength(1);
    await events.return?.();
  });
});
