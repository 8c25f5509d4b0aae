import { readFileSync } from 'node:fs';
import { tileOf } from '@greencity/air/place';
import { memoryPubSub } from '@greencity/platform/pub-sub/memory';
import { ALERT_CHANNEL, CITY_CHANNEL, DEVICE_STATUS_CHANNEL } from '@greencity/schema/events/channels';
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Changed } from './changes.ts';
import { ANY_STATUS, ANY_TILE, noteRoots, ROOT_DEPENDENCIES, tileTag } from './dependencies.ts';
import { liveChanges } from './live-changes.ts';
import { newRecord } from './record.ts';

const API = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'));
const PIER = { latitude: 57.14, longitude: -2.09 };
const reading = (deviceId: string, values: Record<string, number> = { pm2_5: 12 }) => ({
  offset: 1,
  reading: { v: 1, deviceId, zoneId: 'harbour', timeMs: 0, receivedAtMs: 0, values },
});

function tagsOf(query: string, variables: Record<string, unknown> = {}): readonly string[] | undefined {
  const record = newRecord();
  noteRoots(API, { document: parse(query), operationName: undefined }, variables, record);
  return record.tags();
}

/** What was heard after each of these messages. */
async function heard(messages: readonly (readonly [channel: string, message: unknown])[]): Promise<readonly Changed[]> {
  await using pubSub = memoryPubSub();
  const changes: Changed[] = [];
  using _ = liveChanges(pubSub, (deviceId) => (deviceId === 'pier' ? PIER : undefined)).listen((changed) => {
    changes.push(changed);
  });
  for (const [channel, message] of messages) pubSub.publish(channel, message);
  while (changes.length < messages.length) await new Promise((resolve) => setImmediate(resolve));
  return changes;
}

function concerns(changed: Changed | undefined, query: string, variables: Record<string, unknown> = {}): boolean {
  const tags = tagsOf(query, variables);
  if (!tags || !changed) throw new Error('expected tags and a change');
  return changed === 'everything' || tags.some((tag) => changed.includes(tag));
}

const MAP =
  'query ($within: BoundingBoxInput!, $metric: Metric!) { latestMeasurements(within: $within, metric: $metric) { value } }';
const around = { west: -2.1, south: 57.13, east: -2.08, north: 57.15 };
const elsewhere = { west: 10, south: 50, east: 10.01, north: 50.01 };

describe('a new reading', () => {
  it('concerns its device, its zone, and lists of devices', async () => {
    const [changed] = await heard([[CITY_CHANNEL, reading('pier')]]);
    expect(concerns(changed, '{ device(id: "pier") { lastSeenAt } }')).toBe(true);
    expect(concerns(changed, '{ device(id: "other") { lastSeenAt } }')).toBe(false);
    expect(concerns(changed, '{ zone(id: "harbour") { id } }')).toBe(true);
    expect(concerns(changed, '{ devices { totalCount } }')).toBe(true);
    expect(concerns(changed, '{ zones { name } }')).toBe(false);
    expect(concerns(changed, '{ alerts(first: 1) { totalCount } }')).toBe(false);
  });

  it('concerns maps of its tile and its metric, of any size', async () => {
    const [changed] = await heard([[CITY_CHANNEL, reading('pier', { pm2_5: 12, humidity: 50 })]]);
    expect(concerns(changed, MAP, { within: around, metric: 'PM2_5' })).toBe(true);
    expect(concerns(changed, MAP, { within: around, metric: 'HUMIDITY' })).toBe(true);
    expect(concerns(changed, MAP, { within: around, metric: 'CO2' })).toBe(false);
    expect(concerns(changed, MAP, { within: elsewhere, metric: 'PM2_5' })).toBe(false);
    for (const size of [0.5, 3, 20, 60]) {
      const within = { west: -2.09 - size, south: 57 - size / 2, east: -2.09 + size, north: 57.2 + size / 3 };
      expect(concerns(changed, MAP, { within, metric: 'PM2_5' }), String(size)).toBe(true);
    }
  });

  it('concerns every map when nobody knows where its device is', async () => {
    const [changed] = await heard([[CITY_CHANNEL, reading('lost')]]);
    expect(concerns(changed, MAP, { within: elsewhere, metric: 'CO2' })).toBe(true);
    expect(changed).toContain(ANY_TILE);
  });
});

describe('what else is told live', () => {
  it('is the status of a device, which may take it off the map', async () => {
    const change = { v: 1, deviceId: 'pier', status: 'RETIRED', lastSeenAtMs: null, changedAtMs: 0 };
    const [changed] = await heard([[DEVICE_STATUS_CHANNEL, { change }]]);
    expect(changed).toContain(ANY_STATUS);
    expect(concerns(changed, MAP, { within: elsewhere, metric: 'CO2' })).toBe(true);
    expect(concerns(changed, '{ device(id: "pier") { status } }')).toBe(true);
    expect(concerns(changed, '{ alerts(first: 1) { totalCount } }')).toBe(false);
  });

  it('is an alert, of its device and its zone', async () => {
    const change = { v: 1, alertId: 'a', ruleId: 'r', deviceId: 'pier', zoneId: 'harbour' };
    const [changed] = await heard([[ALERT_CHANNEL, { change }]]);
    expect(concerns(changed, '{ alerts(first: 1) { totalCount } }')).toBe(true);
    expect(concerns(changed, '{ device(id: "pier") { id } }')).toBe(true);
    expect(concerns(changed, '{ zone(id: "harbour") { id } }')).toBe(true);
    expect(concerns(changed, '{ devices { totalCount } }')).toBe(false);
  });

  it('is everything, once it cannot be heard any more', async () => {
    const changes: Changed[] = [];
    const pubSub = memoryPubSub();
    liveChanges(pubSub, () => undefined).listen((changed) => changes.push(changed));
    await pubSub.close();
    while (changes.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(changes).toEqual(['everything']);
  });
});

describe('the roots of the graph', () => {
  it('have dependencies, or are not kept', () => {
    const roots = API.getQueryType()?.getFields() ?? {};
    const named = Object.keys(ROOT_DEPENDENCIES).filter((name) => !name.startsWith('__'));
    expect(named.filter((name) => !(name in roots))).toEqual([]);
    expect(tagsOf('{ viewer { id } }')).toBeUndefined();
    expect(tagsOf('{ zones { name } viewer { id } }')).toBeUndefined();
    expect(tagsOf('{ __typename }')).toEqual([]);
  });

  it('are found in fragments, under other names, and left out with what is skipped', () => {
    expect(tagsOf('query ($id: ID!) { ...F } fragment F on Query { d: device(id: $id) { id } }', { id: 'x' })).toEqual([
      'type:Device',
      'Device:x',
    ]);
    expect(tagsOf('query ($no: Boolean!) { zones { id } viewer @include(if: $no) { id } }', { no: false })).toEqual([
      'zones',
    ]);
  });

  it('name the tiles of a map at a zoom that also readings are told at', () => {
    expect(tagsOf(MAP, { within: around, metric: 'PM2_5' })).toContain(tileTag(12, tileOf(PIER, 12), 'PM2_5'));
  });
});
