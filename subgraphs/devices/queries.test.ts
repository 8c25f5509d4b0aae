import { describe, expect, it } from 'vitest';
import { aSquare } from './fixtures/device.ts';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, DEVICES, REGISTER, RETIRE, SAVE_ZONE } from './fixtures/operations.ts';
import { ANONYMOUS, openWorld, START_MS, type World } from './fixtures/platform.ts';

const register = (world: World, id: string, changes: object = {}) =>
  world.ask(REGISTER, { input: aRegistration({ id, name: id, ...changes }) });

interface DevicesAnswer {
  readonly devices: {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly nodes: readonly { readonly id: string; readonly status: string }[];
  };
}

async function page(world: World, variables: object = {}) {
  const { devices } = await world.ask<DevicesAnswer>(DEVICES, { ...variables }, ANONYMOUS);
  return { ids: devices.nodes.map(({ id }) => id), ...devices, ...devices.pageInfo };
}

describe('one device', () => {
  it('shows everything that was said of it', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.ask(SAVE_ZONE, { input: aSquare('aberdeen', [-2.3, 57.05, -2, 57.25]) });
    await register(world, 'a', {
      location: { latitude: 57.14, longitude: -2.09, altitude: 20 },
      environment: 'INDOOR',
      connectivity: 'LORAWAN',
      sensors: ['SDS011', 'DHT22'],
      devEui: '24E124136B502170',
      tags: ['school'],
    });
    const fields = `id name status lastSeenAt environment connectivity location { latitude longitude altitude } zone { id name region }
      sensors { model metrics } devEui tags firmware registeredAt`;
    expect(await world.ask(`{ device(id: "a") { ${fields} } }`, {}, ANONYMOUS)).toEqual({
      device: {
        id: 'a',
        name: 'a',
        status: 'NEW',
        lastSeenAt: null,
        environment: 'INDOOR',
        connectivity: 'LORAWAN',
        location: { latitude: 57.14, longitude: -2.09, altitude: 20 },
        zone: { id: 'aberdeen', name: 'Zone aberdeen', region: 'Aberdeen' },
        sensors: [
          { model: 'SDS011', metrics: ['PM2_5', 'PM10'] },
          { model: 'DHT22', metrics: ['TEMPERATURE', 'HUMIDITY'] },
        ],
        devEui: '24e124136b502170',
        tags: ['school'],
        firmware: null,
        registeredAt: new Date(START_MS).toISOString(),
      },
    });
    expect(await world.ask('{ device(id: "b") { id } }')).toEqual({ device: null });
  });
});

describe('the list of devices', () => {
  it('comes page by page, each device once, while others are registered', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    for (const id of ['b', 'd', 'f', 'h']) await register(world, id);
    const first = await page(world, { first: 2 });
    expect(first).toMatchObject({ ids: ['b', 'd'], totalCount: 4, hasNextPage: true });
    for (const id of ['a', 'e', 'z']) await register(world, id);
    const second = await page(world, { first: 3, after: first.endCursor });
    expect(second).toMatchObject({ ids: ['e', 'f', 'h'], totalCount: 7, hasNextPage: true });
    expect(await page(world, { first: 3, after: second.endCursor })).toMatchObject({ ids: ['z'], hasNextPage: false });
    expect(await page(world, { after: (await page(world)).endCursor })).toMatchObject({
      ids: [],
      endCursor: null,
      totalCount: 7,
    });
  });

  it('filters by the status of now, with the right total', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    for (const id of ['new', 'one', 'two', 'gone']) await register(world, id);
    for (const deviceId of ['one', 'two']) await world.hear({ deviceId });
    await world.ask(RETIRE, { id: 'gone' });
    const of = (status: string) => page(world, { filter: { status }, first: 1 });
    expect(await of('ONLINE')).toMatchObject({ ids: ['one'], totalCount: 2, hasNextPage: true });
    expect(await of('NEW')).toMatchObject({ ids: ['new'], totalCount: 1, hasNextPage: false });
    expect(await of('RETIRED')).toMatchObject({ ids: ['gone'], totalCount: 1 });
    await world.clock.advance(11 * 60_000);
    expect(await of('ONLINE')).toMatchObject({ ids: [], totalCount: 0 });
    expect(await of('LATE')).toMatchObject({ ids: ['one'], totalCount: 2 });
  });

  it('filters by box, zone, environment and text together', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.ask(SAVE_ZONE, { input: aSquare('aberdeen', [-2.3, 57.05, -2, 57.25]) });
    await register(world, 'rome', { environment: 'INDOOR', tags: ['School'] });
    await register(world, 'paris');
    await register(world, 'far', { location: { latitude: 0, longitude: 0 } });
    const ids = async (filter: object) => (await page(world, { filter })).ids;
    expect(await ids({ within: { west: -2.3, south: 57.05, east: -2, north: 57.25 } })).toEqual(['paris', 'rome']);
    expect(await ids({ zone: 'outside' })).toEqual(['far']);
    expect(await ids({ zone: 'aberdeen', environment: 'INDOOR' })).toEqual(['rome']);
    expect(await ids({ search: 'SCHOOL' })).toEqual(['rome']);
    expect(await ids({ search: '.*' })).toEqual([]);
    expect(await ids({ zone: 'nowhere' })).toEqual([]);
  });

  it('refuses too much, too little, a wrong box and a cursor that it did not give', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const refusal = (variables: object) => world.refused(DEVICES, { ...variables }, ANONYMOUS);
    expect(await refusal({ first: 200 })).toMatchObject({ code: undefined });
    expect(await refusal({ first: 201 })).toEqual({ code: 'TOO_COSTLY', subject: 'first: at most 200' });
    expect(await refusal({ first: 0 })).toEqual({ code: 'BAD_USER_INPUT', subject: 'first: must be 1 to 200' });
    expect(await refusal({ first: -1 })).toMatchObject({ code: 'BAD_USER_INPUT' });
    const box = { west: 0, south: 1, east: 0, north: 0 };
    expect(await refusal({ filter: { within: box } })).toEqual({
      code: 'BAD_USER_INPUT',
      subject: 'filter.within: south must not be greater than north',
    });
    const cursors = [
      '',
      'x',
      'e30',
      Buffer.from('["a"]').toString('base64url'),
      Buffer.from('[1,2]').toString('base64url'),
      'a'.repeat(3_000),
    ];
    for (const after of cursors) expect(await refusal({ after }), after).toMatchObject({ code: 'BAD_CURSOR' });
  });
});

