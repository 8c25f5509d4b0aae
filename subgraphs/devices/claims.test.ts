import { join } from 'node:path';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import type { Viewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
import { describe, expect, it } from 'vitest';
import { CODE_VALID_MS, createClaims } from './claims.ts';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, REGISTER, RETIRE, ROTATE, UPDATE } from './fixtures/operations.ts';
import { ANONYMOUS, OPERATOR, openWorld, START_MS, type World } from './fixtures/platform.ts';
import { openStore } from './store/collections.ts';

const ANN = userViewer('user-ann', 'CITIZEN');
const BOB = userViewer('user-bob', 'CITIZEN');
const ADMIN = userViewer('user-admin', 'ADMIN');
const CODE = 'mutation ($id: ID!) { createClaimCode(deviceId: $id) { code expiresAt device { id } } }';
const CLAIM = 'mutation ($code: String!) { claimDevice(code: $code) { id } }';
const RELEASE = 'mutation ($id: ID!) { releaseDevice(id: $id) { id } }';
const REVOKE = 'mutation ($id: ID!) { revokeDeviceCredentials(id: $id) { id } }';
const ID = { id: 'home-1' };

const code = async (world: World, viewer: Viewer = OPERATOR) =>
  (await world.ask<{ createClaimCode: { code: string } }>(CODE, ID, viewer)).createClaimCode.code;
const owned = async (world: World, viewer: Viewer) =>
  (await world.ask<{ ownDevices: { id: string }[] }>('{ ownDevices { id } }', {}, viewer)).ownDevices.map(
    ({ id }) => id,
  );

async function withHome(use: (world: World) => Promise<void>): Promise<void> {
  using folder = aFolder();
  await using world = await openWorld(folder.path);
  await world.ask(REGISTER, {
    input: aRegistration({ ...ID, locationPrivacy: 'ROUNDED', devEui: '0011223344556677' }),
  });
  await use(world);
}

