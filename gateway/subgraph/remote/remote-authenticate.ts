import { hash } from 'node:crypto';
import type { Clock } from '@greencity/platform/clock/port';
import { gatewaySigner, type SigningSecrets } from '@greencity/platform/graphql/gateway-token';
import type { Authenticate, Viewer } from '@greencity/platform/graphql/port';
import { appErrorOf, type ErrorMessage } from '@greencity/platform/graphql/subgraph-wire';
import { expiryOf } from '../../bearer.ts';
import { boundedCache } from '../../planning/bounded-cache.ts';
import { openConnection } from './connection.ts';
import { unavailable } from './failure.ts';
import { parsedAnswer } from './result.ts';

export interface RemoteAuthenticateOptions {
  /** Whole, with the path. */
  readonly url: string;
  /** The subgraph that knows who is who. */
  readonly audience: string;
  readonly secrets: SigningSecrets;
  readonly clock: Clock;
}

/** Asks another process who a token speaks for. */
export interface RemoteAuthenticate extends AsyncDisposable {
  readonly authenticate: Authenticate;
}

/** How long an answer is taken as it was: a token that is called back is good for so long at most. */
const KNOWN_MS = 5_000;
const KNOWN_MAX = 10_000;
const WITHIN_MS = 5_000;
const CONNECTIONS_MAX = 8;
const ANSWER_BYTES_MAX = 64 * 1024;
const SIGNED_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const NOBODY: Viewer = { kind: 'anonymous' };

/** Tokens are asked about once at a time, and kept by their hash, never as they are. */
export function openRemoteAuthenticate(options: RemoteAuthenticateOptions): RemoteAuthenticate {
  const { url, audience, secrets, clock } = options;
  const limits = { connectionsMax: CONNECTIONS_MAX, answerBytesMax: ANSWER_BYTES_MAX };
  const connection = openConnection({ url, clock, ...limits });
  const signer = gatewaySigner(secrets, audience, clock);
  const known = boundedCache<{ readonly viewer: Promise<Viewer>; readonly untilMs: number }>(KNOWN_MAX);
  const ask = (token: string): Promise<Viewer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Viewer>();
    const body = JSON.stringify({ token });
    const endsMs = clock.elapsedMs() + WITHIN_MS;
    connection.send({
      body,
      authorization: signer.sign(NOBODY, body),
      endsMs: () => endsMs,
      heard(text) {
        const { viewer, error } = (parsedAnswer(text) ?? {}) as { viewer?: Viewer; error?: ErrorMessage };
        if (viewer) resolve(viewer);
        else reject((error && appErrorOf(error)) ?? unavailable(audience, { kind: 'unreadable', detail: 'no viewer' }));
      },
      ended: (failure) => failure && reject(unavailable(audience, failure)),
    });
    return promise;
  };
  return {
    async authenticate(token) {
      if (token === undefined) return NOBODY;
      // Each use of an API key counts towards its quota; a signed token says the same until it ends or is called back.
      if (!SIGNED_TOKEN.test(token)) return await ask(token);
      const key = hash('sha256', token, 'base64url');
      const found = known.get(key);
      if (found && found.untilMs > clock.elapsedMs()) return await found.viewer;
      const viewer = ask(token);
      // How long a token lasts is said in the time of day.
      const leftMs = (expiryOf(token) ?? Number.POSITIVE_INFINITY) - clock.nowMs();
      known.set(key, { viewer, untilMs: clock.elapsedMs() + Math.min(KNOWN_MS, leftMs) });
      viewer.catch(() => known.set(key, { viewer, untilMs: 0 }));
      return await viewer;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
