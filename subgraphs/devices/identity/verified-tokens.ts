import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { UserViewer } from '@greencity/platform/graphql/port';

/** What a token was found to say. */
export interface VerifiedToken {
  readonly viewer: UserViewer;
  readonly expiresAtMs: number;
}

/** Tokens that were verified a moment ago, so that a client's every request does not cost a signature check and two look-ups. */
export interface VerifiedTokens {
  /** @throws AppError UNAUTHENTICATED */
  viewer(token: string): Promise<UserViewer>;
  forget(): void;
}

/** A token is looked at anew after this time: what another process changed is known here by then. */
const GOOD_FOR_MS = 30_000;
const KEPT_MAX = 10_000;
const TOKEN_LENGTH_MAX = 8_192;

interface Kept extends VerifiedToken {
  readonly untilMs: number;
}

/** Keeps what `verify` found, until the token ends or half a minute has passed. Refused tokens are not kept. */
export function createVerifiedTokens(clock: Clock, verify: (token: string) => Promise<VerifiedToken>): VerifiedTokens {
  const kept = new Map<string, Kept>();
  let forgotten = 0;
  return {
    async viewer(token) {
      const askedMs = clock.elapsedMs();
      const known = kept.get(token);
      if (known && known.untilMs > askedMs && known.expiresAtMs > clock.nowMs()) return known.viewer;
      kept.delete(token);
      if (token.length > TOKEN_LENGTH_MAX) throw new AppError('UNAUTHENTICATED', 'the access token is too long');
      const before = forgotten;
      const found = await verify(token);
      // What was found before something changed is not kept beyond this request.
      if (before !== forgotten) return found.viewer;
      if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value ?? '');
      kept.set(token, { ...found, untilMs: askedMs + GOOD_FOR_MS });
      return found.viewer;
    },
    forget() {
      forgotten += 1;
      kept.clear();
    },
  };
}