describe('claiming a device', () => {
  it('gives it to whoever enters the code, once', () =>
    withHome(async (world) => {
      const shown = await code(world);
      expect(shown).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
      expect(await world.ask(CLAIM, { code: shown.toLowerCase().replaceAll('-', ' ') }, ANN)).toEqual({
        claimDevice: ID,
      });
      expect(await owned(world, ANN)).toEqual(['home-1']);
      expect(await world.refused(CLAIM, { code: shown }, BOB)).toMatchObject({ code: 'NOT_FOUND' });
    }));

  it('lets one of two win who enter it at the same moment', () =>
    withHome(async (world) => {
      const shown = await code(world);
      const outcomes = await Promise.allSettled([ANN, BOB].map((viewer) => world.ask(CLAIM, { code: shown }, viewer)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }));

  it('ends a code when another is made', () =>
    withHome(async (world) => {
      const first = await code(world);
      await code(world);
      expect(await world.refused(CLAIM, { code: first }, ANN)).toMatchObject({ code: 'NOT_FOUND' });
    }));

  it('leaves one code where several are made at the same moment', () =>
    withHome(async (world) => {
      const shown = await Promise.all([code(world), code(world), code(world)]);
      const outcomes = await Promise.allSettled(shown.map((each) => world.ask(CLAIM, { code: each }, ANN)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }));

  it('ends a code when the device has become somebody else’s by another way', () =>
    withHome(async (world) => {
      await world.ask(CLAIM, { code: await code(world) }, ANN);
      const kept = await code(world, ANN);
      await world.ask(RELEASE, ID, ANN);
      expect(await world.refused(CLAIM, { code: kept }, ANN)).toMatchObject({ code: 'NOT_FOUND' });
      expect(await owned(world, ANN)).toEqual([]);
    }));

  it('ends a code after a day, and leaves nothing behind then', async () => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const { claimCodes: codes } = await openStore(documents);
    const clock = manualClock(START_MS);
    const owners: string[] = [];
    const claims = createClaims({
      ...{ codes, keyValue: memoryKeyValue({ clock }), clock, ownerOf: () => null },
      devices: { setOwner: async (_, ownerId) => owners.push(ownerId ?? '') > 0 },
    });
    const [first, second] = [await claims.createCode('home-1'), await claims.createCode('home-2')];
    await clock.advance(CODE_VALID_MS - 1);
    await claims.claim(first.code, ANN);
    await clock.advance(1);
    await expect(claims.claim(second.code, BOB)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(owners).toEqual(['user-ann']);
    await claims.expire();
    expect((await codes.find({ first: 10 })).totalCount).toBe(0);
  });

  it('locks whoever guesses', async () => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const { claimCodes: codes } = await openStore(documents);
    const clock = manualClock(START_MS);
    const claims = createClaims({
      ...{ codes, keyValue: memoryKeyValue({ clock }), clock, ownerOf: () => null },
      devices: { setOwner: async () => true },
    });
    const { code: shown } = await claims.createCode('home-1');
    const refusals: unknown[] = [];
    for (let guess = 0; guess < 1_000; guess += 1)
      await claims.claim(`AAAA-AAAA-${1_000 + guess}`, ANN).catch((error) => refusals.push(error.code));
    expect(refusals.filter((refusal) => refusal === 'NOT_FOUND')).toHaveLength(5);
    expect(refusals.filter((refusal) => refusal === 'RATE_LIMITED')).toHaveLength(995);
    await expect(claims.claim(shown, ANN)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await clock.advance(600_000);
    expect(await claims.claim(shown, ANN)).toBe('home-1');
  });

  it('is written to the audit log, guesses too, and never the code', () =>
    withHome(async (world) => {
      const shown = await code(world);
      await world.refused(CLAIM, { code: 'AAAA-AAAA-AAAA' }, BOB);
      await world.ask(CLAIM, { code: shown }, ANN);
      const { auditLog } = await world.ask<{ auditLog: { nodes: object[] } }>(
        '{ auditLog(first: 3) { nodes { actor action subject outcome } } }',
        {},
        ADMIN,
      );
      expect(auditLog.nodes).toEqual([
        { actor: 'user:user-ann', action: 'claimDevice', subject: 'home-1', outcome: 'DONE' },
        { actor: 'user:user-bob', action: 'claimDevice', subject: '', outcome: 'REFUSED' },
        { actor: 'user:user-operator', action: 'createClaimCode', subject: 'home-1', outcome: 'DONE' },
      ]);
      expect(JSON.stringify(auditLog)).not.toContain(shown);
    }));

  it('lets an owner hand its device on, which ends its own rights', () =>
    withHome(async (world) => {
      await world.ask(CLAIM, { code: await code(world) }, ANN);
      await world.ask(CLAIM, { code: await code(world, ANN) }, BOB);
      expect([await owned(world, ANN), await owned(world, BOB)]).toEqual([[], ['home-1']]);
      expect(await world.refused(CODE, ID, ANN)).toMatchObject({ code: 'FORBIDDEN' });
      await world.ask(RELEASE, ID, BOB);
      expect(await owned(world, BOB)).toEqual([]);
    }));

  it('is not for a program, nor for a device that is retired or unknown', () =>
    withHome(async (world) => {
      const shown = await code(world);
      const program: Viewer = { kind: 'key', keyId: 'k', userId: 'user-ann', scopes: ANN.scopes };
      expect(await world.refused(CLAIM, { code: shown }, program)).toMatchObject({ code: 'FORBIDDEN' });
      await world.ask(RETIRE, ID);
      expect(await world.refused(CLAIM, { code: shown }, ANN)).toMatchObject({ code: 'CONFLICT' });
      expect(await world.refused(CODE, { id: 'nowhere' })).toMatchObject({ code: 'NOT_FOUND' });
    }));
});

describe('whose device it is', () => {
  const PLACE = '{ device(id: "home-1") { location { latitude longitude altitude } devEui locationPrivacy } }';
  const seesPlace = async (world: World, viewer: Viewer) =>
    (await world.ask<{ device: { devEui: string | null } }>(PLACE, {}, viewer)).device.devEui === null
      ? 'rounded'
      : 'exact';
  const may = async (world: World, operation: string, variables: object, viewer: Viewer) => {
    try {
      await world.ask(operation, { ...variables }, viewer);
      return 'yes';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  const ANYBODY: Viewer = ANONYMOUS;
  const OWNERS_PROGRAM: Viewer = { kind: 'key', keyId: 'k', userId: 'user-ann', scopes: ANN.scopes };

  // The table of docs/identity.md.
  it.each([
    ['nobody', ANYBODY, 'rounded', 'UNAUTHENTICATED'],
    ['another citizen', BOB, 'rounded', 'FORBIDDEN'],
    ['a partner', userViewer('user-partner', 'PARTNER'), 'rounded', 'FORBIDDEN'],
    ['a program of the owner', OWNERS_PROGRAM, 'rounded', 'FORBIDDEN'],
    ['the owner', ANN, 'exact', 'yes'],
    ['an operator', OPERATOR, 'exact', 'yes'],
    ['an admin', ADMIN, 'exact', 'yes'],
  ] as const)('lets %s see and change what the table says', (_, viewer, place, change) =>
    withHome(async (world) => {
      await world.ask(CLAIM, { code: await code(world) }, ANN);
      expect(await seesPlace(world, viewer)).toBe(place);
      expect(await may(world, UPDATE, { ...ID, input: { name: 'Another name' } }, viewer)).toBe(change);
      expect(await may(world, ROTATE, ID, viewer)).toBe(change);
      expect(await may(world, CODE, ID, viewer)).toBe(change);
      expect(await may(world, REVOKE, ID, viewer)).toBe(change);
      expect(await may(world, RETIRE, ID, viewer)).toBe(viewer === ANN ? 'FORBIDDEN' : change);
    }),
  );

  it('is told to admins alone', () =>
    withHome(async (world) => {
      const { createUser } = await world.ask<{ createUser: { user: { id: string } } }>(
        'mutation { createUser(input: { email: "ann@example.org", role: CITIZEN }) { user { id } } }',
        {},
        ADMIN,
      );
      await world.ask(CLAIM, { code: await code(world) }, userViewer(createUser.user.id, 'CITIZEN'));
      const OWNER = '{ device(id: "home-1") { owner { email } } }';
      expect(await world.ask(OWNER, {}, ADMIN)).toEqual({ device: { owner: { email: 'ann@example.org' } } });
      expect(await world.refused(OWNER, {}, OPERATOR)).toMatchObject({ code: 'FORBIDDEN' });
      expect(await world.refused(OWNER, {}, ANONYMOUS)).toMatchObject({ code: 'UNAUTHENTICATED' });
    }));

  it('can be told to the broker as well: revoked secrets leave the devices topic', () =>
    withHome(async (world) => {
      await world.ask(CLAIM, { code: await code(world) }, ANN);
      await world.ask(REVOKE, ID, ANN);
      const { openDeviceDirectory } = await import('@greencity/platform/device-directory/device-directory');
      await using directory = await openDeviceDirectory(world.eventLog, world.log);
      expect(directory.device('home-1')?.secretHashes).toEqual([]);
      await world.ask(ROTATE, ID, ANN);
      await directory.caughtUp();
      expect(directory.device('home-1')?.secretHashes).toHaveLength(1);
    }));
});
