import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Authenticate, Role } from '@greencity/platform/graphql/port';
import type { KeyValue, RateLimit } from '@greencity/platform/key-value/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { JWK } from 'jose';
import { folded } from '../domain/naming.ts';
import type { Store } from '../store/collections.ts';
import { ACCESS_TOKEN_VALID_MS, createAccessTokens } from './access-tokens.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createRefreshTokens, type RefreshTokens } from './refresh-tokens.ts';
import { newId, newSecret, secretHash } from './secret.ts';
import { openSigningKey } from './signing-key.ts';
import type { StoredUser, User } from './user.ts';

/** What a signed-in client holds. */
export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAtMs: number;
  readonly user: User;
}

/** The admin that a start made, with the password that is nowhere else: print it once, never log it. */
export interface MadeAdmin {
  readonly email: string;
  readonly password: string;
}

/** Who may do what: users, sessions and tokens. */
export interface Identity {
  readonly authenticate: Authenticate;
  /** @throws AppError UNAUTHENTICATED, the same for an unknown email and a wrong password; RATE_LIMITED; UNAVAILABLE */
  signIn(email: string, password: string): Promise<Session>;
  /** @throws AppError UNAUTHENTICATED */
  refresh(refreshToken: string): Promise<Session>;
  user(id: string): Promise<User | undefined>;
  /** Present when this start made the admin and its password. */
  readonly madeAdmin: MadeAdmin | undefined;
  /** A token of the role OPERATOR for programs on the same machine. */
  issueOperatorToken(validMs: number): Promise<string>;
  /** Keys that verify our access tokens (RFC 7517). */
  jwks(): { readonly keys: readonly JWK[] };
  /** Removes what has expired. */
  expire(): Promise<void>;
}

export interface IdentityOptions {
  readonly store: Pick<Store, 'users' | 'refreshFamilies'>;
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly dataDir: string;
  /** `password` undefined: one is made when there is no admin yet. Given, it is the password of this admin from now on. */
  readonly admin: { readonly email: string; readonly password: string | undefined };
}

/** Ten tries at once, then one each half minute: enough for a forgetful person, useless for a list of passwords. */
const SIGN_IN_LIMIT: RateLimit = { capacity: 10, refillPerSecond: 1 / 30 };
const EMAIL_LENGTH_MAX = 254;
const TOOLS: User = { id: 'user-tools', email: 'tools@greencity.local', role: 'OPERATOR' };

/** Opens identity: the signing key, the first admin and the user that tools act as. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { store, clock, log, metrics } = options;
  const { users } = store;
  const key = await openSigningKey(options.dataDir, log);
  const accessTokens = createAccessTokens(key, clock);
  const refreshTokens = createRefreshTokens({ families: store.refreshFamilies, clock, log });
  const passwords = await createPasswords();
  const madeAdmin = await ensureAdmin(options, passwords, refreshTokens);
  if (!(await users.get(TOOLS.id)))
    await users.insert(TOOLS.id, { ...TOOLS, passwordHash: null, createdAtMs: clock.nowMs() });
  const outcomes = (outcome: string) => metrics.counter('sign_ins_total', 'Sign-ins by outcome.', { outcome });
  const [accepted, refused, limited] = [outcomes('accepted'), outcomes('refused'), outcomes('limited')];

  async function spend(email: string): Promise<void> {
    // Hashed, so that a shared engine holds no list of emails.
    const decision = await options.keyValue.spend(`sign-in:${secretHash(email)}`, 1, SIGN_IN_LIMIT);
    if (decision.allowed) return;
    limited.add();
    throw new AppError('RATE_LIMITED', `too many sign-ins: try again in ${Math.ceil(decision.retryAfterMs / 1_000)} s`);
  }

  async function sessionOf(user: StoredUser, refreshToken: string): Promise<Session> {
    const { id, email, role } = user;
    const { token, expiresAtMs } = await accessTokens.issue({ userId: id, role }, ACCESS_TOKEN_VALID_MS);
    return { accessToken: token, refreshToken, expiresAtMs, user: { id, email, role } };
  }

  return {
    madeAdmin,
    authenticate: accessTokens.authenticate,
    async signIn(given, password) {
      const email = folded(given.slice(0, EMAIL_LENGTH_MAX + 1)).trim();
      await spend(email);
      const user = (await users.getBy('email', email))?.document;
      const matches = await passwords.matches(password, user?.passwordHash ?? null);
      if (!user || !matches) {
        refused.add();
        throw new AppError('UNAUTHENTICATED', 'the email or the password is wrong');
      }
      accepted.add();
      return await sessionOf(user, await refreshTokens.start(user.id));
    },
    async refresh(refreshToken) {
      const refreshed = await refreshTokens.rotate(refreshToken);
      const user = (await users.get(refreshed.userId))?.document;
      if (!user) throw new AppError('UNAUTHENTICATED', 'this user is no more');
      return await sessionOf(user, refreshed.refreshToken);
    },
    async user(id) {
      const user = (await users.get(id))?.document;
      return user && { id: user.id, email: user.email, role: user.role };
    },
    async issueOperatorToken(validMs) {
      return (await accessTokens.issue({ userId: TOOLS.id, role: TOOLS.role }, validMs)).token;
    },
    jwks: () => ({ keys: [key.publicJwk] }),
    expire: () => refreshTokens.expire(),
  };
}

/** Makes the admin of a first start, or gives the one of this email the password that the settings name. */
async function ensureAdmin(
  { store: { users }, admin, clock, log }: IdentityOptions,
  passwords: Passwords,
  refreshTokens: RefreshTokens,
): Promise<MadeAdmin | undefined> {
  const email = folded(admin.email).trim();
  const known = await users.getBy('email', email);
  if (known) {
    if (admin.password === undefined || (await passwords.matches(admin.password, known.document.passwordHash)))
      return undefined;
    const passwordHash = await passwords.hash(admin.password);
    await users.replace(known.id, known.version, { ...known.document, role: 'ADMIN', passwordHash });
    await refreshTokens.revokeAll(known.id);
    log.info({ userId: known.id }, 'the password of the admin was set from the settings; its sessions were ended');
    return undefined;
  }
  const role: Role = 'ADMIN';
  if (admin.password === undefined && (await users.find({ where: { role }, first: 1 })).totalCount > 0)
    return undefined;
  const password = admin.password ?? newSecret().slice(0, 22);
  const id = newId('user');
  await users.insert(id, { id, email, role, passwordHash: await passwords.hash(password), createdAtMs: clock.nowMs() });
  log.info({ userId: id }, 'the first admin was made');
  return admin.password === undefined ? { email, password } : undefined;
}
