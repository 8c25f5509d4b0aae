import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { createAccessTokens } from './access-tokens.ts';
import { openKeyRing } from './key-ring.ts';
import { PUBLISHED_AFTER_MS, PUBLISHED_BEFORE_MS } from './key-schedule.ts';

const START_MS = Date.UTC(2026, 10, 23, 10);
const SIGNS_FOR_MS = 90 * 86_400_000;
const HOLDER = { userId: 'user-1', role: 'ADMIN', version: 0 } as const;
const pemOf = (pair: { privateKey: { export(options: object): unknown } }) =>
  String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));

async function open(dataDir: string, clock = manualClock(START_MS)) {
  const ring = await openKeyRing({ dataDir, clock, log: memoryLog(), signsForMs: SIGNS_FOR_MS });
  const tokens = createAccessTokens({ keys: ring, clock, stillGood: async () => true });
  /** What somebody who has only our key set makes of a token. */
  const verifies = async (token: string, jwks = ring.jwks()) => {
    await jwtVerify(token, createLocalJWKSet(jwks as never), { currentDate: new Date(clock.nowMs()) });
  };
  return { ring, tokens, clock, verifies };
}

describe('the key ring', () => {
  it('is made at the first start, for its owner only, and the same afterwards', async () => {
    using folder = aFolder();
    const made = await open(folder.path);
    const again = await open(folder.path);
    expect(again.ring.signing().keyId).toBe(made.ring.signing().keyId);
    expect(statSync(join(folder.path, 'keys/access-tokens.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, 'keys')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder.path, 'keys'))).toEqual(['access-tokens.json']);
  });

  it('shows public halves alone', async () => {
    using folder = aFolder();
    const { ring } = await open(folder.path);
    expect(ring.jwks().keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: ring.signing().keyId, alg: 'EdDSA', use: 'sig' },
    ]);
  });

  it('takes its file back from others who could read it', async () => {
    using folder = aFolder();
    await open(folder.path);
    const path = join(folder.path, 'keys/access-tokens.json');
    chmodSync(path, 0o644);
    await open(folder.path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('goes on with the key of an earlier version', async () => {
    using folder = aFolder();
    mkdirSync(join(folder.path, 'keys'));
    writeFileSync(join(folder.path, 'keys/access-tokens.pem'), pemOf(generateKeyPairSync('ed25519')), { mode: 0o600 });
    const clock = manualClock(START_MS);
    const { ring } = await open(folder.path, clock);
    const { keyId } = ring.signing();
    await clock.advance(60_000);
    await ring.tend();
    expect(ring.verifying(keyId)).toBeDefined();
    expect((await open(folder.path, clock)).ring.verifying(keyId)).toBeDefined();
    expect(readdirSync(join(folder.path, 'keys'))).toEqual(['access-tokens.json']);
  });

  it.each([
    ['no JSON', 'rubbish'],
    ['no key', JSON.stringify({ v: 1, keys: [{ pem: 'rubbish', signsFromMs: 0 }] })],
    [
      'a key of another kind',
      JSON.stringify({
        v: 1,
        keys: [{ pem: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })), signsFromMs: 0 }],
      }),
    ],
  ])('does not start on a file that holds %s', async (_, text) => {
    using folder = aFolder();
    mkdirSync(join(folder.path, 'keys'));
    writeFileSync(join(folder.path, 'keys/access-tokens.json'), text);
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

describe('rotation', () => {
  it('publishes a key before it signs, and keeps it until the last token has ended', async () => {
    using folder = aFolder();
    const { ring, tokens, clock, verifies } = await open(folder.path);
    const first = ring.signing().keyId;
    const longest = await tokens.issue(HOLDER, PUBLISHED_AFTER_MS);
    await clock.advance(SIGNS_FOR_MS - PUBLISHED_BEFORE_MS);
    await ring.tend();
    const second = ring.states()[1]?.keyId ?? '';
    expect(ring.states().map(({ state }) => state)).toEqual(['SIGNING', 'PUBLISHED']);
    const cachedKeySet = ring.jwks();
    const last = await tokens.issue(HOLDER, PUBLISHED_AFTER_MS);

    await clock.advance(PUBLISHED_BEFORE_MS);
    await ring.tend();
    expect(ring.signing().keyId).toBe(second);
    expect(ring.states().map(({ state }) => state)).toEqual(['RETIRING', 'SIGNING']);
    // Somebody who fetched our keys before the change can verify what is signed after it.
    await verifies((await tokens.issue(HOLDER, 600_000)).token, cachedKeySet);

    await clock.advance(last.expiresAtMs - clock.nowMs() - 1_000);
    await ring.tend();
    await expect(tokens.authenticate(last.token)).resolves.toMatchObject({ userId: 'user-1' });
    await expect(tokens.authenticate(longest.token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await clock.advance(PUBLISHED_BEFORE_MS + 2_000);
    await ring.tend();
    expect(ring.verifying(first)).toBeUndefined();
    expect(ring.jwks().keys.map(({ kid }) => kid)).toEqual([second]);
  });

  it('can be asked for, and asked for twice it publishes one key', async () => {
    using folder = aFolder();
    const { ring } = await open(folder.path);
    await Promise.all([ring.rotate(), ring.rotate()]);
    expect(ring.states().map(({ state }) => state)).toEqual(['SIGNING', 'PUBLISHED']);
  });
});

describe('an emergency', () => {
  it('ends every token of a key at once, and signs with another', async () => {
    using folder = aFolder();
    const { ring, tokens, verifies } = await open(folder.path);
    const { token } = await tokens.issue(HOLDER, 600_000);
    await tokens.authenticate(token);
    const { keyId } = ring.signing();
    await ring.revoke(keyId);
    await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(verifies(token)).rejects.toThrow();
    const fresh = await tokens.issue(HOLDER, 600_000);
    await expect(tokens.authenticate(fresh.token)).resolves.toMatchObject({ userId: 'user-1' });
    await expect(ring.revoke(keyId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await open(folder.path)).ring.verifying(keyId)).toBeUndefined();
  });

  it('signs with the key that waits, where one does', async () => {
    using folder = aFolder();
    const { ring } = await open(folder.path);
    await ring.rotate();
    const [signing, waiting] = ring.states();
    await ring.revoke(signing?.keyId ?? '');
    expect(ring.states()).toEqual([{ keyId: waiting?.keyId, signsFromMs: START_MS, state: 'SIGNING' }]);
  });

  it('leaves the key that signs when an older one is revoked', async () => {
    using folder = aFolder();
    const { ring, clock } = await open(folder.path);
    await ring.rotate();
    await clock.advance(PUBLISHED_BEFORE_MS);
    const [old, signing] = ring.states();
    await ring.revoke(old?.keyId ?? '');
    expect(ring.states().map(({ keyId }) => keyId)).toEqual([signing?.keyId]);
  });

  it('is known to another process when it looks again, which it does twice a minute', async () => {
    using folder = aFolder();
    const clock = manualClock(START_MS);
    const [here, there] = [await open(folder.path, clock), await open(folder.path, clock)];
    const { token } = await here.tokens.issue(HOLDER, 600_000);
    await there.tokens.authenticate(token);
    await here.ring.revoke(here.ring.signing().keyId);
    await there.ring.tend();
    await expect(there.tokens.authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
