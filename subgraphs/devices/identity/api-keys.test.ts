import type { Viewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { openWorld, START_MS, type World } from '../fixtures/platform.ts';
import { openStore } from '../store/collections.ts';

const BOSS = userViewer('user-boss', 'ADMIN');
const DAY_MS = 86_400_000;
const KEY = 'key { id name scopes activeSecrets lastUsedAt revokedAt }';
const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { text ${KEY} } }`;
const ROTATE = `mutation ($id: ID!, $for: Duration! = "P7D") { rotateApiKey(id: $id, previousValidFor: $for) { text ${KEY} } }`;
const REVOKE = 'mutation ($id: ID!) { revokeApiKey(id: $id) { id activeSecrets revokedAt } }';

interface Made {
  readonly text: string;
  readonly key: { readonly id: string; readonly activeSecrets: number; readonly scopes: readonly string[] };
}

async function withPartner(use: (world: World, partner: Viewer & { userId: string }) => Promise<void>): Promise<void> {
  using folder = aFolder();
  await using world = await openWorld(folder.path);
  const input = { email: 'partner@example.org', role: 'PARTNER' };
  const { createUser } = await world.ask<{ createUser: { user: { id: string } } }>(
    'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
    { input },
    BOSS,
  );
  await use(world, userViewer(createUser.user.id, 'PARTNER'));
}

const asked = (changes: object = {}) => ({
  input: {
    name: 'Night job',
    scopes: ['measurements:read', 'measurements:export'],
    expiresAt: new Date(START_MS + 90 * DAY_MS).toISOString(),
    ...changes,
  },
});
const make = async (world: World, viewer: Viewer, changes?: object) =>
  (await world.ask<{ createApiKey: Made }>(CREATE, asked(changes), viewer)).createApiKey;
const rotate = async (world: World, viewer: Viewer, variables: object) =>
  (await world.ask<{ rotateApiKey: Made }>(ROTATE, { ...variables }, viewer)).rotateApiKey;
const refusesKey = (world: World, text: string) =>
  expect(world.devices.authenticate(text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });

describe('an API key', () => {
  it('is shown once, says whose it is and what it may, and is stored as a hash', () =>
    withPartner(async (world, partner) => {
      const { text, key } = await make(world, partner);
      expect(text).toMatch(new RegExp(`^gc_live_${key.id}_[\\w-]{43}$`));
      expect(await world.devices.authenticate(text)).toEqual({
        kind: 'key',
        keyId: key.id,
        userId: partner.userId,
        scopes: ['measurements:read', 'measurements:export'],
      });
      const { apiKeys } = await openStore(world.documents);
      expect(JSON.stringify(await apiKeys.get(key.id))).not.toContain(text.slice(-43));
    }));

  it('is refused when it is torn, unknown or far too long', () =>
    withPartner(async (world) => {
      const unknown = `gc_live_0123456789abcdef_${'a'.repeat(43)}`;
      for (const text of ['gc_live_', 'gc_live_0123456789abcdef', unknown, `gc_live_${'x'.repeat(9_000)}`])
        await refusesKey(world, text);
    }));

  it('is refused with another secret', () =>
    withPartner(async (world, partner) => {
      const { text } = await make(world, partner);
      await refusesKey(world, `${text.slice(0, -43)}${'a'.repeat(43)}`);
    }));

  it('ends when it says so', () =>
    withPartner(async (world, partner) => {
      const { text } = await make(world, partner, { expiresAt: new Date(START_MS + 60_000).toISOString() });
      await world.devices.authenticate(text);
      await world.clock.advance(60_000);
      await refusesKey(world, text);
    }));

  it('has two secrets while it is rotated, and one when the time is over', () =>
    withPartner(async (world, partner) => {
      const first = await make(world, partner);
      const second = await rotate(world, partner, { id: first.key.id, for: 'PT1M' });
      expect(second.key.activeSecrets).toBe(2);
      for (const { text } of [first, second]) await world.devices.authenticate(text);
      const third = await rotate(world, partner, { id: first.key.id, for: 'PT1M' });
      expect(third.key.activeSecrets).toBe(2);
      await refusesKey(world, first.text);
      await world.clock.advance(60_000);
      await refusesKey(world, second.text);
      await world.devices.authenticate(third.text);
      const fourth = await rotate(world, partner, { id: first.key.id, for: 'PT0S' });
      expect(fourth.key.activeSecrets).toBe(1);
      await refusesKey(world, third.text);
    }));

  it('keeps the secret before as long as by default when nothing is said, or null', () =>
    withPartner(async (world, partner) => {
      for (const rotated of ['rotateApiKey(id: $id)', 'rotateApiKey(id: $id, previousValidFor: null)']) {
        const { text, key } = await make(world, partner);
        const mutation = `mutation ($id: ID!) { rotated: ${rotated} { key { activeSecrets } } }`;
        const { rotated: answer } = await world.ask<{ rotated: Made }>(mutation, { id: key.id }, partner);
        expect(answer.key.activeSecrets).toBe(2);
        await world.clock.advance(60_000);
        await world.devices.authenticate(text);
      }
    }));

  it('ends at once when it is revoked, and cannot come back', () =>
    withPartner(async (world, partner) => {
      const { text, key } = await make(world, partner);
      await world.devices.authenticate(text);
      expect(await world.ask(REVOKE, key as never, partner)).toMatchObject({ revokeApiKey: { activeSecrets: 0 } });
      await refusesKey(world, text);
      expect(await world.refused(ROTATE, { id: key.id }, partner)).toMatchObject({ code: 'CONFLICT' });
    }));

  it('stops at its quota, and is let in again as time goes by', () =>
    withPartner(async (world, partner) => {
      const { text } = await make(world, partner, { dailyQuota: 1_440 });
      for (let count = 0; count < 1_440; count += 1) await world.devices.authenticate(text);
      await expect(world.devices.authenticate(text)).rejects.toMatchObject({
        code: 'RATE_LIMITED',
        subject: expect.stringContaining('60 s'),
      });
      await world.clock.advance(60_000);
      await world.devices.authenticate(text);
    }));

  it('says when it was last used', () =>
    withPartner(async (world, partner) => {
      const { text, key } = await make(world, partner);
      await world.devices.authenticate(text);
      await world.clock.advance(60_000);
      const { apiKeys } = await world.ask<{ apiKeys: object[] }>('{ apiKeys { id lastUsedAt } }', {}, partner);
      expect(apiKeys).toEqual([{ id: key.id, lastUsedAt: new Date(START_MS).toISOString() }]);
    }));

  it('never outgrows its owner, and ends with it', () =>
    withPartner(async (world, partner) => {
      const { text } = await make(world, partner);
      const { userId: id } = partner;
      await world.ask('mutation ($id: ID!) { changeUserRole(id: $id, role: CITIZEN) { id } }', { id }, BOSS);
      expect(await world.devices.authenticate(text)).toMatchObject({ scopes: ['measurements:read'] });
      await world.ask('mutation ($id: ID!) { disableUser(id: $id) { id } }', { id }, BOSS);
      await refusesKey(world, text);
    }));

  it('is for its owner and admins to see and change, and makes no keys itself', () =>
    withPartner(async (world, partner) => {
      const { key } = await make(world, partner);
      const stranger = userViewer('user-stranger', 'PARTNER');
      for (const operation of [ROTATE, REVOKE])
        expect(await world.refused(operation, { id: key.id }, stranger)).toMatchObject({ code: 'FORBIDDEN' });
      expect(await world.ask('{ apiKeys { id } }', {}, stranger)).toEqual({ apiKeys: [] });
      expect(await world.ask('{ apiKeys { id } }', {}, BOSS)).toEqual({ apiKeys: [{ id: key.id }] });
      const program: Viewer = {
        kind: 'key',
        keyId: key.id,
        userId: partner.userId,
        scopes: partner.kind === 'user' ? partner.scopes : [],
      };
      expect(await world.refused(CREATE, asked(), program)).toMatchObject({ code: 'FORBIDDEN' });
    }));

  it.each([
    ['BAD_USER_INPUT', { scopes: [] }],
    ['BAD_USER_INPUT', { scopes: ['measurements:all'] }],
    ['BAD_USER_INPUT', { name: ' ' }],
    ['BAD_USER_INPUT', { dailyQuota: 0 }],
    ['BAD_USER_INPUT', { expiresAt: new Date(START_MS).toISOString() }],
    ['BAD_USER_INPUT', { expiresAt: new Date(START_MS + 401 * DAY_MS).toISOString() }],
    ['FORBIDDEN', { scopes: ['devices:manage'] }],
    ['FORBIDDEN', { userId: 'user-tools' }],
  ])('is not made, with %s, for %j', (code, changes) =>
    withPartner(async (world, partner) => {
      expect(await world.refused(CREATE, asked(changes), partner)).toMatchObject({
        code,
        subject: expect.stringMatching(/^input\./),
      });
    }),
  );
});
