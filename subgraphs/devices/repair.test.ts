import { openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { describe, expect, it } from 'vitest';
import { aDevice, aSquare } from './fixtures/device.ts';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, REGISTER, SAVE_ZONE } from './fixtures/operations.ts';
import { openEngines, openWorld, type World } from './fixtures/platform.ts';
import { openStore } from './store/collections.ts';

async function directoryOf(world: World) {
  const directory = await openDeviceDirectory(world.eventLog, world.log);
  await directory.close();
  return directory;
}

/** What a crash left behind: written to the engines without the subgraph. */
async function leaveBehind(
  folder: string,
  write: (engines: Awaited<ReturnType<typeof openEngines>>) => Promise<unknown>,
) {
  await using engines = await openEngines(folder);
  await write(engines);
}

describe('a start after a crash', () => {
  it('tells of a device that was stored and not told', async () => {
    using folder = aFolder();
    await leaveBehind(folder.path, async ({ documents }) => {
      await (await openStore(documents)).devices.insert('a', aDevice({ id: 'a' }));
    });
    await using world = await openWorld(folder.path);
    expect((await directoryOf(world)).device('a')).toMatchObject({ deviceId: 'a', secretHashes: ['first'] });
  });

  it('tells of a change that was stored and not told', async () => {
    using folder = aFolder();
    {
      await using world = await openWorld(folder.path);
      await world.ask(REGISTER, { input: aRegistration({ id: 'a' }) });
    }
    await leaveBehind(folder.path, async ({ documents }) => {
      const { devices } = await openStore(documents);
      const stored = await devices.get('a');
      if (stored) await devices.replace('a', stored.version, { ...stored.document, retiredAtMs: 1, secrets: [] });
    });
    await using world = await openWorld(folder.path);
    expect((await directoryOf(world)).device('a')).toMatchObject({ retired: true, secretHashes: [] });
  });

  it('moves the devices of a zone that was stored before they were', async () => {
    using folder = aFolder();
    {
      await using world = await openWorld(folder.path);
      await world.ask(REGISTER, { input: aRegistration({ id: 'a' }) });
    }
    await leaveBehind(folder.path, async ({ documents }) => {
      const zone = aSquare('aberdeen', [-2.3, 57.05, -2, 57.25]);
      await (await openStore(documents)).zones.insert(zone.id, zone);
    });
    await using world = await openWorld(folder.path);
    const directory = await directoryOf(world);
    expect(directory.zone('aberdeen')).toMatchObject({ region: 'Aberdeen' });
    expect(directory.device('a')).toMatchObject({ zoneId: 'aberdeen' });
    expect(await world.ask('{ device(id: "a") { zone { id } } }')).toEqual({ device: { zone: { id: 'aberdeen' } } });
  });

  it('ends a device and a zone that the log knows and the documents do not', async () => {
    using folder = aFolder();
    {
      await using world = await openWorld(folder.path);
      await world.ask(REGISTER, { input: aRegistration({ id: 'a' }) });
      await world.ask(SAVE_ZONE, { input: aSquare('aberdeen', [-2.3, 57.05, -2, 57.25]) });
    }
    await leaveBehind(folder.path, async ({ documents }) => {
      const store = await openStore(documents);
      await Promise.all([store.devices.delete('a'), store.zones.delete('aberdeen')]);
    });
    await using world = await openWorld(folder.path);
    const directory = await directoryOf(world);
    expect(directory.device('a')).toMatchObject({ retired: true, secretHashes: [] });
    expect(directory.zone('aberdeen')).toBeUndefined();
  });

  it('tells nothing when nothing differs', async () => {
    using folder = aFolder();
    let before = 0;
    {
      await using world = await openWorld(folder.path);
      await world.ask(REGISTER, { input: aRegistration({ id: 'a' }) });
      await world.ask(SAVE_ZONE, { input: aSquare('aberdeen', [-2.3, 57.05, -2, 57.25]) });
      before = await world.eventLog.endOffset('devices', 0);
    }
    await using world = await openWorld(folder.path);
    expect(await world.eventLog.endOffset('devices', 0)).toBe(before);
  });

  it('shows every device, zone and secret as before', async () => {
    using folder = aFolder();
    const fields =
      '{ devices { totalCount nodes { id name zone { id } tags registeredAt } } zones { id deviceCount boundary } }';
    let before: unknown;
    {
      await using world = await openWorld(folder.path);
      for (const id of ['b', 'a']) await world.ask(REGISTER, { input: aRegistration({ id, tags: [id] }) });
      await world.ask(SAVE_ZONE, { input: aSquare('aberdeen', [-2.3, 57.05, -2, 57.25]) });
      before = await world.ask(fields);
    }
    await using world = await openWorld(folder.path);
    expect(await world.ask(fields)).toEqual(before);
  });
});
