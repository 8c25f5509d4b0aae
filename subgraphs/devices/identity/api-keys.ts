import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '@greencity/platform/clock/port';
import type { Collection, Stored } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import { type KeyViewer, SCOPES, type Scope } from '@greencity/platform/graphql/port';
import type { KeyValue } from '@greencity/platform/key-value/port';
import { newId, newSecret, secretHash } from './secret.ts';

/** An API key as stored: never the key itself. */
export interface ApiKey {
  readonly id: string;
  /** What its owner calls it. */
  readonly name: string;
  readonly userId: string;
  readonly scopes: readonly Scope[];
  /** Newest first, two at most. SHA-256 (hex) of 256 random bits, which need no slow hash. */
  readonly secrets: readonly { readonly hash: string; readonly validUntilMs: number | null }[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Requests a day. */
  readonly dailyQuota: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

/** A key and its text, which is known nowhere else. */
export interface ApiKeyWithText {
  readonly key: ApiKey;
  readonly text: string;
}

export interface NewApiKey {
  readonly name: string;
  readonly userId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAtMs: number;
  readonly dailyQuota: number;
}

/** Keys of programs: `gc_live_<id>_<secret>`. */
export interface ApiKeys {
  create(key: NewApiKey): Promise<ApiKeyWithText>;
  get(id: string): Promise<ApiKey | undefined>;
  /** Secrets of a key that are valid now. */
  activeSecrets(key: ApiKey): number;
  /** Newest first: of one user, or of all. */
  list(userId: string | undefined): Promise<readonly ApiKey[]>;
  /** A second secret; the one before stays valid for so long, and any older one ends now. @throws AppError NOT_FOUND, CONFLICT for a key that has ended */
  rotate(id: string, previousValidMs: number): Promise<ApiKeyWithText>;
  /** Ends a key at once. @throws AppError NOT_FOUND */
  revoke(id: string): Promise<ApiKey>;
  /** @throws AppError UNAUTHENTICATED, RATE_LIMITED over its quota */
  authenticate(text: string): Promise<KeyViewer>;
  /** Reads every key anew at its next request: something about its owner has changed. */
  forget(): void;
  /** Writes when keys were last used. */
  flush(): Promise<void>;
}

export interface ApiKeysOptions {
  readonly keys: Collection<ApiKey>;
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  /** What the user whom the key belongs to may do now; undefined for one that is no more, or disabled. */
  readonly ownerScopes: (userId: string) => Promise<readonly Scope[] | undefined>;
}

export const API_KEY_PREFIX = 'gc_live_';
const TEXT = /^gc_live_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const LIST_MAX = 1_000;
const DAY_SECONDS = 86_400;
/** A key is read anew after this time: what another process revoked is known here by then. */
const GOOD_FOR_MS = 30_000;
const KEPT_MAX = 10_000;

interface Kept {
  readonly key: ApiKey;
  readonly untilMs: number;
}

/** API keys kept in a collection. */
export function createApiKeys({ keys, keyValue, clock, ownerScopes }: ApiKeysOptions): ApiKeys {
  const kept = keptKeys({ keys, clock, ownerScopes });
  const used = new Map<string, number>();

  async function existing(id: string): Promise<Stored<ApiKey>> {
    const stored = await keys.get(id);
    if (!stored) throw new AppError('NOT_FOUND', `API key ${id}`);
    return stored;
  }

  async function replace(stored: Stored<ApiKey>, changes: Partial<ApiKey>): Promise<ApiKey> {
    const { document } = await keys.replace(stored.id, stored.version, { ...stored.document, ...changes });
    kept.forget(stored.id);
    return document;
  }

  return {
    create: (key) => create(keys, key, clock.nowMs()),
    get: async (id) => (await keys.get(id))?.document,
    activeSecrets: ({ secrets, expiresAtMs }) =>
      expiresAtMs > clock.nowMs()
        ? secrets.filter(({ validUntilMs }) => validUntilMs === null || validUntilMs > clock.nowMs()).length
        : 0,
    async list(userId) {
      const orderBy = { field: 'createdAtMs', direction: 'descending' } as const;
      const page = await keys.find({ ...(userId !== undefined && { where: { userId } }), orderBy, first: LIST_MAX });
      return page.items.map(({ document }) => document);
    },
    async rotate(id, previousValidMs) {
      const stored = await existing(id);
      const { revokedAtMs, expiresAtMs, secrets } = stored.document;
      const nowMs = clock.nowMs();
      if (revokedAtMs !== null || expiresAtMs <= nowMs) throw new AppError('CONFLICT', `API key ${id} has ended`);
      const secret = newSecret();
      const previous = secrets.slice(0, 1).map(({ hash }) => ({ hash, validUntilMs: nowMs + previousValidMs }));
      const key = await replace(stored, { secrets: [{ hash: secretHash(secret), validUntilMs: null }, ...previous] });
      return { key, text: `${API_KEY_PREFIX}${id}_${secret}` };
    },
    async revoke(id) {
      const stored = await existing(id);
      if (stored.document.revokedAtMs !== null) return stored.document;
      return await replace(stored, { revokedAtMs: clock.nowMs(), secrets: [] });
    },
    async authenticate(text) {
      const [, id = '', secret = ''] = TEXT.exec(text) ?? [];
      const key = id === '' ? undefined : await kept.get(id);
      const nowMs = clock.nowMs();
      if (!key || !opens(key, secret, nowMs)) throw new AppError('UNAUTHENTICATED', 'the API key is not valid');
      await spend(keyValue, key);
      used.set(id, nowMs);
      return { kind: 'key', keyId: id, userId: key.userId, scopes: key.scopes };
    },
    forget: () => kept.forget(),
    async flush() {
      const told = [...used];
      used.clear();
      for (const [id, lastUsedAtMs] of told) {
        const stored = await keys.get(id);
        if (!stored) continue;
        try {
          await keys.replace(id, stored.version, { ...stored.document, lastUsedAtMs });
        } catch (cause) {
          // It was rotated or revoked meanwhile; its next use is told at the next time.
          if (!(cause instanceof AppError && cause.code === 'CONFLICT')) throw cause;
        }
      }
    },
  };
}

/** Every secret is compared, and in constant time. */
function opens(key: ApiKey, secret: string, nowMs: number): boolean {
  if (key.revokedAtMs !== null || key.expiresAtMs <= nowMs) return false;
  const given = Buffer.from(secretHash(secret), 'hex');
  let found = false;
  for (const { hash, validUntilMs } of key.secrets) {
    const same = timingSafeEqual(Buffer.from(hash, 'hex'), given);
    if (same && (validUntilMs === null || validUntilMs > nowMs)) found = true;
  }
  return found;
}

async function spend(keyValue: KeyValue, { id, dailyQuota }: ApiKey): Promise<void> {
  const limit = { capacity: dailyQuota, refillPerSecond: dailyQuota / DAY_SECONDS };
  const { allowed, retryAfterMs } = await keyValue.spend(`api-key:${id}`, 1, limit);
  if (allowed) return;
  const seconds = Math.ceil(retryAfterMs / 1_000);
  throw new AppError(
    'RATE_LIMITED',
    `the API key has used up its quota of ${dailyQuota} requests a day: try again in ${seconds} s`,
  );
}

/** The scopes that these texts name, or the first that is none. */
export function readScopes(texts: readonly string[]): readonly Scope[] {
  return texts.map((text, index) => {
    const scope = SCOPES.find((candidate) => candidate === text);
    if (!scope) throw new AppError('BAD_USER_INPUT', `input.scopes[${index}]: must be one of ${SCOPES.join(', ')}`);
    return scope;
  });
}

async function create(keys: Collection<ApiKey>, fields: NewApiKey, nowMs: number): Promise<ApiKeyWithText> {
  const secret = newSecret();
  const id = newId('key').slice('key-'.length, 'key-'.length + 16);
  const key: ApiKey = {
    ...fields,
    id,
    secrets: [{ hash: secretHash(secret), validUntilMs: null }],
    createdAtMs: nowMs,
    lastUsedAtMs: null,
    revokedAtMs: null,
  };
  await keys.insert(id, key);
  return { key, text: `${API_KEY_PREFIX}${id}_${secret}` };
}

/** Keys read a moment ago, cut down to what their owner may do now. */
function keptKeys({ keys, clock, ownerScopes }: Pick<ApiKeysOptions, 'keys' | 'clock' | 'ownerScopes'>) {
  const kept = new Map<string, Kept>();
  let forgotten = 0;
  return {
    forget(id?: string): void {
      forgotten += 1;
      if (id === undefined) kept.clear();
      else kept.delete(id);
    },
    async get(id: string): Promise<ApiKey | undefined> {
      const askedMs = clock.elapsedMs();
      const found = kept.get(id);
      if (found && found.untilMs > askedMs) return found.key;
      kept.delete(id);
      const before = forgotten;
      const stored = (await keys.get(id))?.document;
      const owned = stored && (await ownerScopes(stored.userId));
      if (!owned) return undefined;
      // A key never outgrows its owner, whose role may have become a lower one since.
      const key = { ...stored, scopes: stored.scopes.filter((scope) => owned.includes(scope)) };
      // What was read before something changed is not kept beyond this request.
      if (before !== forgotten) return key;
      if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value ?? '');
      kept.set(id, { key, untilMs: askedMs + GOOD_FOR_MS });
      return key;
    },
  };
}
