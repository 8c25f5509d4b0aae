import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import { type Authenticate, ROLES, type Role, type Viewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { SigningKey } from './signing-key.ts';

/** How long an access token is valid: it cannot be called back, so that it is short. */
export const ACCESS_TOKEN_VALID_MS = 10 * 60_000;

const ISSUER = 'greencity';
const AUDIENCE = 'greencity-api';
const TYPE = 'at+jwt';
const TOKEN_LENGTH_MAX = 4_096;
/** Verified tokens kept, so that a client's every request does not cost a signature check (about 0.1 ms). */
const KEPT_MAX = 1_000;

export interface IssuedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Issues and reads JWTs after RFC 9068, signed with EdDSA. */
export interface AccessTokens {
  issue(holder: { readonly userId: string; readonly role: Role }, validMs: number): Promise<IssuedToken>;
  readonly authenticate: Authenticate;
}

interface Verified {
  readonly viewer: Viewer;
  readonly expiresAtMs: number;
}

/** Access tokens signed with this key. */
export function createAccessTokens(key: SigningKey, clock: Clock): AccessTokens {
  const kept = new Map<string, Verified>();

  async function verified(token: string): Promise<Verified> {
    const known = kept.get(token);
    if (known && known.expiresAtMs > clock.nowMs()) return known;
    kept.delete(token);
    const found = await verify(token, key, clock.nowMs());
    if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value ?? '');
    kept.set(token, found);
    return found;
  }

  return {
    async issue({ userId, role }, validMs) {
      const issuedAt = Math.floor(clock.nowMs() / 1_000);
      const expiresAt = issuedAt + Math.floor(validMs / 1_000);
      const token = await new SignJWT({ role })
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: key.keyId })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(key.privateKey);
      return { token, expiresAtMs: expiresAt * 1_000 };
    },
    async authenticate(token) {
      return token === undefined ? { kind: 'anonymous' } : (await verified(token)).viewer;
    },
  };
}

async function verify(token: string, key: SigningKey, nowMs: number): Promise<Verified> {
  if (token.length > TOKEN_LENGTH_MAX) throw new AppError('UNAUTHENTICATED', 'the access token is too long');
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ['EdDSA'],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(nowMs),
    });
    return viewerOf(payload);
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) {
      throw new AppError('UNAUTHENTICATED', 'the access token has expired: refresh the session', { cause });
    }
    throw new AppError('UNAUTHENTICATED', 'the access token is not valid', { cause });
  }
}

function viewerOf(payload: JWTPayload): Verified {
  const role = ROLES.find((known) => known === payload['role']);
  const { sub: userId, exp: expiresAt } = payload;
  if (!role || !userId || expiresAt === undefined)
    throw new AppError('UNAUTHENTICATED', 'the access token names no role');
  return { viewer: userViewer(userId, role), expiresAtMs: expiresAt * 1_000 };
}
