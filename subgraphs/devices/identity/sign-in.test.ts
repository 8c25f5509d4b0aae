import { join } from 'node:path';
import { type ManualClock, manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { openStore } from '../store/collections.ts';
import { createAccessTokens } from './access-tokens.ts';
import { openKeyRing } from './key-ring.ts';
import { createPasswords } from './passwords.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { createSignIn } from './sign-in.ts';

/** Tries at passwords of these accounts, on a clock that is moved. */
async function withTries(
  use: (tried: (email: string, from: string) => Promise<string>, clock: ManualClock) => Promise<void>,
): Promise<void> {
  using folder = aFolder();
  await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
  const { users, refreshFamilies } = await openStore(documents);
  const [clock, log] = [manualClock(Date.UTC(2026, 10, 23)), memoryLog()];
  const keys = await openKeyRing({ dataDir: folder.path, clock, log, signsForMs: 86_400_000 });
  const { signIn } = createSignIn({
    ...{
      users,
      clock,
      keyValue: memoryKeyValue({ clock }),
      metrics: memoryMetrics(),
      passwords: await createPasswords(),
    },
    refreshTokens: createRefreshTokens({ families: refreshFamilies, clock, log }),
    accessTokens: createAccessTokens({ keys, clock, stillGood: async () => true }),
  });
  const neverOne = 'too long to be a password '.repeat(20);
  await use(async (email, from) => await signIn(email, neverOne, from).catch((error) => error.code), clock);
}

it('slows a network down, whichever accounts are tried from it, and no other', () =>
  withTries(async (tried, clock) => {
    for (let count = 0; count < 60; count += 1)
      expect(await tried(`user-${count}@example.org`, `2001:db8:1:2::${count.toString(16)}`)).toBe('UNAUTHENTICATED');
    expect(await tried('another@example.org', '2001:db8:1:2::ffff')).toBe('RATE_LIMITED');
    expect(await tried('another@example.org', '2001:db8:1:3::1')).toBe('UNAUTHENTICATED');
    await clock.advance(5_000);
    expect(await tried('another@example.org', '2001:db8:1:2::ffff')).toBe('UNAUTHENTICATED');
  }));

it('does not let one network keep out whoever owns an account, and lets many guess it no faster than one each ten seconds', () =>
  withTries(async (tried, clock) => {
    const guesses = async (from: string) => {
      for (let count = 0; count < 10; count += 1) expect(await tried('ann@example.org', from)).toBe('UNAUTHENTICATED');
      expect(await tried('ann@example.org', from)).toBe('RATE_LIMITED');
    };
    await guesses('198.51.100.1');
    expect(await tried('ann@example.org', '192.0.2.7')).toBe('UNAUTHENTICATED');
    for (let network = 2; network <= 9; network += 1) await guesses(`198.51.100.${network}`);
    for (let count = 0; count < 9; count += 1)
      expect(await tried('ann@example.org', '203.0.113.5')).toBe('UNAUTHENTICATED');
    expect(await tried('ann@example.org', '203.0.113.6')).toBe('RATE_LIMITED');
    await clock.advance(10_000);
    expect(await tried('ann@example.org', '203.0.113.7')).toBe('UNAUTHENTICATED');
    expect(await tried('ann@example.org', '203.0.113.8')).toBe('RATE_LIMITED');
  }));
