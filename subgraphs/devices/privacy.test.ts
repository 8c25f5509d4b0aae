import { distanceM } from '@greencity/air/place';
import { openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { expect, it } from 'vitest';
import { publicPlace } from './domain/public-place.ts';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, REGISTER, SAVE_ZONE, UPDATE } from './fixtures/operations.ts';
import { ANONYMOUS, OPERATOR, openWorld, type World } from './fixtures/platform.ts';

const EXACT = { latitude: 57.145_123, longitude: -2.1_007 };
const SQUARE = publicPlace({ location: { ...EXACT, altitude: null }, locationPrivacy: 'ROUNDED' });

async function withHome(use: (world: World) => Promise<void>): Promise<void> {
  using folder = aFolder();
  await using world = await openWorld(folder.path);
  await world.ask(REGISTER, {
    input: aRegistration({ id: 'home-1', locationPrivacy: 'ROUNDED', location: { ...EXACT, altitude: 31 } }),
  });
  await use(world);
}

it('shows the square of a private home wherever its location is asked for, an altitude never', () =>
  withHome(async (world) => {
    const LOCATION = '{ location { latitude longitude altitude } }';
    const square = { location: { ...SQUARE, altitude: null } };
    expect(await world.ask(`{ device(id: "home-1") ${LOCATION} }`, {}, ANONYMOUS)).toEqual({ device: square });
    expect(await world.ask(`{ devices { nodes ${LOCATION} } }`, {}, ANONYMOUS)).toEqual({
      devices: { nodes: [square] },
    });
    expect(
      await world.ask(
        `{ _entities(representations: [{ __typename: "Device", id: "home-1" }]) { ... on Device ${LOCATION} } }`,
        {},
        ANONYMOUS,
      ),
    ).toEqual({ _entities: [square] });
    expect(await world.ask(`{ device(id: "home-1") ${LOCATION} }`, {}, OPERATOR)).toEqual({
      device: { location: { ...EXACT, altitude: 31 } },
    });
  }));

it('measures distances to the square, so that three of them do not find the home', () =>
  withHome(async (world) => {
    for (const from of [{ latitude: 57.14, longitude: -2.1 }, { latitude: 57.15, longitude: -2.11 }, EXACT]) {
      const { nearestDevices } = await world.ask<{ nearestDevices: { distance: number }[] }>(
        'query ($latitude: Float!, $longitude: Float!) { nearestDevices(latitude: $latitude, longitude: $longitude, first: 1) { distance } }',
        from,
        OPERATOR,
      );
      expect(nearestDevices[0]?.distance).toBeCloseTo(distanceM(from, SQUARE), 6);
    }
  }));

it('finds it in a box by its square alone, so that smaller and smaller boxes do not find the home', () =>
  withHome(async (world) => {
    const found = async ({ latitude, longitude }: typeof EXACT) => {
      const within = { west: longitude - 1e-5, east: longitude + 1e-5, south: latitude - 1e-5, north: latitude + 1e-5 };
      const { devices } = await world.ask<{ devices: { totalCount: number } }>(
        'query ($within: BoundingBoxInput!) { devices(filter: { within: $within }) { totalCount } }',
        { within },
        ANONYMOUS,
      );
      return devices.totalCount;
    };
    expect([await found(EXACT), await found(SQUARE)]).toEqual([0, 1]);
  }));

it('puts it into the zone of its square, so that zones drawn finer and finer do not find the home', () =>
  withHome(async (world) => {
    const ring = ({ latitude, longitude }: typeof EXACT) => {
      const [west, east, south, north] = [longitude - 1e-5, longitude + 1e-5, latitude - 1e-5, latitude + 1e-5];
      return [
        [
          [west, south],
          [east, south],
          [east, north],
          [west, north],
          [west, south],
        ],
      ];
    };
    const zone = (id: string, place: typeof EXACT) => ({
      input: { id, name: id, region: 'Aberdeen', boundary: ring(place) },
    });
    for (const [id, place] of [
      ['fine', EXACT],
      ['square', SQUARE],
    ] as const)
      await world.ask(SAVE_ZONE, zone(id, place));
    expect(await world.ask('{ device(id: "home-1") { zone { id } } }', {}, ANONYMOUS)).toEqual({
      device: { zone: { id: 'square' } },
    });
  }));

it('tells the other parts the square: live boxes, tiles, heat maps and exports know nothing else', () =>
  withHome(async (world) => {
    await using directory = await openDeviceDirectory(world.eventLog, world.log);
    expect(directory.device('home-1')).toMatchObject(SQUARE);
    await world.ask(UPDATE, { id: 'home-1', input: { locationPrivacy: 'EXACT' } });
    await directory.caughtUp();
    expect(directory.device('home-1')).toMatchObject(EXACT);
    await world.ask(UPDATE, { id: 'home-1', input: { locationPrivacy: 'ROUNDED' } });
    await directory.caughtUp();
    expect(directory.device('home-1')).toMatchObject(SQUARE);
  }));
