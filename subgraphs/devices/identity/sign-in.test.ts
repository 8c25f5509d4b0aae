import { join } from 'node:path';
import { manualClock } from '@greencity/platform/clock/manual-clock';
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

it('slows a network down, whichever accounts are tried from it, and no other', async () => {
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
  const tried = (email: string, from: string) => signIn(email, neverOne, from).catch((error) => error.code);
  for (let count = 0; count < 60; count += 1)
    expect(await tried(`user-${count}@example.org`, `2001:db8:1:2::${count.toString(16)}`)).toBe('UNAUTHENTICATED');
  expect(await tried('another@example.org', '2001:db8:1:2::ffff')).toBe('RATE_LIMITED');
  expect(await tried('another@example.org', '2001:db8:1:3::1')).toBe('UNAUTHENTICATED');
  await clock.advance(5_000);
  expect(await tried('another@example.org', '2001:db8:1:2::ffff')).toBe('UNAUTHENTICATED');
});
