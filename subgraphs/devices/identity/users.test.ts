import type { Viewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { REFRESH, SIGN_IN } from '../fixtures/operations.ts';
import { ADMIN, ANONYMOUS, openWorld, type World } from '../fixtures/platform.ts';
import { openStore } from '../store/collections.ts';

const BOSS = userViewer('user-boss', 'ADMIN');
const CREATE = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id email role } password } }';
const PASSWORD = 'a password of their own';

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
}
interface Created {
  readonly createUser: {
    readonly user: { readonly id: string; readonly email: string };
    readonly password: string | null;
  };
}

const create = async (world: World, input: object = {}) =>
  (
    await world.ask<Created>(
      CREATE,
      { input: { email: 'ann@example.org', role: 'OPERATOR', password: PASSWORD, ...input } },
      BOSS,
    )
  ).createUser;
const signIn = async (world: World, email = 'ann@example.org', password = PASSWORD) =>
  (await world.ask<{ signIn: Session }>(SIGN_IN, { email, password }, { ...ANONYMOUS, from: '192.0.2.3' })).signIn;
const viewerOf = (world: World, { accessToken }: Session): Promise<Viewer> => world.devices.authenticate(accessToken);

async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  using folder = aFolder();
  await using world = await openWorld(folder.path);
  await use(world);
}

async function endsAtOnce(world: World, session: Session): Promise<void> {
  await expect(viewerOf(world, session)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await world.refused(REFRESH, { refreshToken: session.refreshToken }, ANONYMOUS)).toMatchObject({
    code: 'UNAUTHENTICATED',
  });
}

