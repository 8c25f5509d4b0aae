import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { Clock } from '../clock/port.ts';
import { AppError } from '../errors.ts';
import type { OidcProvider } from './port.ts';

export interface JoseProviderOptions {
  /** As in the tokens and in the provider's metadata. */
  readonly issuer: string;
  /** What the provider calls this platform's API. */
  readonly audience: string;
  readonly clock: Clock;
}

/** Asymmetric ones only: a public key must never be taken for a shared secret. */
const ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
/** RFC 9068, and what providers write that came before it. An ID token has another audience. */
const TYPES = new Set(['at+jwt', 'application/at+jwt', 'jwt', undefined]);
const TIMEOUT_MS = 5_000;
/** A key that was taken back is refused after this time. With that for which a verified token is kept, here and at a gateway elsewhere, it is a minute. */
const KEYS_GOOD_FOR_MS = 25_000;
/** An unknown key id asks the provider again at most this often. */
const ASK_AGAIN_AFTER_MS = 10_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** A provider that is found by OpenID Connect Discovery, at the first token that names it. */
export function joseProvider({ issuer, audience, clock }: JoseProviderOptions): OidcProvider {
  let keySet: Promise<KeySet> | undefined;

  async function keys(): Promise<KeySet> {
    keySet ??= discover(issuer);
    try {
      return await keySet;
    } catch (cause) {
      keySet = undefined;
      throw cause;
    }
  }

  return {
    issuer,
    claims(token) {
      try {
        return decodeJwt(token).iss === issuer;
      } catch {
        return false;
      }
    },
    async verify(token) {
      const found = await keys();
      try {
        const { payload, protectedHeader } = await jwtVerify(token, found, {
          algorithms: ALGORITHMS,
          issuer,
          audience,
          requiredClaims: ['sub', 'exp'],
          clockTolerance: '5s',
          currentDate: new Date(clock.nowMs()),
        });
        if (!TYPES.has(protectedHeader.typ?.toLowerCase()))
          throw new AppError('UNAUTHENTICATED', 'the token is no access token');
        return { subject: payload.sub ?? '', expiresAtMs: (payload.exp ?? 0) * 1_000, claims: payload };
      } catch (cause) {
        throw refusalOf(cause);
      }
    },
  };
}

/** What is wrong with a token, or with the provider. */
function refusalOf(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof errors.JWTExpired)
    return new AppError('UNAUTHENTICATED', 'the access token has expired', { cause });
  const ofToken =
    cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout) && cause.code !== 'ERR_JOSE_GENERIC';
  if (ofToken) return new AppError('UNAUTHENTICATED', 'the access token is not valid', { cause });
  return new AppError('UNAVAILABLE', 'the identity provider does not answer', { cause });
}

async function discover(issuer: string): Promise<KeySet> {
  try {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (metadata.issuer !== issuer || typeof metadata.jwks_uri !== 'string')
      throw new Error(`the metadata at ${address} are not those of ${issuer}`);
    return createRemoteJWKSet(new URL(metadata.jwks_uri), {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: KEYS_GOOD_FOR_MS,
      cooldownDuration: ASK_AGAIN_AFTER_MS,
    });
  } catch (cause) {
    throw new AppError('UNAVAILABLE', 'the identity provider does not answer', { cause });
  }
}
