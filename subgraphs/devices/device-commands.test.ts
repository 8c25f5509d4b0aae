import { createHash } from 'node:crypto';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { Role, Viewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { describe, expect, it } from 'vitest';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, REGISTER, RETIRE, ROTATE, UPDATE } from './fixtures/operations.ts';
import { ANONYMOUS, openWorld, START_MS, type World } from './fixtures/platform.ts';

const HOUR_MS = 3_600_000;

interface Registered {
  readonly registerDevice: {
    readonly device: { readonly id: string };
    readonly credentials: { readonly username: string; readonly password: string };
  };
}

const register = async (world: World, changes: object = {}) =>
  (await world.ask<Registered>(REGISTER, { input: aRegistration(changes) })).registerDevice;

/** What the rest of the platform knows of devices. */
async function known(world: World, id: string) {
  await using directory = await openDeviceDirectory(world.eventLog, world.log);
  return directory.device(id);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('registering a device', () => {
  it('answers as the contract words it, stores a hash of the secret only, and tells the log', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const { device, credentials } = await register(world, { id: 'rome-14', sensors: ['SDS011', 'DHT22'] });
    expect(device).toEqual({
      id: 'rome-14',
      name: 'Union Street',
      zone: { id: 'outside' },
      location: { latitude: 57.145, longitude: -2.1 },
    });
    expect(credentials.username).toBe('rome-14');
    expect(credentials.password).toMatch(/^[\w-]{43}$/);
    expect(await known(world, 'rome-14')).toEqual({
      v: 1,
      kind: 'device',
      deviceId: 'rome-14',
      name: 'Union Street',
      latitude: 57.145,
      longitude: -2.1,
      zoneId: 'outside',
      environment: 'OUTDOOR',
      retired: false,
      secretHashes: [sha256(credentials.password)],
    });
    expect(JSON.stringify(world.log.entries)).not.toContain(credentials.password);
  });

  it('makes an id that is not taken when none is given', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const [one, other] = [await register(world), await register(world)];
    expect(one.device.id).toMatch(/^device-[0-9a-f]{20}$/);
    expect(other.device.id).not.toBe(one.device.id);
  });

  it('refuses a taken id and a taken EUI, in whatever case, and changes nothing', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, { id: 'a', devEui: '24E124136B502170' });
    const again = (changes: object) => world.refused(REGISTER, { input: aRegistration(changes) });
    expect(await again({ id: 'a' })).toMatchObject({
      code: 'CONFLICT',
      subject: expect.stringMatching(/^input\.id: /),
    });
    expect(await again({ id: 'b', devEui: '24e124136b502170' })).toMatchObject({
      code: 'CONFLICT',
      subject: expect.stringMatching(/^input\.devEui: /),
    });
    expect(await world.ask('{ device(id: "b") { id } }')).toEqual({ device: null });
    expect(await known(world, 'b')).toBeUndefined();
  });

  it('takes one of many registrations of the same id at once', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => register(world, { id: 'a' })));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });

  it('names the field at fault', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const input = aRegistration({ location: { latitude: 91, longitude: 0 } });
    expect(await world.refused(REGISTER, { input })).toEqual({
      code: 'BAD_USER_INPUT',
      subject: 'input.location.latitude: must be -90 to 90',
    });
  });

  it('leaves nothing behind when the log cannot be written, so that it can be tried again', async () => {
    using folder = aFolder();
    const { between, fail } = failingLog();
    await using world = await openWorld(folder.path, { between });
    fail(true);
    expect(await world.refused(REGISTER, { input: aRegistration({ id: 'a' }) })).toMatchObject({ code: 'LOG_FULL' });
    expect(await world.ask('{ device(id: "a") { id } }')).toEqual({ device: null });
    fail(false);
    const { credentials } = await register(world, { id: 'a' });
    await world.clock.advance(10_000);
    expect((await known(world, 'a'))?.secretHashes).toEqual([sha256(credentials.password)]);
  });
});

