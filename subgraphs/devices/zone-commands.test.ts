import { openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { describe, expect, it } from 'vitest';
import { aSquare } from './fixtures/device.ts';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, DELETE_ZONE, REGISTER, SAVE_ZONE, UPDATE } from './fixtures/operations.ts';
import { openEngines, openWorld, type World } from './fixtures/platform.ts';
import { openStore } from './store/collections.ts';

const ABERDEEN = aSquare('aberdeen', [-2.3, 57.05, -2, 57.25]);
const at = (id: string, latitude: number, longitude: number) =>
  aRegistration({ id, location: { latitude, longitude } });

async function zonesByDevice(world: World): Promise<Record<string, string>> {
  const { devices } = await world.ask<{ devices: { nodes: { id: string; zone: { id: string } }[] } }>(
    '{ devices { nodes { id zone { id } } } }',
  );
  const shown = Object.fromEntries(devices.nodes.map(({ id, zone }) => [id, zone.id]));
  await using directory = await openDeviceDirectory(world.eventLog, world.log);
  const told = Object.fromEntries([...directory.devices()].map(({ deviceId, zoneId }) => [deviceId, zoneId]));
  expect(told).toEqual(shown);
  return shown;
}

describe('zones', () => {
  it('take the devices that lie in them, and give them back', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.ask(REGISTER, { input: at('in', 57.1, -2.1) });
    await world.ask(REGISTER, { input: at('out', 58, -2.1) });
    expect(await world.ask(SAVE_ZONE, { input: ABERDEEN })).toEqual({ saveZone: { ...ABERDEEN, deviceCount: 1 } });
    expect(await zonesByDevice(world)).toEqual({ in: 'aberdeen', out: 'outside' });
    await world.ask(REGISTER, { input: at('new', 57.2, -2.2) });
    await world.ask(UPDATE, { id: 'out', input: { location: { latitude: 57.1, longitude: -2.25 } } });
    expect(await zonesByDevice(world)).toEqual({ in: 'aberdeen', out: 'aberdeen', new: 'aberdeen' });
    await world.ask(SAVE_ZONE, { input: { ...aSquare('aberdeen', [-2.15, 57.05, -2, 57.25]), name: 'Centre' } });
    expect(await zonesByDevice(world)).toEqual({ in: 'aberdeen', out: 'outside', new: 'outside' });
    expect(await world.ask(DELETE_ZONE, { id: 'aberdeen' })).toEqual({ deleteZone: 'aberdeen' });
    expect(await zonesByDevice(world)).toEqual({ in: 'outside', out: 'outside', new: 'outside' });
  });

  it('give a device in several of them to the smallest id', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.ask(REGISTER, { input: at('in', 57.1, -2.1) });
    await world.ask(SAVE_ZONE, { input: ABERDEEN });
    await world.ask(SAVE_ZONE, { input: aSquare('a', [-2.2, 57, -2, 57.2]) });
    expect(await zonesByDevice(world)).toEqual({ in: 'a' });
    await world.ask(SAVE_ZONE, { input: aSquare('b', [-2.2, 57, -2, 57.2]) });
    await world.ask(DELETE_ZONE, { id: 'a' });
    expect(await zonesByDevice(world)).toEqual({ in: 'aberdeen' });
  });

  it('are told to the log, the zone `outside` from the first start on, and not again when nothing changed', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.ask(SAVE_ZONE, { input: ABERDEEN });
    const before = await world.eventLog.endOffset('devices', 0);
    await world.ask(SAVE_ZONE, { input: ABERDEEN });
    expect(await world.eventLog.endOffset('devices', 0)).toBe(before);
    await using directory = await openDeviceDirectory(world.eventLog, world.log);
    expect(directory.zone('aberdeen')).toMatchObject({ name: 'Zone aberdeen', region: 'Aberdeen', deleted: false });
    expect(directory.zone('outside')).toMatchObject({ zoneId: 'outside', deleted: false });
    await world.ask(DELETE_ZONE, { id: 'aberdeen' });
    await directory.caughtUp();
    expect(directory.zone('aberdeen')).toBeUndefined();
  });

  it('are listed by name, `outside` always among them', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const zones = 'query Zones { zones { id name deviceCount } }';
    const outside = { id: 'outside', name: 'Outside all zones', deviceCount: 0 };
    expect(await world.ask(zones)).toEqual({ zones: [outside] });
    await world.ask(SAVE_ZONE, { input: { ...ABERDEEN, name: 'Aberdeen' } });
    await world.ask(SAVE_ZONE, { input: { ...aSquare('z', [0, 0, 1, 1]), name: 'Zoo' } });
    expect(await world.ask(zones)).toEqual({
      zones: [{ id: 'aberdeen', name: 'Aberdeen', deviceCount: 0 }, outside, { id: 'z', name: 'Zoo', deviceCount: 0 }],
    });
    expect(await world.ask('{ zone(id: "outside") { boundary region } no: zone(id: "no") { id } }')).toEqual({
      zone: { boundary: [], region: '' },
      no: null,
    });
  });

  it('refuse wrong input, and that `outside` be changed or removed', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const open = { ...ABERDEEN, boundary: [ABERDEEN.boundary[0]?.slice(0, -1)] };
    expect(await world.refused(SAVE_ZONE, { input: open })).toEqual({
      code: 'BAD_USER_INPUT',
      subject: 'input.boundary[0]: must end where it starts',
    });
    expect(await world.refused(SAVE_ZONE, { input: { ...ABERDEEN, id: 'outside' } })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await world.refused(DELETE_ZONE, { id: 'outside' })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await world.refused(DELETE_ZONE, { id: 'aberdeen' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('move more devices than one step writes', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    for (let index = 0; index < 1_100; index += 100) {
      const batch = Array.from({ length: 100 }, (_, offset) => at(`d${index + offset}`, 57.1, -2.1));
      await Promise.all(batch.map((input) => world.ask(REGISTER, { input })));
    }
    await world.ask(SAVE_ZONE, { input: ABERDEEN });
    expect(await world.ask('{ zone(id: "aberdeen") { deviceCount } }')).toEqual({ zone: { deviceCount: 1_100 } });
    await using directory = await openDeviceDirectory(world.eventLog, world.log);
    expect(directory.devicesInZone('aberdeen')).toHaveLength(1_100);
  });

  it('are two thousand at most, of which each can still be changed', async () => {
    using folder = aFolder();
    {
      await using engines = await openEngines(folder.path);
      const zones = Array.from({ length: 2_000 }, (_, index) => aSquare(`z${index}`, [0, 0, 1, 1]));
      await (await openStore(engines.documents)).zones.putMany(zones.map((zone) => ({ id: zone.id, document: zone })));
    }
    await using world = await openWorld(folder.path);
    expect(await world.refused(SAVE_ZONE, { input: ABERDEEN })).toEqual({
      code: 'TOO_COSTLY',
      subject: 'at most 2000 zones',
    });
    const renamed = { ...aSquare('z7', [0, 0, 1, 1]), name: 'Harbour' };
    expect(await world.ask(SAVE_ZONE, { input: renamed })).toMatchObject({ saveZone: { name: 'Harbour' } });
    await world.ask(DELETE_ZONE, { id: 'z8' });
    expect(await world.ask(SAVE_ZONE, { input: ABERDEEN })).toMatchObject({ saveZone: { id: 'aberdeen' } });
  });
});
