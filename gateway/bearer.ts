import type { IncomingMessage } from 'node:http';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Authenticate, Viewer } from '@greencity/platform/graphql/port';
import { viewerKey } from '@greencity/platform/graphql/viewer';
import { clientAddress } from './http/client-address.ts';

/** Who a bearer token speaks for, and until when. */
export interface Identity {
  readonly viewer: Viewer;
  /** Unix ms; missing for somebody without a token, and for a token that does not say. */
  readonly expiresMs: number | undefined;
  /** What the viewer is known by; missing for somebody without a token. Never to be logged. */
  readonly token?: string;
}

/** Reads `Bearer …`; `from` is the address of the client, for throttling and the audit log. @throws AppError UNAUTHENTICATED for a token that is not valid now, and for what is no bearer's */
export async function identify(
  authenticate: Authenticate,
  authorization: unknown,
  from: string | undefined,
): Promise<Identity> {
  const token = bearerIn(authorization);
  const known = await authenticate(token);
  const viewer = from === undefined ? known : { ...known, from };
  return token === undefined ? { viewer, expiresMs: undefined } : { viewer, expiresMs: expiryOf(token), token };
}

/** The token of a bearer; undefined for nobody. Anything else is refused, not tried: whoever was let in by it would have no token whose end is watched. */
function bearerIn(authorization: unknown): string | undefined {
  if (authorization === undefined || authorization === null || authorization === '') return undefined;
  const token = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
  if (token === undefined) throw new AppError('UNAUTHENTICATED', 'give the access token or API key as `Bearer …`');
  return token;
}

/** Who sends a request over HTTP: by its `Authorization`, else by the API key in `X-API-Key`. @throws AppError UNAUTHENTICATED for a token or key that is not valid now */
export function identityIn(authenticate: Authenticate, request: IncomingMessage): Promise<Identity> {
  const { headers } = request;
  const key = headers['x-api-key'];
  const authorization = headers.authorization ?? (key === undefined ? undefined : `Bearer ${String(key)}`);
  return identify(authenticate, authorization, clientAddress(request));
}

/** How often the token behind an open connection is looked at again: who signed out or was disabled is out in this time. A look counts as a use of an API key. */
const LOOK_AGAIN_MS = 30_000;

/** Resolves when a token has ended, is refused or speaks for less or more than it did, or the signal is aborted; for somebody who has one. A part that does not answer ends nobody. */
export async function tokenEnded(
  { viewer, token, expiresMs = Number.POSITIVE_INFINITY }: Identity,
  {
    authenticate,
    clock,
    signal,
  }: { readonly authenticate: Authenticate; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const leftMs = expiresMs - clock.nowMs();
    if (leftMs <= 0) return;
    await clock.sleep(Math.min(leftMs, LOOK_AGAIN_MS), signal);
    if (signal.aborted || clock.nowMs() >= expiresMs) return;
    try {
      // An API key whose owner has become less: what is open was opened with what it had.
      if (viewerKey(await authenticate(token)) !== viewerKey(viewer)) return;
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return;
    }
  }
}

/** When a token ends by its own word, Unix ms; undefined for one that does not say. */
export function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { exp } = claims as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
