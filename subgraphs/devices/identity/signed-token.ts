/** Reads the access tokens that we signed ourselves: JWTs after RFC 9068. */
import type { KeyObject } from 'node:crypto';
import { AppError } from '@greencity/platform/errors';
import { type JsonObject, jsonObject, signedPayload } from './compact-jws.ts';

export interface Expected {
  /** The public key with this id; undefined for one that is none of ours. */
  readonly keyOf: (keyId: string) => KeyObject | undefined;
  readonly issuer: string;
  readonly audience: string;
  readonly nowMs: number;
}

/** The only algorithm and type that are read. A header has these, the key's id, and nothing else: what we sign has no more. */
export const ALGORITHM = 'EdDSA';
export const ACCESS_TOKEN_TYPE = 'at+jwt';
const HEADER_MEMBERS = 3;

/** The claims of a token whose signature, type, issuer, audience and times are right. @throws AppError UNAUTHENTICATED */
export function verifiedClaims(token: string, expected: Expected): JsonObject {
  const payload = signedPayload(token, (header) => keyFor(header, expected));
  const claims = jsonObject(payload);
  if (!claims) throw notValid();
  checkClaims(claims, expected);
  return claims;
}

function keyFor(header: JsonObject, { keyOf }: Expected): KeyObject | undefined {
  const { alg, typ, kid } = header;
  if (alg !== ALGORITHM || typ !== ACCESS_TOKEN_TYPE || typeof kid !== 'string') return undefined;
  if (Object.keys(header).length !== HEADER_MEMBERS) return undefined;
  const key = keyOf(kid);
  if (!key) throw new AppError('UNAUTHENTICATED', 'the access token is signed with none of our keys');
  return key;
}

/** Source: RFC 7519, section 4.1. A token ends at its `exp`, and begins at its `nbf`. */
function checkClaims({ iss, aud, sub, iat, exp, nbf }: JsonObject, { issuer, audience, nowMs }: Expected): void {
  const now = Math.floor(nowMs / 1_000);
  const isForUs = iss === issuer && aud === audience && typeof sub === 'string' && sub !== '';
  if (!isForUs || !isTime(iat) || !isTime(exp) || !isTime(nbf ?? 0) || Number(nbf ?? 0) > now) throw notValid();
  if (exp <= now) throw new AppError('UNAUTHENTICATED', 'the access token has expired: refresh the session');
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function notValid(): AppError {
  return new AppError('UNAUTHENTICATED', 'the access token or API key is not valid');
}
