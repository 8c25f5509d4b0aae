import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { ACCESS_TOKEN_VALID_MS, createAccessTokens } from './access-tokens.ts';
import { openKeyRing } from './key-ring.ts';

const START_MS = Date.UTC(2026, 10, 23, 10);

async function open() {
  using folder = aFolder();
  const clock = manualClock(START_MS);
  const keys = await openKeyRing({ dataDir: folder.path, clock, log: memoryLog(), signsForMs: 90 * 86_400_000 });
  const key = keys.signing();
  const ended = new Set<string>();
  const tokens = createAccessTokens({ keys, clock, stillGood: async ({ userId }) => !ended.has(userId) });
  const forge = (change: Forgery) =>
    forged(key.privateKey, { ...change, header: { kid: key.keyId, ...change.header } });
  return { key, clock, tokens, ended, forge };
}

interface Forgery {
  readonly claims?: object;
  readonly header?: object;
}

/** A token that we did not issue: `claims` and `header` over those of a good one. */
async function forged(key: KeyObject, { claims = {}, header = {} }: Forgery): Promise<string> {
  const now = START_MS / 1_000;
  const good = { role: 'ADMIN', sub: 'user-1', iss: 'greencity', aud: 'greencity-api', iat: now, exp: now + 600 };
  return await new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header })
    .sign(key);
}

