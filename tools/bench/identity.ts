/** What it costs to know who asks: CPU of reading an access token anew and again, of issuing one, of an API key, of a password. */
import { verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccessTokens } from '@greencity/devices/identity/access-tokens';
import { createApiKeys } from '@greencity/devices/identity/api-keys';
import { openKeyRing } from '@greencity/devices/identity/key-ring';
import { createPasswords } from '@greencity/devices/identity/passwords';
import { createRefreshTokens, type RefreshTokens } from '@greencity/devices/identity/refresh-tokens';
import { openStore, type Store } from '@greencity/devices/store/collections';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { scopesOf } from '@greencity/platform/graphql/viewer';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
import { memoryLog } from '@greencity/platform/log/memory-log';

const DAY_MS = 86_400_000;
const CHECKS = 100_000;
const FRESH_CHECKS = 1_000;
/** Rounds of what is compared with a goal: other programs on the machine disturb some of them. */
const ROUNDS = 9;
const COLD_USERS = 3_000;
const PASSWORDS = 40;
const WARM_UP = 500;

/** CPU of the whole process, its threads included, in milliseconds a run. */
async function cpuMs(runs: number, work: (run: number) => Promise<unknown>): Promise<number> {
  for (let run = 0; run < Math.min(WARM_UP, runs / 4); run += 1) await work(run);
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) await work(run);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / runs;
}

/** Several works, a round of each in turn: the middle round's CPU milliseconds of each. */
async function inRounds<K extends string>(
  works: Readonly<Record<K, () => Promise<unknown>>>,
): Promise<Record<K, number>> {
  const rounds = {} as Record<K, number[]>;
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, work] of Object.entries(works) as [K, () => Promise<unknown>][])
      rounds[name] = [...(rounds[name] ?? []), await cpuMs(FRESH_CHECKS, work)];
  const middle = (figures: readonly number[]) => figures.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  return Object.fromEntries(Object.keys(rounds).map((name) => [name, middle(rounds[name as K])])) as Record<K, number>;
}

/** Looks at another user and session each time, of more than are kept in memory. */
async function coldLookUps(
  { users, refreshFamilies }: Store,
  families: RefreshTokens,
): Promise<() => Promise<boolean>> {
  const ids = Array.from({ length: COLD_USERS }, (_, index) => `cold-${index}`);
  const user = (id: string) => ({ id, email: id, role: 'ADMIN', passwordHash: null, createdAtMs: 0 }) as const;
  const session = (userId: string) => ({ userId, secretHash: userId, expiresAtMs: 0, revokedAtMs: null });
  await users.putMany(ids.map((id) => ({ id, document: user(id) })));
  await refreshFamilies.putMany(ids.map((id) => ({ id, document: session(id) })));
  let asked = 0;
  return async () => {
    asked += 1;
    const id = ids[asked % ids.length] ?? '';
    return (await Promise.all([users.get(id), families.isOpen(id, id)])).every(Boolean);
  };
}

/** Figures in CPU milliseconds each. `ed25519` is OpenSSL's check of a signature alone, `signature` the check of a JWT, `newToken` the same and the look-up of its user and session, paid once in 30 s and token: of those that were read or written lately, as at its sign-in, and, as `coldToken`, of those that SQLite has to be asked for. */
export async function benchIdentity(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-identity-'));
  const [clock, log] = [systemClock(), memoryLog()];
  try {
    await using documents = await openSqliteDocuments({ path: join(folder, 'documents.sqlite') });
    const store = await openStore(documents);
    const keys = await openKeyRing({ dataDir: folder, clock, log, signsForMs: 90 * DAY_MS });
    const families = createRefreshTokens({ families: store.refreshFamilies, clock, log });
    const { sessionId } = await families.start('user-1');
    await store.users.insert('user-1', {
      id: 'user-1',
      email: 'a@b',
      role: 'ADMIN',
      passwordHash: null,
      createdAtMs: 0,
    });
    const stillGood = async () =>
      (await Promise.all([store.users.get('user-1'), families.isOpen(sessionId, 'user-1')])).every(Boolean);
    const tokens = createAccessTokens({ keys, clock, stillGood });
    const cold = createAccessTokens({ keys, clock, stillGood: await coldLookUps(store, families) });
    const signatures = createAccessTokens({ keys, clock, stillGood: async () => true });
    const holder = { userId: 'user-1', role: 'ADMIN', version: 0, sessionId } as const;
    const { token } = await tokens.issue(holder, 600_000);
    const [head, body, tail = ''] = token.split('.');
    const [signed, signature] = [Buffer.from(`${head}.${body}`), Buffer.from(tail, 'base64url')];
    const { publicKey } = keys.signing();
    const apiKeys = createApiKeys({
      ...{ keys: store.apiKeys, keyValue: memoryKeyValue({ clock }), clock },
      ownerScopes: async () => scopesOf('PARTNER'),
    });
    const expiresAtMs = clock.nowMs() + DAY_MS;
    const scopes = ['measurements:read'] as const;
    const { text } = await apiKeys.create({
      name: 'bench',
      userId: 'user-1',
      scopes,
      expiresAtMs,
      dailyQuota: 10_000_000,
    });
    const passwords = await createPasswords();
    const hash = await passwords.hash('a password');
    return {
      knownTokenCpuMs: await cpuMs(CHECKS, () => tokens.authenticate(token)),
      ...(await inRounds({
        ed25519CpuMs: async () => verify(null, signed, publicKey, signature),
        signatureCpuMs() {
          signatures.forget();
          return signatures.authenticate(token);
        },
        newTokenCpuMs() {
          tokens.forget();
          return tokens.authenticate(token);
        },
        coldTokenCpuMs() {
          cold.forget();
          return cold.authenticate(token);
        },
      })),
      issueTokenCpuMs: await cpuMs(FRESH_CHECKS, () => tokens.issue(holder, 600_000)),
      apiKeyCpuMs: await cpuMs(CHECKS, () => apiKeys.authenticate(text)),
      passwordCpuMs: await cpuMs(PASSWORDS, () => passwords.matches('a password', hash)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