describe('updating a device', () => {
  it('changes what is named, and tells the log once', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, { id: 'a', tags: ['roadside'], devEui: '24e124136b502170' });
    const before = await world.eventLog.endOffset('devices', 0);
    const input = { name: 'King Street', location: { latitude: 57.2, longitude: -2.2 } };
    expect(await world.ask(UPDATE, { id: 'a', input })).toEqual({
      updateDevice: { id: 'a', ...input, zone: { id: 'outside' } },
    });
    expect(await world.ask('{ device(id: "a") { tags devEui } }')).toEqual({
      device: { tags: ['roadside'], devEui: '24e124136b502170' },
    });
    expect(await known(world, 'a')).toMatchObject({ name: 'King Street', latitude: 57.2 });
    expect(await world.eventLog.endOffset('devices', 0)).toBe(before + 1);
  });

  it('tells nobody when nothing changes', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, { id: 'a' });
    const before = await world.eventLog.endOffset('devices', 0);
    await world.ask(UPDATE, { id: 'a', input: {} });
    await world.ask(UPDATE, { id: 'a', input: { name: 'Union Street' } });
    expect(await world.eventLog.endOffset('devices', 0)).toBe(before);
  });

  it("refuses a wrong field, another device's EUI, an unknown device and a retired one", async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, { id: 'a', devEui: '24e124136b502170' });
    await register(world, { id: 'b' });
    const refusal = (id: string, input: object) => world.refused(UPDATE, { id, input });
    expect(await refusal('b', { name: '' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      subject: 'input.name: must be 1 to 200 characters',
    });
    // Whose it is is nobody's business: it may be a private home's.
    expect(await refusal('b', { devEui: '24e124136b502170' })).toEqual({
      code: 'CONFLICT',
      subject: 'input.devEui: 24e124136b502170 belongs to another device',
    });
    expect(await refusal('a', { devEui: '24e124136b502170' })).toMatchObject({ code: undefined });
    expect(await refusal('c', { name: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
    await world.ask(RETIRE, { id: 'b' });
    expect(await refusal('b', { name: 'x' })).toMatchObject({ code: 'CONFLICT' });
  });

  it('keeps what was stored when the log cannot be written, says so, and tells the log later', async () => {
    using folder = aFolder();
    const { between, fail } = failingLog();
    await using world = await openWorld(folder.path, { between });
    await register(world, { id: 'a' });
    fail(true);
    expect(await world.refused(UPDATE, { id: 'a', input: { name: 'King Street' } })).toMatchObject({
      code: 'LOG_FULL',
    });
    await world.clock.advance(5_000);
    expect((await known(world, 'a'))?.name).toBe('Union Street');
    fail(false);
    await world.clock.advance(5_000);
    expect((await known(world, 'a'))?.name).toBe('King Street');
  });
});