describe('the nearest devices', () => {
  const NEAREST = `query Nearest($latitude: Float!, $longitude: Float!, $first: Int!) {
    nearestDevices(latitude: $latitude, longitude: $longitude, first: $first) { distance device { id name } }
  }`;

  it('come nearest first with their distance', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'far', { location: { latitude: 58, longitude: -2 } });
    await register(world, 'near', { location: { latitude: 57.001, longitude: -2 } });
    await register(world, 'retired', { location: { latitude: 57, longitude: -2 } });
    await world.ask(RETIRE, { id: 'retired' });
    const { nearestDevices } = await world.ask<{ nearestDevices: { distance: number; device: { id: string } }[] }>(
      NEAREST,
      {
        latitude: 57,
        longitude: -2,
        first: 5,
      },
    );
    expect(nearestDevices.map(({ device }) => device.id)).toEqual(['near', 'far']);
    // A degree of latitude on a sphere of 6,371,008.8 m is 111,195.08 m.
    expect(nearestDevices[0]?.distance).toBeCloseTo(111.195, 2);
    expect(nearestDevices[1]?.distance).toBeCloseTo(111_195.08, 1);
  });

  it('refuse a place off the earth and too many', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const refusal = (latitude: number, longitude: number, first: number) =>
      world.refused(NEAREST, { latitude, longitude, first });
    expect(await refusal(91, 0, 1)).toEqual({ code: 'BAD_USER_INPUT', subject: 'latitude: must be -90 to 90' });
    expect(await refusal(0, -181, 1)).toEqual({ code: 'BAD_USER_INPUT', subject: 'longitude: must be -180 to 180' });
    expect(await refusal(0, 0, 0)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await refusal(0, 0, 101)).toMatchObject({ code: 'TOO_COSTLY' });
  });
});

describe('references from other subgraphs', () => {
  const ENTITIES = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Device { id status zone { id } } ... on Zone { id deviceCount } }
  }`;

  it('are answered in their order, null where there is nothing', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, 'a');
    const representations = [
      { __typename: 'Device', id: 'none' },
      { __typename: 'Zone', id: 'outside' },
      { __typename: 'Device', id: 'a' },
      { __typename: 'Zone', id: 'none' },
    ];
    expect(await world.ask(ENTITIES, { representations }, ANONYMOUS)).toEqual({
      _entities: [null, { id: 'outside', deviceCount: 1 }, { id: 'a', status: 'NEW', zone: { id: 'outside' } }, null],
    });
  });

  it('are answered a thousand at a time', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await Promise.all(Array.from({ length: 100 }, (_, index) => register(world, `d${index}`)));
    const representations = Array.from({ length: 1_000 }, (_, index) => ({
      __typename: 'Device',
      id: `d${index % 100}`,
    }));
    const { _entities } = await world.ask<{ _entities: { id: string }[] }>(ENTITIES, { representations });
    expect(_entities.map(({ id }) => id)).toEqual(representations.map(({ id }) => id));
  });
});
