import type { Clock } from '@greencity/platform/clock/port';
import type { Collection } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { KeyValue, RateLimit } from '@greencity/platform/key-value/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { folded } from '../domain/naming.ts';
import { ACCESS_TOKEN_VALID_MS, type AccessTokens } from './access-tokens.ts';
import { networkOf } from './network.ts';
import type { Passwords } from './passwords.ts';
import type { Refreshed, RefreshTokens } from './refresh-tokens.ts';
import { secretHash } from './secret.ts';
import { PASSWORD_LIMIT, spendTry } from './tries.ts';
import { type StoredUser, type User, visibleUser } from './user.ts';

/** What a signed-in client holds. */
export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAtMs: number;
  readonly user: User;
}

/** Ways to a session. */
export interface SignIn {
  /** @throws AppError UNAUTHENTICATED, the same for an unknown email, a wrong password and a disabled user; RATE_LIMITED; UNAVAILABLE */
  signIn(email: string, password: string, from: string | undefined): Promise<Session>;
  /** @throws AppError UNAUTHENTICATED */
  refresh(refreshToken: string, from: string | undefined): Promise<Session>;
}

export interface SignInOptions {
  readonly users: Collection<StoredUser>;
  readonly passwords: Passwords;
  readonly refreshTokens: RefreshTokens;
  readonly accessTokens: AccessTokens;
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** From wherever: what a network may try by itself is less, so that its guesses do not keep out whoever owns the account. */
const EMAIL_LIMIT: RateLimit = { capacity: 100, refillPerSecond: 1 / 10 };
/** An office behind one address signs in at once; one password for a thousand emails does not pass. */
const NETWORK_LIMIT: RateLimit = { capacity: 60, refillPerSecond: 1 / 5 };
const EMAIL_LENGTH_MAX = 254;
const REFUSED = 'the email or the password is wrong';

/** Sign-ins by email and password. */
export function createSignIn(options: SignInOptions): SignIn {
  const { users, passwords, refreshTokens, accessTokens, keyValue, metrics } = options;
  const outcomes = (outcome: string) => metrics.counter('sign_ins_total', 'Sign-ins by outcome.', { outcome });
  const [accepted, refused, limited] = [outcomes('accepted'), outcomes('refused'), outcomes('limited')];

  async function spend(key: string, limit: RateLimit): Promise<void> {
    try {
      await spendTry(keyValue, key, { limit, what: 'sign-ins' });
    } catch (cause) {
      limited.add();
      throw cause;
    }
  }

  /** By network, by account from there, and by account from everywhere: an engine that is down refuses all. */
  async function spendTries(email: string, from: string | undefined): Promise<void> {
    const network = from === undefined ? '' : networkOf(from);
    if (from !== undefined) await spend(`sign-in-from:${network}`, NETWORK_LIMIT);
    // Hashed, so that a shared engine holds no list of emails.
    const account = secretHash(email);
    await spend(`sign-in:${account}:${network}`, PASSWORD_LIMIT);
    await spend(`sign-in:${account}`, EMAIL_LIMIT);
  }

  /** What ended this user's sessions after its password was read did not see the one that began meanwhile. */
  async function refuseIfEnded({ id: userId, tokenVersion }: StoredUser, sessionId: string): Promise<void> {
    const now = (await users.get(userId))?.document;
    if (now && now.tokenVersion === tokenVersion && now.disabledAtMs === undefined) return;
    await refreshTokens.end(sessionId, userId).catch((cause: unknown) => {
      if (!(cause instanceof AppError && cause.code === 'NOT_FOUND')) throw cause;
    });
    refused.add();
    throw new AppError('UNAUTHENTICATED', REFUSED);
  }

  async function sessionOf(user: StoredUser, { sessionId, refreshToken }: Refreshed): Promise<Session> {
    const { id: userId, role, tokenVersion: version = 0 } = user;
    const { token, expiresAtMs } = await accessTokens.issue(
      { userId, role, version, sessionId },
      ACCESS_TOKEN_VALID_MS,
    );
    return { accessToken: token, refreshToken, expiresAtMs, user: visibleUser(user) };
  }

  /** While the password is at hand. Whoever changed the user meanwhile was first, and there is a next time. */
  async function rehash(id: string, password: string): Promise<void> {
    const stored = await users.get(id);
    if (!stored?.document.passwordHash || !passwords.isOutdated(stored.document.passwordHash)) return;
    const passwordHash = await passwords.hash(password);
    try {
      await users.replace(id, stored.version, { ...stored.document, passwordHash });
    } catch (cause) {
      if (!(cause instanceof AppError && cause.code === 'CONFLICT')) throw cause;
    }
  }

  return {
    async signIn(given, password, from) {
      const email = folded(given.slice(0, EMAIL_LENGTH_MAX + 1)).trim();
      await spendTries(email, from);
      const user = (await users.getBy('email', email))?.document;
      const matches = await passwords.matches(password, user?.passwordHash ?? null);
      if (!user || !matches || user.disabledAtMs !== undefined) {
        refused.add();
        throw new AppError('UNAUTHENTICATED', REFUSED);
      }
      await rehash(user.id, password);
      const session = await refreshTokens.start(user.id, from);
      await refuseIfEnded(user, session.sessionId);
      accepted.add();
      return await sessionOf(user, session);
    },
    async refresh(refreshToken, from) {
      const refreshed = await refreshTokens.rotate(refreshToken, from);
      const user = (await users.get(refreshed.userId))?.document;
      if (!user || user.disabledAtMs !== undefined) throw new AppError('UNAUTHENTICATED', 'this user is no more');
      return await sessionOf(user, refreshed);
    },
  };
}
