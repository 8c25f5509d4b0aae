/**
 * What proves to a subgraph that a request comes from the gateway: a short-lived token over the request's own text, signed with a secret that both
 * ends read from a file. The form is a JSON Web Token (RFC 7519) with HMAC-SHA-256; no other algorithm is read.
 */
import { createHmac, createSecretKey, hash, type KeyObject, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock/port.ts';
import { AppError } from '../errors.ts';
import type { Viewer } from './port.ts';

/** How long a token is good for. */
export const TOKEN_MS = 60_000;
/** How far the clocks of two machines may be apart. */
export const CLOCKS_APART_MS = 10_000;
const SECRET_LENGTH_MIN = 32;
const HEADER = Buffer.from('{"alg":"HS256","typ":"gateway+jwt"}').toString('base64url');
const ISSUER = 'gateway';

/** Secrets that sign and verify; the first one signs, so that a new one can be told to all subgraphs before it is used. */
export type SigningSecrets = readonly [KeyObject, ...KeyObject[]];

/** Signs requests to one subgraph. */
export interface GatewaySigner {
  /** A token for a request with this text, on behalf of this viewer. */
  sign(viewer: Viewer, body: string): string;
}

/** What a token says that was found to be the gateway's. */
export interface SignedRequest {
  readonly viewer: Viewer;
  /** Different for each token. */
  readonly id: string;
  /** To the second, Unix ms. */
  readonly issuedMs: number;
  /** Unix ms. */
  readonly expiresMs: number;
}

/** Reads tokens sent to one subgraph. */
export interface GatewayVerifier {
  /** @throws AppError UNAUTHENTICATED for a token that is missing, false, over, for another subgraph or for another text */
  verify(token: string | undefined, body: string): SignedRequest;
}

interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly bodyHash: string;
  readonly viewer: Viewer;
}

/** The secrets in a file's text, one a line. @throws AppError BAD_SETTING for none, or one that can be guessed */
export function signingSecrets(text: string, name: string): SigningSecrets {
  const lines = text.split('\n').flatMap((line) => line.trim() || []);
  if (lines.some((line) => line.length < SECRET_LENGTH_MIN)) {
    throw new AppError('BAD_SETTING', `${name}: each line must have at least ${SECRET_LENGTH_MIN} characters`);
  }
  const [first, ...others] = lines.map((line) => createSecretKey(Buffer.from(line)));
  if (!first) throw new AppError('BAD_SETTING', `${name}: the file holds no secret`);
  return [first, ...others];
}

/** A signer of requests to the subgraph `audience`. */
export function gatewaySigner(secrets: SigningSecrets, audience: string, clock: Clock): GatewaySigner {
  const process = randomUUID();
  let signed = 0;
  return {
    sign(viewer, body) {
      signed += 1;
      const nowMs = clock.nowMs();
      const claims: Claims = {
        iss: ISSUER,
        aud: audience,
        iat: Math.floor(nowMs / 1_000),
        exp: Math.floor((nowMs + TOKEN_MS) / 1_000),
        jti: `${process}.${signed}`,
        bodyHash: bodyHash(body),
        viewer,
      };
      const text = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
      return `${text}.${signature(secrets[0], text).toString('base64url')}`;
    },
  };
}

/** A verifier for the subgraph `audience`. */
export function gatewayVerifier(secrets: SigningSecrets, audience: string, clock: Clock): GatewayVerifier {
  return {
    verify(token, body) {
      if (token === undefined) throw refused('the gateway signs every request; this one has no token');
      const claims = claimsOf(secrets, token);
      const nowMs = clock.nowMs();
      if (claims.iss !== ISSUER || claims.aud !== audience) throw refused('the token is for another subgraph');
      if (claims.exp * 1_000 + CLOCKS_APART_MS < nowMs) throw refused('the token has ended; are both clocks right?');
      if (claims.iat * 1_000 - CLOCKS_APART_MS > nowMs) throw refused('the token begins later; are both clocks right?');
      if (claims.bodyHash !== bodyHash(body)) throw refused('the token is for another request');
      const [issuedMs, expiresMs] = [claims.iat * 1_000, claims.exp * 1_000 + CLOCKS_APART_MS];
      return { viewer: claims.viewer, id: claims.jti, issuedMs, expiresMs };
    },
  };
}

function claimsOf(secrets: SigningSecrets, token: string): Claims {
  const [header, payload, given, ...more] = token.split('.');
  if (header !== HEADER || payload === undefined || given === undefined || more.length > 0) {
    throw refused('the token is not one of the gateway');
  }
  const text = `${header}.${payload}`;
  const found = Buffer.from(given, 'base64url');
  const genuine = secrets.some((secret) => {
    const expected = signature(secret, text);
    return expected.length === found.length && timingSafeEqual(expected, found);
  });
  if (!genuine) throw refused('the token is not signed with our secret');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
}

function signature(secret: KeyObject, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

function bodyHash(body: string): string {
  return hash('sha256', body, 'base64url');
}

function refused(why: string): AppError {
  return new AppError('UNAUTHENTICATED', why);
}
