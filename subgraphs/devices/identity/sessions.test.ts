import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { REFRESH, SIGN_IN } from '../fixtures/operations.ts';
import { ADMIN, ANONYMOUS, openWorld, START_MS, type World } from '../fixtures/platform.ts';
import { openStore } from '../store/collections.ts';
import { createRefreshTokens, REFRESH_TOKEN_VALID_MS } from './refresh-tokens.ts';

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
  readonly user: { readonly id: string; readonly email: string; readonly role: string };
}

const signIn = async (world: World, { email, password }: { email: string; password: string } = ADMIN) =>
  (await world.ask<{ signIn: Session }>(SIGN_IN, { email, password }, ANONYMOUS)).signIn;
const refresh = async (world: World, refreshToken: string) =>
  (await world.ask<{ refreshSession: Session }>(REFRESH, { refreshToken }, ANONYMOUS)).refreshSession;
const refusedSignIn = (world: World, email: string, password: string) =>
  world.refused(SIGN_IN, { email, password }, ANONYMOUS);

describe('signing in', () => {
  it('gives tokens that say who asks', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const session = await signIn(world);
    expect(session).toMatchObject({
      expiresAt: new Date(START_MS + 600_000).toISOString(),
      user: { email: ADMIN.email, role: 'ADMIN' },
    });
    const viewer = await world.devices.authenticate(session.accessToken);
    expect(viewer).toMatchObject(userViewer(session.user.id, 'ADMIN'));
    expect(viewer).toMatchObject({ sessionId: expect.stringMatching(/^session-/) });
    expect(await world.ask('{ viewer { id email role } }', {}, viewer)).toEqual({ viewer: session.user });
    expect(await world.ask('{ viewer { id } }', {}, ANONYMOUS)).toEqual({ viewer: null });
  });

  it('takes an email in any case', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    expect(await signIn(world, { ...ADMIN, email: ' Admin@GreenCity.local ' })).toMatchObject({
      user: { email: ADMIN.email },
    });
  });

  it('answers an unknown email and a wrong password alike', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const wrong = await refusedSignIn(world, ADMIN.email, 'another password');
    expect(wrong).toEqual({ code: 'UNAUTHENTICATED', subject: 'the email or the password is wrong' });
    expect(await refusedSignIn(world, 'nobody@greencity.local', 'another password')).toEqual(wrong);
    expect(await refusedSignIn(world, 'tools@greencity.local', '')).toEqual(wrong);
    expect(await refusedSignIn(world, `${'a'.repeat(10_000)}@b`, 'x')).toEqual(wrong);
  });

  it('is slowed down for each email, unknown ones too, and only for that one', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    for (const email of [ADMIN.email, 'nobody@greencity.local']) {
      for (let count = 0; count < 10; count += 1) await refusedSignIn(world, email, 'wrong');
      expect(await refusedSignIn(world, email, ADMIN.password)).toEqual({
        code: 'RATE_LIMITED',
        subject: 'too many sign-ins: try again in 30 s',
      });
    }
    expect(await refusedSignIn(world, 'else@greencity.local', 'wrong')).toMatchObject({ code: 'UNAUTHENTICATED' });
    await world.clock.advance(30_000);
    expect(await signIn(world)).toMatchObject({ user: { email: ADMIN.email } });
  });
});