describe('an access token', () => {
  it('says who asks', async () => {
    const { tokens } = await open();
    const { token, expiresAtMs } = await tokens.issue(
      { userId: 'user-1', role: 'OPERATOR', version: 0 },
      ACCESS_TOKEN_VALID_MS,
    );
    expect(await tokens.authenticate(token)).toEqual(userViewer('user-1', 'OPERATOR'));
    expect(expiresAtMs).toBe(START_MS + 600_000);
  });

  it('ends after ten minutes, though it was read before', async () => {
    const { tokens, clock } = await open();
    const { token } = await tokens.issue({ userId: 'user-1', role: 'ADMIN', version: 0 }, ACCESS_TOKEN_VALID_MS);
    await clock.advance(599_000);
    await expect(tokens.authenticate(token)).resolves.toMatchObject({ role: 'ADMIN' });
    await clock.advance(1_000);
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is refused when it is torn, empty, too long or altered', async () => {
    const { tokens } = await open();
    const { token } = await tokens.issue({ userId: 'user-1', role: 'CITIZEN', version: 0 }, ACCESS_TOKEN_VALID_MS);
    const [header, , signature] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ role: 'ADMIN', sub: 'user-1' })).toString('base64url');
    for (const bad of ['', 'x', token.slice(0, -2), 'a'.repeat(9_000), `${header}.${claims}.${signature}`]) {
      await expect(tokens.authenticate(bad), bad).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  it.each([
    ['another issuer', { claims: { iss: 'elsewhere' } }],
    ['another audience', { claims: { aud: 'elsewhere' } }],
    ['no end', { claims: { exp: undefined } }],
    ['an end that has passed', { claims: { exp: START_MS / 1_000 } }],
    ['no subject', { claims: { sub: undefined } }],
    ['a role that we do not have', { claims: { role: 'ROOT' } }],
    ['no role', { claims: { role: undefined } }],
    ['another type', { header: { typ: 'JWT' } }],
    ['a longer spelling of its type', { header: { typ: 'application/at+jwt' } }],
    ['no type', { header: { typ: undefined } }],
    ['several audiences', { claims: { aud: ['greencity-api', 'elsewhere'] } }],
    ['no audience', { claims: { aud: undefined } }],
    ['no issuer', { claims: { iss: undefined } }],
    ['an empty subject', { claims: { sub: '' } }],
    ['no time of issue', { claims: { iat: undefined } }],
    ['a time of issue that is no number', { claims: { iat: '1' } }],
    ['an end that is no number', { claims: { exp: `${START_MS / 1_000 + 600}` } }],
    ['a beginning that is yet to come', { claims: { nbf: START_MS / 1_000 + 1 } }],
    ['a beginning that is no number', { claims: { nbf: 'now' } }],
    ['a subject that is no text', { claims: { sub: 7 } }],
    ['the name of the algorithm in RFC 9864', { header: { alg: 'Ed25519' } }],
    ['a key in its header', { header: { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } } }],
    ['an address of keys in its header', { header: { jku: 'https://elsewhere.example/keys' } }],
    ['a certificate in its header', { header: { x5c: ['AAAA'] } }],
    ['another name in its header', { header: { cty: 'JWT' } }],
  ])('is refused with %s, though signed with our key', async (_, change) => {
    const { tokens, forge } = await open();
    await expect(tokens.authenticate(await forge({}))).resolves.toMatchObject({ role: 'ADMIN' });
    await expect(tokens.authenticate(await forge(change))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it.each([
    ['extensions that must be understood', '{"alg":"EdDSA","typ":"at+jwt","kid":"KID","crit":["b64"],"b64":true}'],
    ['extensions that must be understood, and are none', '{"alg":"EdDSA","typ":"at+jwt","kid":"KID","crit":[]}'],
    ['the algorithm none, given first', '{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"KID"}'],
    ['the algorithm none, given last', '{"alg":"EdDSA","typ":"at+jwt","kid":"KID","alg":"none"}'],
    ['white space in its header', '{"alg":"EdDSA", "typ":"at+jwt","kid":"KID"}'],
    ['a prototype in its header', '{"alg":"EdDSA","typ":"at+jwt","__proto__":{"kid":"KID"}}'],
    ['a key id that is no text', '{"alg":"EdDSA","typ":"at+jwt","kid":["KID"]}'],
    ['no key id', '{"alg":"EdDSA","typ":"at+jwt","a":1}'],
  ])('is refused with %s, though signed with our key', async (_, header) => {
    const { tokens, key, forge } = await open();
    const [, claims = ''] = (await forge({})).split('.');
    const signedBy = (text: string) => {
      const signed = `${Buffer.from(text.replace('KID', key.keyId)).toString('base64url')}.${claims}`;
      return `${signed}.${sign(null, Buffer.from(signed), key.privateKey).toString('base64url')}`;
    };
    const good = signedBy('{"alg":"EdDSA","typ":"at+jwt","kid":"KID"}');
    await expect(tokens.authenticate(good)).resolves.toMatchObject({ role: 'ADMIN' });
    await expect(tokens.authenticate(signedBy(header))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('begins at its `nbf`, where it has one', async () => {
    const { tokens, forge, clock } = await open();
    const token = await forge({ claims: { nbf: START_MS / 1_000 + 5 } });
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await clock.advance(5_000);
    await expect(tokens.authenticate(token)).resolves.toMatchObject({ role: 'ADMIN' });
  });

  it('is what others who verify JWTs take for one', async () => {
    const { tokens, key } = await open();
    const { token } = await tokens.issue({ userId: 'user-1', role: 'ADMIN', version: 0 }, ACCESS_TOKEN_VALID_MS);
    const options = { algorithms: ['EdDSA'], typ: 'at+jwt', issuer: 'greencity', audience: 'greencity-api' };
    const { payload } = await jwtVerify(token, key.publicKey, { ...options, currentDate: new Date(START_MS) });
    expect(payload).toMatchObject({ sub: 'user-1', role: 'ADMIN' });
  });

  it('is refused when another key signed it', async () => {
    const { tokens, key } = await open();
    for (const header of [{}, { kid: 'unknown' }, { kid: key.keyId }]) {
      const token = await forged(generateKeyPairSync('ed25519').privateKey, { header });
      await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  it('is refused without a signature, and when our public key was used as a shared secret', async () => {
    const { tokens, key, forge } = await open();
    const [, claims = ''] = (await forge({})).split('.');
    const encoded = (header: object) => `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${claims}`;
    const none = `${encoded({ alg: 'none', typ: 'at+jwt', kid: key.keyId })}.`;
    const hs256 = encoded({ alg: 'HS256', typ: 'at+jwt', kid: key.keyId });
    const pem = key.publicKey.export({ type: 'spki', format: 'pem' });
    const confused = `${hs256}.${createHmac('sha256', pem).update(hs256).digest('base64url')}`;
    for (const bad of [none, confused])
      await expect(tokens.authenticate(bad)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is looked at again half a minute later, and at once when something has changed', async () => {
    const { tokens, clock, ended } = await open();
    const { token } = await tokens.issue({ userId: 'user-1', role: 'CITIZEN', version: 0 }, ACCESS_TOKEN_VALID_MS);
    await tokens.authenticate(token);
    ended.add('user-1');
    await expect(tokens.authenticate(token)).resolves.toMatchObject({ userId: 'user-1' });
    await clock.advance(30_000);
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    ended.clear();
    await tokens.authenticate(token);
    ended.add('user-1');
    tokens.forget();
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
