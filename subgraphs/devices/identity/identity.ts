import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { Clock } from '@greencity/platform/clock/port';
import type { Authenticate, Scope } from '@greencity/platform/graphql/port';
import { scopesOf } from '@greencity/platform/graphql/viewer';
import type { KeyValue } from '@greencity/platform/key-value/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { OidcProvider } from '@greencity/platform/oidc/port';
import type { Store } from '../store/collections.ts';
import { createAccessTokens, type TokenHolder } from './access-tokens.ts';
import { API_KEY_PREFIX, type ApiKeys, createApiKeys } from './api-keys.ts';
import { createExternalUsers, type ExternalRoles } from './external-users.ts';
import { ensureAdmin, type MadeAdmin } from './first-admin.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';
import { createPasswords } from './passwords.ts';
import { createRefreshTokens, type RefreshTokens } from './refresh-tokens.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import type { StoredUser, User } from './user.ts';
import { createUsers, type Users } from './users.ts';

/** Who may do what: users, sessions, tokens and keys, and what was done with them. */
export interface Identity extends SignIn {
  readonly authenticate: Authenticate;
  readonly users: Users;
  readonly sessions: Pick<RefreshTokens, 'ofUser' | 'end'>;
  readonly apiKeys: ApiKeys;
  readonly signingKeys: KeyRing;
  readonly audit: AuditLog;
  /** Present when this start made the admin and its password. */
  readonly madeAdmin: MadeAdmin | undefined;
  /** A token of the role OPERATOR for programs on the same machine. */
  issueOperatorToken(validMs: number): Promise<string>;
  /** Removes what has expired, rotates keys in time, writes behind. */
  tend(): Promise<void>;
}

export interface IdentityOptions {
  readonly store: Pick<Store, 'users' | 'refreshFamilies' | 'apiKeys'>;
  readonly audit: AuditLog;
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly dataDir: string;
  /** `password` undefined: one is made when there is no admin yet. Given, it is the password of this admin from now on. */
  readonly admin: { readonly email: string; readonly password: string | undefined };
  /** How long a signing key signs. */
  readonly keySignsForMs: number;
  /** Where people sign in as well as here. */
  readonly external?: ({ readonly provider: OidcProvider } & ExternalRoles) | undefined;
}

const TOOLS: User = { id: 'user-tools', email: 'tools@greencity.local', role: 'OPERATOR' };

/** Opens identity: the signing keys, the first admin and the user that tools act as. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { store, audit, keyValue, clock, log, metrics, admin } = options;
  const { users } = store;
  const signingKeys = await openKeyRing({ dataDir: options.dataDir, clock, log, signsForMs: options.keySignsForMs });
  const refreshTokens = createRefreshTokens({ families: store.refreshFamilies, clock, log, ended: () => changed() });
  const accessTokens = createAccessTokens({ keys: signingKeys, clock, stillGood: stillGood(options, refreshTokens) });
  const external =
    options.external &&
    createExternalUsers({ ...options.external, mapping: options.external, users, clock, changed: () => changed() });
  const apiKeys = createApiKeys({ keys: store.apiKeys, keyValue, clock, ownerScopes: scopesOfUser(options) });
  const changed = () => {
    accessTokens.forget();
    external?.forget();
    apiKeys.forget();
  };
  const passwords = await createPasswords();
  const madeAdmin = await ensureAdmin({ users, passwords, refreshTokens, admin, clock, log });
  if (!(await users.get(TOOLS.id)))
    await users.insert(TOOLS.id, { ...TOOLS, passwordHash: null, createdAtMs: clock.nowMs() });

  return {
    ...createSignIn({ users, passwords, refreshTokens, accessTokens, keyValue, clock, metrics }),
    madeAdmin,
    signingKeys,
    apiKeys,
    audit,
    users: createUsers({ users, passwords, refreshTokens, keyValue, clock, changed }),
    sessions: refreshTokens,
    async authenticate(token) {
      if (token === undefined) return { kind: 'anonymous' };
      if (token.startsWith(API_KEY_PREFIX)) return await apiKeys.authenticate(token);
      return await (external?.claims(token) ? external : accessTokens).authenticate(token);
    },
    async issueOperatorToken(validMs) {
      return (await accessTokens.issue({ userId: TOOLS.id, role: TOOLS.role, version: 0 }, validMs)).token;
    },
    async tend() {
      await signingKeys.tend();
      await refreshTokens.expire();
      await apiKeys.flush();
      audit.tellHead();
    },
  };
}

/** Whether the user is still of the token's version and role, and the session that the token came from open. */
function stillGood({ store: { users } }: IdentityOptions, refreshTokens: RefreshTokens) {
  return async ({ userId, role, version, sessionId }: TokenHolder): Promise<boolean> => {
    const open = sessionId === undefined ? true : refreshTokens.isOpen(sessionId, userId);
    const [stored, isOpen] = await Promise.all([users.get(userId), open]);
    const user = stored?.document;
    return isOpen && isActive(user) && (user.tokenVersion ?? 0) === version && user.role === role;
  };
}

function scopesOfUser({ store: { users } }: IdentityOptions) {
  return async (userId: string): Promise<readonly Scope[] | undefined> => {
    const user = (await users.get(userId))?.document;
    return isActive(user) ? scopesOf(user.role) : undefined;
  };
}

function isActive(user: StoredUser | undefined): user is StoredUser {
  return user !== undefined && user.disabledAtMs === undefined;
}