describe('an admin', () => {
  it('makes a user, with a password that is made and shown once when none is given', () =>
    inWorld(async (world) => {
      const { user, password } = await create(world, { email: 'Bob@Example.org', password: null });
      expect(user).toMatchObject({ email: 'bob@example.org', role: 'OPERATOR' });
      expect(password).toMatch(/^[\w-]{22}$/);
      await signIn(world, 'bob@example.org', password ?? '');
      expect((await create(world)).password).toBeNull();
    }));

  it('hears which field is wrong', () =>
    inWorld(async (world) => {
      await create(world);
      const refused = (input: object) =>
        world.refused(CREATE, { input: { email: 'c@example.org', role: 'CITIZEN', ...input } }, BOSS);
      expect(await refused({ email: 'nowhere' })).toEqual({
        code: 'BAD_USER_INPUT',
        subject: 'input.email: must be an email address',
      });
      expect(await refused({ password: 'short' })).toMatchObject({
        code: 'BAD_USER_INPUT',
        subject: expect.stringMatching(/^input\.password/),
      });
      expect(await refused({ email: ' ANN@example.org' })).toMatchObject({ code: 'CONFLICT' });
    }));

  it('lists users without their hashes', () =>
    inWorld(async (world) => {
      await create(world);
      const { users } = await world.ask<{ users: { totalCount: number } }>(
        '{ users { totalCount nodes { user { email } createdAt disabledAt externalIssuer } } }',
        {},
        BOSS,
      );
      expect(users.totalCount).toBe(3);
      expect(JSON.stringify(users)).toContain('ann@example.org');
    }));

  it('disables a user at once: sessions, tokens and sign-in; and lets it in again', () =>
    inWorld(async (world) => {
      const { user } = await create(world);
      const session = await signIn(world);
      await viewerOf(world, session);
      await world.ask('mutation ($id: ID!) { disableUser(id: $id) { id } }', user, BOSS);
      await endsAtOnce(world, session);
      expect(await world.refused(SIGN_IN, { email: user.email, password: PASSWORD }, ANONYMOUS)).toEqual({
        code: 'UNAUTHENTICATED',
        subject: 'the email or the password is wrong',
      });
      await world.ask('mutation ($id: ID!) { enableUser(id: $id) { id } }', user, BOSS);
      await viewerOf(world, await signIn(world));
    }));

  it('changes a role, which ends access tokens of the old one and not the session', () =>
    inWorld(async (world) => {
      const { user } = await create(world);
      const session = await signIn(world);
      await viewerOf(world, session);
      await world.ask('mutation ($id: ID!) { changeUserRole(id: $id, role: CITIZEN) { role } }', user, BOSS);
      await expect(viewerOf(world, session)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      const { refreshSession } = await world.ask<{ refreshSession: Session }>(
        REFRESH,
        { refreshToken: session.refreshToken },
        ANONYMOUS,
      );
      expect(await viewerOf(world, refreshSession)).toMatchObject({ role: 'CITIZEN' });
    }));

  it('gives a new password to whoever lost theirs', () =>
    inWorld(async (world) => {
      const { user } = await create(world);
      const session = await signIn(world);
      const answer = await world.ask<{ resetUserPassword: { password: string } }>(
        'mutation ($id: ID!) { resetUserPassword(id: $id) { password } }',
        user,
        BOSS,
      );
      await endsAtOnce(world, session);
      await signIn(world, user.email, answer.resetUserPassword.password);
    }));

  it('cannot take the last admin away, and hears of users that are not there', () =>
    inWorld(async (world) => {
      const { accessToken } = await signIn(world, ADMIN.email, ADMIN.password);
      const viewer = await world.devices.authenticate(accessToken);
      const { id } = (await world.ask<{ viewer: { id: string } }>('{ viewer { id } }', {}, viewer)).viewer;
      for (const mutation of ['disableUser(id: $id) { id }', 'changeUserRole(id: $id, role: CITIZEN) { id }'])
        expect(await world.refused(`mutation ($id: ID!) { ${mutation} }`, { id }, BOSS)).toMatchObject({
          code: 'CONFLICT',
        });
      for (const mutation of ['disableUser', 'enableUser'])
        expect(await world.refused(`mutation { ${mutation}(id: "nobody") { id } }`, {}, BOSS)).toMatchObject({
          code: 'NOT_FOUND',
        });
    }));

  it('revokes a signing key, which ends every token', () =>
    inWorld(async (world) => {
      await create(world);
      const session = await signIn(world);
      const { signingKeys } = await world.ask<{ signingKeys: { id: string }[] }>(
        '{ signingKeys { id state signsFrom } }',
        {},
        BOSS,
      );
      await world.ask('mutation { rotateSigningKey { state } }', {}, BOSS);
      const answer = await world.ask<{ revokeSigningKey: object[] }>(
        'mutation ($id: ID!) { revokeSigningKey(id: $id) { id state } }',
        signingKeys[0],
        BOSS,
      );
      expect(answer.revokeSigningKey).toMatchObject([{ state: 'SIGNING' }]);
      await expect(viewerOf(world, session)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }));
});

describe('a user', () => {
  it('signs out, which ends this session and no other', () =>
    inWorld(async (world) => {
      await create(world);
      const [here, there] = [await signIn(world), await signIn(world)];
      await viewerOf(world, here);
      await world.ask('mutation { signOut }', {}, await viewerOf(world, here));
      await endsAtOnce(world, here);
      await viewerOf(world, there);
    }));

  it('sees its sessions and ends one, but nobody else’s', () =>
    inWorld(async (world) => {
      await create(world);
      const [here, there] = [await signIn(world), await signIn(world)];
      const viewer = await viewerOf(world, here);
      type Sessions = { sessions: { id: string; current: string }[] };
      const { sessions } = await world.ask<Sessions>(
        '{ sessions { id startedAt usedAt expiresAt from current } }',
        {},
        viewer,
      );
      expect(sessions).toHaveLength(2);
      expect(sessions[0]).toMatchObject({ from: '192.0.2.3', startedAt: '2026-11-23T10:00:00.000Z' });
      const other = sessions.find(({ current }) => current === 'ANOTHER');
      const stranger = userViewer('user-stranger', 'ADMIN');
      expect(
        await world.refused('mutation ($id: ID!) { revokeSession(id: $id) }', { id: other?.id }, stranger),
      ).toMatchObject({ code: 'NOT_FOUND' });
      await world.ask('mutation ($id: ID!) { revokeSession(id: $id) }', { id: other?.id }, viewer);
      await endsAtOnce(world, there);
      await viewerOf(world, here);
    }));

  it('changes its password, which ends its other sessions', () =>
    inWorld(async (world) => {
      await create(world);
      const [here, there] = [await signIn(world), await signIn(world)];
      const viewer = await viewerOf(world, here);
      const CHANGE = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { id } }';
      const next = 'another long password';
      expect(await world.refused(CHANGE, { input: { current: 'wrong', next } }, viewer)).toMatchObject({
        code: 'UNAUTHENTICATED',
      });
      expect(await world.refused(CHANGE, { input: { current: PASSWORD, next: 'short' } }, viewer)).toMatchObject({
        code: 'BAD_USER_INPUT',
      });
      await world.ask(CHANGE, { input: { current: PASSWORD, next } }, viewer);
      await endsAtOnce(world, there);
      await world.ask(REFRESH, { refreshToken: here.refreshToken }, ANONYMOUS);
      await signIn(world, 'ann@example.org', next);
    }));

  it('guesses the present password of a token that it found no faster than at the sign-in', () =>
    inWorld(async (world) => {
      await create(world);
      const viewer = await viewerOf(world, await signIn(world));
      const CHANGE = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { id } }';
      const guess = (current: string) =>
        world.refused(CHANGE, { input: { current, next: 'another long password' } }, viewer);
      for (let count = 0; count < 10; count += 1)
        expect(await guess('a guess')).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await guess(PASSWORD)).toEqual({ code: 'RATE_LIMITED', subject: 'too many tries: try again in 30 s' });
    }));

  it('has its hash made anew at its next sign-in when the parameters have changed', () =>
    inWorld(async (world) => {
      const { user } = await create(world);
      const { users } = await openStore(world.documents);
      const stored = await users.get(user.id);
      if (!stored) throw new Error('no user');
      const weak = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
      await users.replace(user.id, stored.version, { ...stored.document, passwordHash: weak });
      await signIn(world);
      const rehashed = (await users.get(user.id))?.document.passwordHash;
      expect(rehashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      await signIn(world);
      expect((await users.get(user.id))?.document.passwordHash).toBe(rehashed);
    }));

  it('loses every token of a session when a used refresh token is shown again', () =>
    inWorld(async (world) => {
      await create(world);
      const session = await signIn(world);
      const { refreshSession } = await world.ask<{ refreshSession: Session }>(
        REFRESH,
        { refreshToken: session.refreshToken },
        ANONYMOUS,
      );
      await viewerOf(world, refreshSession);
      await world.refused(REFRESH, { refreshToken: session.refreshToken }, ANONYMOUS);
      await endsAtOnce(world, refreshSession);
    }));
});
