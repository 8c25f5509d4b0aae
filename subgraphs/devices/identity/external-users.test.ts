import { systemClock } from '@greencity/platform/clock/system-clock';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { joseProvider } from '@greencity/platform/oidc/jose-provider';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { AUDIENCE, startProvider } from '../fixtures/oidc-provider.ts';
import { SIGN_IN } from '../fixtures/operations.ts';
import { openWorld, type World } from '../fixtures/platform.ts';

let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

function externalOf(claim: string) {
  const roles = { 'city-ops': 'OPERATOR', 'city-admins': 'ADMIN' } as const;
  const options = { issuer: provider.issuer, audience: AUDIENCE, clock: systemClock() };
  return { provider: joseProvider(options), claim, roles };
}

async function withProvider(use: (world: World) => Promise<void>, claim = 'groups'): Promise<void> {
  using folder = aFolder();
  await using world = await openWorld(folder.path, { external: externalOf(claim) });
  await use(world);
}

describe('somebody of an external provider', () => {
  it.each([
    ['city-ops', 'OPERATOR'],
    ['visitor', 'CITIZEN'],
    ['chief', 'ADMIN'],
  ])('is, as %s, %s', (client, role) =>
    withProvider(async (world) => {
      const viewer = await world.devices.authenticate(await provider.token(client));
      expect(viewer).toMatchObject({ kind: 'user', role, userId: expect.stringMatching(/^external-/) });
      expect(await world.ask('{ viewer { email role } }', {}, viewer)).toEqual({
        viewer: { email: `${client}@city.example.org`, role },
      });
      expect(await world.devices.authenticate(await provider.token(client))).toEqual(viewer);
    }),
  );

  it('can be disabled here, whatever the provider says', () =>
    withProvider(async (world) => {
      const token = await provider.token('city-ops');
      const viewer = await world.devices.authenticate(token);
      const id = viewer.kind === 'user' ? viewer.userId : '';
      await world.ask('mutation ($id: ID!) { disableUser(id: $id) { id } }', { id }, userViewer('boss', 'ADMIN'));
      await expect(world.devices.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }));

  it('does not become an account of ours by its email', () =>
    withProvider(async (world) => {
      const boss = userViewer('boss', 'ADMIN');
      await world.ask(
        'mutation { createUser(input: { email: "visitor@city.example.org", role: ADMIN }) { password } }',
        {},
        boss,
      );
      const viewer = await world.devices.authenticate(await provider.token('visitor'));
      expect(viewer).toMatchObject({ role: 'CITIZEN' });
      const { viewer: seen } = await world.ask<{ viewer: { email: string } }>('{ viewer { email } }', {}, viewer);
      expect(seen.email).toMatch(/@external\.invalid$/);
    }));

  it('has the role that the newest of its tokens says, also by one that was issued before', () =>
    withProvider(async (world) => {
      const now = Math.floor(Date.now() / 1_000);
      const token = (iat: number, groups: readonly string[]) => provider.signed({ iat, groups });
      const [earlier, later] = [await token(now - 60, ['city-admins']), await token(now - 30, [])];
      expect(await world.devices.authenticate(earlier)).toMatchObject({ role: 'ADMIN' });
      expect(await world.devices.authenticate(later)).toMatchObject({ role: 'CITIZEN' });
      expect(await world.devices.authenticate(earlier)).toMatchObject({ role: 'CITIZEN' });
      expect(await world.devices.authenticate(await token(now - 10, ['city-ops']))).toMatchObject({ role: 'OPERATOR' });
    }));

  it.each([
    ['a list of which one counts', ['x', 'city-ops'], 'OPERATOR'],
    ['a text', 'city-ops', 'OPERATOR'],
    ['an object', { 'city-ops': true }, 'CITIZEN'],
    ['lists in a list', [['city-ops']], 'CITIZEN'],
    ['the name of what every object has', 'constructor', 'CITIZEN'],
    ['null', null, 'CITIZEN'],
  ])('has the role of %s', (_, groups, role) =>
    withProvider(async (world) => {
      expect(await world.devices.authenticate(await provider.signed({ groups }))).toMatchObject({ role });
    }),
  );

  it.each([
    ['realm.roles', { realm: { roles: ['city-ops'] } }],
    ['https://city.example/roles', { 'https://city.example/roles': ['city-ops'] }],
  ])('has the role that the claim %s names', (claim, claims) =>
    withProvider(
      async (world) =>
        expect(await world.devices.authenticate(await provider.signed(claims))).toMatchObject({ role: 'OPERATOR' }),
      claim,
    ),
  );

  it('has its role from there, and not from an admin here', () =>
    withProvider(async (world) => {
      const viewer = await world.devices.authenticate(await provider.token('visitor'));
      const id = viewer.kind === 'user' ? viewer.userId : '';
      const CHANGE = 'mutation ($id: ID!) { changeUserRole(id: $id, role: OPERATOR) { id } }';
      expect(await world.refused(CHANGE, { id }, userViewer('boss', 'ADMIN'))).toMatchObject({ code: 'CONFLICT' });
    }));

  it.each([
    ['has not verified', { email_verified: false }],
    ['says to be unverified in text', { email_verified: 'false' }],
    ['gives as a list', { email: ['ann@example.org'] }],
    ['gives without an @', { email: 'ann' }],
  ])('is not called by an email that the provider %s', (_, claims) =>
    withProvider(async (world) => {
      const viewer = await world.devices.authenticate(await provider.signed({ email: 'ann@example.org', ...claims }));
      expect(await world.ask('{ viewer { email } }', {}, viewer)).toEqual({ viewer: { email: 'person@127.0.0.1' } });
    }),
  );

  it('gives up an email that an account of ours is to have', () =>
    withProvider(async (world) => {
      const viewer = await world.devices.authenticate(await provider.signed({ email: 'ann@example.org' }));
      const CREATE = 'mutation { createUser(input: { email: "ann@example.org", role: ADMIN }) { user { email } } }';
      expect(await world.ask(CREATE, {}, userViewer('boss', 'ADMIN'))).toEqual({
        createUser: { user: { email: 'ann@example.org' } },
      });
      const { viewer: seen } = await world.ask<{ viewer: { email: string } }>('{ viewer { email } }', {}, viewer);
      expect(seen.email).toMatch(/^external-\w+@external\.invalid$/);
    }));

  it('does not become the admin of the settings by its email', async () => {
    using folder = aFolder();
    const admin = { email: 'chief@example.org', password: 'a long password' };
    let id = '';
    {
      await using world = await openWorld(folder.path, { external: externalOf('groups') });
      const viewer = await world.devices.authenticate(await provider.signed({ email: admin.email }));
      id = viewer.kind === 'user' ? viewer.userId : '';
    }
    await using world = await openWorld(folder.path, { admin });
    const { signIn } = await world.ask<{ signIn: { user: { id: string; role: string } } }>(SIGN_IN, admin, {
      kind: 'anonymous',
    });
    expect(signIn.user.role).toBe('ADMIN');
    expect(signIn.user.id).not.toBe(id);
  });

  it.each([
    ['without an audience', { aud: undefined }],
    ['for several APIs, none of them ours', { aud: ['https://a.example', 'https://b.example'] }],
    ['of another issuer', { iss: 'https://elsewhere.example.org' }],
    ['of ours by its word alone', { iss: 'greencity', aud: 'greencity-api' }],
    ['without a subject', { sub: undefined }],
    ['without an end', { exp: undefined }],
    ['that begins later', { nbf: 4_000_000_000 }],
  ])('is refused with a token %s', (_, claims) =>
    withProvider(async (world) => {
      const token = await provider.signed({ groups: ['city-admins'], ...claims });
      await expect(world.devices.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }),
  );

  it('may have a token for several APIs of which one is ours', () =>
    withProvider(async (world) => {
      const token = await provider.signed({ aud: ['https://a.example', AUDIENCE], azp: 'another-client' });
      expect(await world.devices.authenticate(token)).toMatchObject({ kind: 'user' });
    }));

  it('is refused with a token for another API', () =>
    withProvider(async (world) => {
      const token = await provider.token('city-ops', 'https://elsewhere.example.org');
      await expect(world.devices.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }));

  it.each([
    [
      'signed with a key that is not the provider’s',
      async () => ({ key: (await generateKeyPair('ES256')).privateKey, claims: {}, typ: 'at+jwt' }),
    ],
    ['that has ended', async () => ({ key: provider.privateKey, claims: { exp: 1_000 }, typ: 'at+jwt' })],
    ['of another type', async () => ({ key: provider.privateKey, claims: {}, typ: 'logout+jwt' })],
  ])('is refused with a token %s', (_, make) =>
    withProvider(async (world) => {
      const { key, claims, typ } = await make();
      const now = Math.floor(Date.now() / 1_000);
      const token = await new SignJWT({
        iss: provider.issuer,
        aud: AUDIENCE,
        sub: 'x',
        exp: now + 600,
        groups: ['city-admins'],
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'provider-key', typ })
        .sign(key);
      await expect(world.devices.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }),
  );
});
