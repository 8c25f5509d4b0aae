/** Keys of an external provider, which come, go and are not there: each test with a real one. */

import { systemClock } from '@greencity/platform/clock/system-clock';
import { AppError } from '@greencity/platform/errors';
import { joseProvider } from '@greencity/platform/oidc/jose-provider';
import { exportSPKI, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AUDIENCE, startProvider } from '../fixtures/oidc-provider.ts';

const open = new Set<{ close(): Promise<unknown> }>();
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(async () => {
  vi.useRealTimers();
  for (const provider of open) await provider.close();
  open.clear();
});

async function started(...options: Parameters<typeof startProvider>) {
  const provider = await startProvider(...options);
  open.add(provider);
  return provider;
}

/** The same provider with another key: the one before is taken back. */
async function withAnotherKey(provider: Awaited<ReturnType<typeof startProvider>>) {
  await provider.close();
  open.delete(provider);
  return await started({ port: Number(new URL(provider.issuer).port), keyId: 'another-key' });
}

const reader = ({ issuer }: { readonly issuer: string }) =>
  joseProvider({ issuer, audience: AUDIENCE, clock: systemClock() });
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const code = (verifying: Promise<unknown>) =>
  verifying.then(
    () => 'taken',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );

describe('a provider', () => {
  it.each(['ES256', 'RS256', 'EdDSA'] as const)('may sign with %s', async (algorithm) => {
    const provider = await started({ algorithm });
    expect(await code(reader(provider).verify(await provider.token('visitor')))).toBe('taken');
  });

  it('signs with no shared secret, its own public key least of all', async () => {
    const provider = await started();
    const secret = new TextEncoder().encode(await exportSPKI(provider.publicKey));
    const forged = await new SignJWT({ iss: provider.issuer, aud: AUDIENCE, sub: 'x', exp: 9_999_999_999 })
      .setProtectedHeader({ alg: 'HS256', kid: 'provider-key', typ: 'at+jwt' })
      .sign(secret);
    expect(await code(reader(provider).verify(forged))).toBe('UNAUTHENTICATED');
  });

  it('has a new key known ten seconds after its keys were asked for last', async () => {
    const before = await started();
    const known = reader(before);
    await known.verify(await before.token('visitor'));
    const after = await withAnotherKey(before);
    const token = await after.token('visitor');
    expect(await code(known.verify(token))).toBe('UNAUTHENTICATED');
    later(10_001);
    expect(await code(known.verify(token))).toBe('taken');
  });

  it('has a key that it took back refused after 25 s, which is a minute with what is kept of verified tokens', async () => {
    const before = await started();
    const known = reader(before);
    const token = await before.token('visitor');
    await known.verify(token);
    await withAnotherKey(before);
    later(24_000);
    expect(await code(known.verify(token))).toBe('taken');
    later(1_001);
    expect(await code(known.verify(token))).toBe('UNAUTHENTICATED');
  });

  it('need not be there at the start, and is heard as soon as it is', async () => {
    const gone = await started();
    const token = await gone.token('visitor');
    const known = reader(gone);
    await gone.close();
    for (let count = 0; count < 2; count += 1) expect(await code(known.verify(token))).toBe('UNAVAILABLE');
    const back = await withAnotherKey(gone);
    expect(await code(known.verify(await back.token('visitor')))).toBe('taken');
  });
});