describe('rotating the credentials of a device', () => {
  it('keeps the old secret valid for a day', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const { credentials: first } = await register(world, { id: 'a' });
    const { rotateDeviceCredentials: second } = await world.ask<{ rotateDeviceCredentials: typeof first }>(ROTATE, {
      id: 'a',
    });
    expect(second.username).toBe('a');
    expect((await known(world, 'a'))?.secretHashes).toEqual([sha256(second.password), sha256(first.password)]);
    await world.clock.advance(24 * HOUR_MS - 60_000);
    expect((await known(world, 'a'))?.secretHashes).toHaveLength(2);
    await world.clock.advance(2 * 60_000);
    expect((await known(world, 'a'))?.secretHashes).toEqual([sha256(second.password)]);
  });

  it('ends the old secret at the next start when the day passed meanwhile', async () => {
    using folder = aFolder();
    {
      await using world = await openWorld(folder.path);
      await register(world, { id: 'a' });
      await world.ask(ROTATE, { id: 'a' });
    }
    await using world = await openWorld(folder.path, { clock: manualClock(START_MS + 25 * HOUR_MS) });
    expect((await known(world, 'a'))?.secretHashes).toHaveLength(1);
  });

  it('refuses an unknown device, a retired one, and to pile secrets up', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    expect(await world.refused(ROTATE, { id: 'a' })).toMatchObject({ code: 'NOT_FOUND' });
    await register(world, { id: 'a' });
    for (let count = 1; count < 10; count += 1) await world.ask(ROTATE, { id: 'a' });
    expect(await world.refused(ROTATE, { id: 'a' })).toMatchObject({ code: 'CONFLICT' });
    await world.ask(RETIRE, { id: 'a' });
    expect(await world.refused(ROTATE, { id: 'a' })).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('retiring a device', () => {
  it('ends its secrets, keeps its history, and does nothing the second time', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, { id: 'a', devEui: '24e124136b502170' });
    expect(await world.ask(RETIRE, { id: 'a' })).toEqual({ retireDevice: { id: 'a', status: 'RETIRED' } });
    expect(await known(world, 'a')).toMatchObject({ retired: true, secretHashes: [] });
    const before = await world.eventLog.endOffset('devices', 0);
    expect(await world.ask(RETIRE, { id: 'a' })).toEqual({ retireDevice: { id: 'a', status: 'RETIRED' } });
    expect(await world.eventLog.endOffset('devices', 0)).toBe(before);
    expect(await world.ask('{ zone(id: "outside") { deviceCount } }')).toEqual({ zone: { deviceCount: 0 } });
  });

  it('gives its EUI back and keeps its id', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, { id: 'a', devEui: '24e124136b502170' });
    await world.ask(RETIRE, { id: 'a' });
    expect((await register(world, { id: 'b', devEui: '24e124136b502170' })).device.id).toBe('b');
    expect(await world.refused(REGISTER, { input: aRegistration({ id: 'a' }) })).toMatchObject({ code: 'CONFLICT' });
  });

  it('refuses an unknown device', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    expect(await world.refused(RETIRE, { id: 'a' })).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('who may change devices and zones', () => {
  const zone = {
    id: 'z',
    name: 'Z',
    region: 'R',
    boundary: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ],
  };
  const mutations = [
    [REGISTER, { input: aRegistration({ id: 'a' }) }],
    [UPDATE, { id: 'b', input: { name: 'x' } }],
    [ROTATE, { id: 'b' }],
    [RETIRE, { id: 'b' }],
    ['mutation ($input: ZoneInput!) { saveZone(input: $input) { id } }', { input: zone }],
    ['mutation ($id: ID!) { deleteZone(id: $id) }', { id: 'z' }],
  ] as const;

  it('is nobody below the role OPERATOR, and nothing is changed then', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await register(world, { id: 'b' });
    const before = await world.eventLog.endOffset('devices', 0);
    const as = (role: Role): Viewer => userViewer('user-1', role);
    for (const [mutation, variables] of mutations) {
      expect(await world.refused(mutation, variables, ANONYMOUS), mutation).toMatchObject({ code: 'UNAUTHENTICATED' });
      for (const role of ['CITIZEN', 'RESEARCHER', 'PARTNER'] as const) {
        expect(await world.refused(mutation, variables, as(role)), mutation).toMatchObject({ code: 'FORBIDDEN' });
      }
    }
    expect(await world.eventLog.endOffset('devices', 0)).toBe(before);
    expect(await world.refused(mutations[3][0], mutations[3][1], as('ADMIN'))).toEqual({
      code: undefined,
      subject: undefined,
    });
  });
});

/** A log whose appends fail while it is told to: a disk that is full. */
function failingLog() {
  let failing = false;
  return {
    fail(on: boolean) {
      failing = on;
    },
    between: (eventLog: EventLog): EventLog => ({
      ...eventLog,
      append: async (topic, records) => {
        if (failing) throw new AppError('LOG_FULL', topic);
        return await eventLog.append(topic, records);
      },
    }),
  };
}
