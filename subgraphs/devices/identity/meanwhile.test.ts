/** What is ended stays ended, whatever else is done at the same moment. */
import { join } from 'node:path';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { openWorld, START_MS } from '../fixtures/platform.ts';
import { openStore, type Store } from '../store/collections.ts';
import { createAccessTokens } from './access-tokens.ts';
import { createApiKeys } from './api-keys.ts';
import { openKeyRing } from './key-ring.ts';
import { createPasswords } from './passwords.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { createSignIn } from './sign-in.ts';

const EMAIL = 'ann@example.org';
const PASSWORD = 'a password of their own';

async function withStore(use: (store: Store, folder: string) => Promise<void>): Promise<void> {
  using folder = aFolder();
  await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
  await use(await openStore(documents), folder.path);
}

describe('a session that is ended', () => {
  it.each([1, 5])('stays so while somebody refreshes it %i times meanwhile', (times) =>
    withStore(async ({ refreshFamilies }) => {
      const [clock, log] = [manualClock(START_MS), memoryLog()];
      const thief = createRefreshTokens({ families: refreshFamilies, clock, log });
      let { refreshToken } = await thief.start('user-ann');
      let left = times;
      const families: typeof refreshFamilies = {
        ...refreshFamilies,
        async replace(id, version, document) {
          if (left > 0) {
            left -= 1;
            ({ refreshToken } = await thief.rotate(refreshToken));
          }
          return await refreshFamilies.replace(id, version, document);
        },
      };
      await createRefreshTokens({ families, clock, log }).revokeAll('user-ann');
      expect(left).toBe(0);
      await expect(thief.rotate(refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }),
  );
});

describe('a password that is changed', () => {
  it('ends the session, too, that began with the one before at the same moment', () =>
    withStore(async ({ users, refreshFamilies }, dataDir) => {
      const [clock, log] = [manualClock(START_MS), memoryLog()];
      const passwords = await createPasswords();
      const user = { id: 'user-ann', email: EMAIL, role: 'CITIZEN', createdAtMs: 0 } as const;
      await users.insert(user.id, { ...user, passwordHash: await passwords.hash(PASSWORD) });
      const real = createRefreshTokens({ families: refreshFamilies, clock, log });
      const refreshTokens: typeof real = {
        ...real,
        async start(userId, from) {
          // Its password was read and found right; now it becomes another one, and every session that there is ends.
          await users.replace(userId, 1, { ...user, passwordHash: 'another', tokenVersion: 1 });
          await real.revokeAll(userId);
          return await real.start(userId, from);
        },
      };
      const keys = await openKeyRing({ dataDir, clock, log, signsForMs: 86_400_000 });
      const { signIn } = createSignIn({
        ...{ users, passwords, refreshTokens, clock, keyValue: memoryKeyValue({ clock }), metrics: memoryMetrics() },
        accessTokens: createAccessTokens({ keys, clock, stillGood: async () => true }),
      });
      await expect(signIn(EMAIL, PASSWORD, undefined)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await real.ofUser(user.id)).toEqual([]);
    }));
});

describe('an API key that is revoked', () => {
  it('is not kept by a request that had read it before', () =>
    withStore(async ({ apiKeys: stored }) => {
      const clock = manualClock(START_MS);
      const rest = { keyValue: memoryKeyValue({ clock }), clock, ownerScopes: async () => ['devices:own'] as const };
      let revoking: (() => Promise<unknown>) | undefined;
      const keys: typeof stored = {
        ...stored,
        async get(id) {
          const found = await stored.get(id);
          const revoke = revoking;
          revoking = undefined;
          await revoke?.();
          return found;
        },
      };
      const apiKeys = createApiKeys({ keys, ...rest });
      const asked = { name: 'k', userId: 'user-ann', scopes: ['devices:own'], dailyQuota: 10 } as const;
      const { key, text } = await apiKeys.create({ ...asked, expiresAtMs: START_MS + 1_000 });
      revoking = () => apiKeys.revoke(key.id);
      await apiKeys.authenticate(text);
      await expect(apiKeys.authenticate(text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }));
});

describe('the last admin', () => {
  it('stays when two take the role from each other at the same moment', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const boss = userViewer('user-boss', 'ADMIN');
    const made = await world.ask<{ createUser: { user: { id: string } } }>(
      'mutation { createUser(input: { email: "second@example.org", role: ADMIN }) { user { id } } }',
      {},
      boss,
    );
    const { users } = await world.ask<{ users: { nodes: { user: { id: string; role: string } }[] } }>(
      '{ users { nodes { user { id role } } } }',
      {},
      boss,
    );
    const admins = users.nodes.filter(({ user }) => user.role === 'ADMIN').map(({ user }) => user.id);
    expect(admins).toHaveLength(2);
    expect(admins).toContain(made.createUser.user.id);
    const DEMOTE = 'mutation ($id: ID!) { changeUserRole(id: $id, role: CITIZEN) { id } }';
    const outcomes = await Promise.allSettled(admins.map((id) => world.ask(DEMOTE, { id }, boss)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