describe('refreshing a session', () => {
  it('uses the token up and gives new ones', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const first = await signIn(world);
    const second = await refresh(world, first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await world.devices.authenticate(second.accessToken)).toMatchObject({ role: 'ADMIN' });
    expect((await refresh(world, second.refreshToken)).user.email).toBe(ADMIN.email);
  });

  it('ends every session of a sign-in when a used token is shown again, and no other', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const [stolen, other] = [await signIn(world), await signIn(world)];
    const rightful = await refresh(world, stolen.refreshToken);
    const refusal = { code: 'UNAUTHENTICATED', subject: 'the refresh token is not valid: sign in again' };
    expect(await world.refused(REFRESH, { refreshToken: stolen.refreshToken })).toEqual(refusal);
    expect(await world.refused(REFRESH, { refreshToken: rightful.refreshToken })).toEqual(refusal);
    expect(await refresh(world, other.refreshToken)).toMatchObject({ user: { email: ADMIN.email } });
    expect(world.log.entries.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('takes one of several uses of the same token at once, and ends what came of it', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const { refreshToken } = await signIn(world);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => refresh(world, refreshToken)));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
    expect(won).toHaveLength(1);
    expect(await world.refused(REFRESH, { refreshToken: won[0]?.refreshToken })).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it.each(['', '.', 'session-0', 'session-0.x', 'a'.repeat(500), '..', 'x.y.z'])('refuses %s', async (refreshToken) => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    expect(await world.refused(REFRESH, { refreshToken })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('ends after thirty days without use, and leaves nothing behind then', async () => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const { refreshFamilies: families } = await openStore(documents);
    const clock = manualClock(START_MS);
    const tokens = createRefreshTokens({ families, clock, log: memoryLog() });
    const [token, other] = [await tokens.start('user-1'), await tokens.start('user-1')];
    await clock.advance(REFRESH_TOKEN_VALID_MS - 1);
    const { refreshToken } = await tokens.rotate(token.refreshToken);
    await clock.advance(1);
    await expect(tokens.rotate(other.refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await tokens.expire();
    expect((await families.find({ first: 10 })).totalCount).toBe(1);
    await expect(tokens.rotate(refreshToken)).resolves.toMatchObject({ userId: 'user-1' });
  });

  it('keeps no token in the documents, only hashes', async () => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const { refreshFamilies: families } = await openStore(documents);
    const { refreshToken: token } = await createRefreshTokens({
      families,
      clock: manualClock(START_MS),
      log: memoryLog(),
    }).start('user-1');
    const { items } = await families.find({ first: 10 });
    expect(JSON.stringify(items)).not.toContain(token.split('.')[1]);
  });
});

describe('the first admin', () => {
  it('gets a password that is given back once and never logged', async () => {
    using folder = aFolder();
    const admin = { email: 'admin@greencity.local', password: undefined };
    let password = '';
    {
      await using world = await openWorld(folder.path, { admin });
      password = world.devices.madeAdmin?.password ?? '';
      expect(world.devices.madeAdmin?.email).toBe(admin.email);
      expect(password).toMatch(/^[\w-]{22}$/);
      expect(JSON.stringify(world.log.entries)).not.toContain(password);
    }
    await using world = await openWorld(folder.path, { admin });
    expect(world.devices.madeAdmin).toBeUndefined();
    expect(await signIn(world, { email: admin.email, password })).toMatchObject({ user: { role: 'ADMIN' } });
  });

  it('has the password of the settings, which is not given back', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    expect(world.devices.madeAdmin).toBeUndefined();
    expect(await signIn(world)).toMatchObject({ user: { role: 'ADMIN' } });
  });

  it('gets the password of the settings at a later start, which ends its sessions', async () => {
    using folder = aFolder();
    let refreshToken = '';
    {
      await using world = await openWorld(folder.path);
      ({ refreshToken } = await signIn(world));
    }
    await using world = await openWorld(folder.path, { admin: { ...ADMIN, password: 'a new long password' } });
    expect(await refusedSignIn(world, ADMIN.email, ADMIN.password)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await world.refused(REFRESH, { refreshToken })).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await signIn(world, { ...ADMIN, password: 'a new long password' })).toMatchObject({
      user: { role: 'ADMIN' },
    });
  });

  it('is not made again under another email while there is one', async () => {
    using folder = aFolder();
    {
      await using world = await openWorld(folder.path);
      await signIn(world);
    }
    await using world = await openWorld(folder.path, {
      admin: { email: 'other@greencity.local', password: undefined },
    });
    expect(world.devices.madeAdmin).toBeUndefined();
  });
});

describe('a token for tools', () => {
  it('has the role OPERATOR, a user of its own, and ends', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const viewer = await world.devices.authenticate(await world.devices.issueOperatorToken(3_600_000));
    expect(viewer).toEqual(userViewer('user-tools', 'OPERATOR'));
    expect(await world.ask('{ viewer { email role } }', {}, viewer)).toEqual({
      viewer: { email: 'tools@greencity.local', role: 'OPERATOR' },
    });
    const ended = await world.devices.issueOperatorToken(3_600_000);
    await world.clock.advance(3_600_000);
    await expect(world.devices.authenticate(ended)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is still good after a restart, for the key is the same', async () => {
    using folder = aFolder();
    let token = '';
    {
      await using world = await openWorld(folder.path);
      token = await world.devices.issueOperatorToken(3_600_000);
    }
    await using world = await openWorld(folder.path);
    await expect(world.devices.authenticate(token)).resolves.toMatchObject({ role: 'OPERATOR' });
    expect(world.devices.jwks().keys).toHaveLength(1);
    const { keys } = JSON.parse(readFileSync(join(folder.path, 'keys/access-tokens.json'), 'utf8'));
    expect(keys[0].pem).toContain('PRIVATE KEY');
    expect(JSON.stringify(world.devices.jwks())).not.toContain(keys[0].pem.split('\n')[1]);
  });
});
