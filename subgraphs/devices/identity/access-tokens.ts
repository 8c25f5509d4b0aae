import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import { ROLES, type Role, type UserViewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { SignJWT } from 'jose';
import type { JsonObject } from './compact-jws.ts';
import type { KeyRing } from './key-ring.ts';
import { ACCESS_TOKEN_TYPE, ALGORITHM, verifiedClaims } from './signed-token.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

/** How long an access token is valid: short, since others who verify it by our key set alone cannot be told of its end. */
export const ACCESS_TOKEN_VALID_MS = 10 * 60_000;

export const ISSUER = 'greencity';
const AUDIENCE = 'greencity-api';

export interface IssuedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Whom a token is for. */
export interface TokenHolder {
  readonly userId: string;
  readonly role: Role;
  /** Tokens of an earlier version of the user are refused. */
  readonly version: number;
  /** The session that it belongs to; missing for tools. */
  readonly sessionId?: string;
}

/** Issues and reads JWTs after RFC 9068, signed with EdDSA. */
export interface AccessTokens {
  issue(holder: TokenHolder, validMs: number): Promise<IssuedToken>;
  /** @throws AppError UNAUTHENTICATED */
  authenticate(token: string): Promise<UserViewer>;
  /** Looks at users and sessions again at the next request of every token: something about them has changed. */
  forget(): void;
}

export interface AccessTokensOptions {
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Whether the user is still as the token says, and its session open. */
  readonly stillGood: (holder: TokenHolder) => Promise<boolean>;
}

/** Access tokens signed with these keys. */
export function createAccessTokens({ keys, clock, stillGood }: AccessTokensOptions): AccessTokens {
  const verified = createVerifiedTokens(clock, async (token) => {
    const keyOf = (keyId: string) => keys.verifying(keyId)?.publicKey;
    const claims = verifiedClaims(token, { keyOf, issuer: ISSUER, audience: AUDIENCE, nowMs: clock.nowMs() });
    const holder = holderOf(claims);
    if (!(await stillGood(holder)))
      throw new AppError('UNAUTHENTICATED', 'the session of this access token has ended: sign in again');
    const { userId, role, sessionId } = holder;
    return {
      viewer: userViewer(userId, role, sessionId === undefined ? {} : { sessionId }),
      expiresAtMs: Number(claims['exp']) * 1_000,
    };
  });
  let generation = keys.generation;

  return {
    async issue({ userId, role, version, sessionId }, validMs) {
      const key = keys.signing();
      const issuedAt = Math.floor(clock.nowMs() / 1_000);
      const expiresAt = issuedAt + Math.floor(validMs / 1_000);
      const token = await new SignJWT({ role, ver: version, ...(sessionId !== undefined && { sid: sessionId }) })
        .setProtectedHeader({ alg: ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: key.keyId })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(key.privateKey);
      return { token, expiresAtMs: expiresAt * 1_000 };
    },
    authenticate(token) {
      if (generation !== keys.generation) {
        generation = keys.generation;
        verified.forget();
      }
      return verified.viewer(token);
    },
    forget: () => verified.forget(),
  };
}

function holderOf({ role: named, sub: userId, sid: sessionId, ver: version }: JsonObject): TokenHolder {
  const role = ROLES.find((known) => known === named);
  if (!role || typeof userId !== 'string') throw new AppError('UNAUTHENTICATED', 'the access token names no role');
  return {
    userId,
    role,
    version: typeof version === 'number' ? version : 0,
    ...(typeof sessionId === 'string' && { sessionId }),
  };
}
