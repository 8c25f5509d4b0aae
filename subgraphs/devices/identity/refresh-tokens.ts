import type { Clock } from '@greencity/platform/clock/port';
import type { Collection, Stored } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import { newId, newSecret, secretHash } from './secret.ts';

/** How long a refresh token may lie unused. */
export const REFRESH_TOKEN_VALID_MS = 30 * 24 * 3_600_000;

const PAGE_FAMILIES = 500;
const TOKEN_LENGTH_MAX = 200;

/** The tokens that came from one sign-in: only the newest is good, and whoever shows an older one ends them all. */
export interface RefreshFamily {
  readonly userId: string;
  /** SHA-256 (hex) of the newest token's secret. */
  readonly secretHash: string;
  readonly expiresAtMs: number;
  /** When it was ended for reuse, sign-out or a changed password. */
  readonly revokedAtMs: number | null;
}

export interface Refreshed {
  readonly userId: string;
  readonly refreshToken: string;
}

/** Opaque tokens of one use. */
export interface RefreshTokens {
  /** The first token of a new family. */
  start(userId: string): Promise<string>;
  /** Uses a token up. @throws AppError UNAUTHENTICATED when it is not the newest of a family that is good. */
  rotate(refreshToken: string): Promise<Refreshed>;
  /** Ends all families of a user. */
  revokeAll(userId: string): Promise<void>;
  /** Removes families whose newest token has expired. */
  expire(): Promise<void>;
}

const REFUSED = 'the refresh token is not valid: sign in again';

export interface RefreshTokensOptions {
  readonly families: Collection<RefreshFamily>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Refresh tokens kept in a collection. A token is `<family>.<secret>`. */
export function createRefreshTokens({ families, clock, log }: RefreshTokensOptions): RefreshTokens {
  async function revoke(family: Stored<RefreshFamily>): Promise<void> {
    await families.replace(family.id, family.version, { ...family.document, revokedAtMs: clock.nowMs() });
  }

  /** Somebody holds a token that was used before: the rightful owner or a thief, and nobody can tell which. */
  async function endForReuse(familyId: string): Promise<never> {
    const family = await families.get(familyId);
    if (family && family.document.revokedAtMs === null) {
      await revoke(family);
      log.warn(
        { userId: family.document.userId, familyId },
        'a used refresh token was shown again; its sessions were ended',
      );
    }
    throw new AppError('UNAUTHENTICATED', REFUSED);
  }

  async function goodFamily(familyId: string): Promise<Stored<RefreshFamily>> {
    const family = await families.get(familyId);
    const good = family && family.document.revokedAtMs === null && family.document.expiresAtMs > clock.nowMs();
    if (!good) throw new AppError('UNAUTHENTICATED', REFUSED);
    return family;
  }

  return {
    async start(userId) {
      const secret = newSecret();
      const id = newId('session');
      const expiresAtMs = clock.nowMs() + REFRESH_TOKEN_VALID_MS;
      await families.insert(id, { userId, secretHash: secretHash(secret), expiresAtMs, revokedAtMs: null });
      return `${id}.${secret}`;
    },
    async rotate(refreshToken) {
      const [id = '', secret = ''] = refreshToken.length > TOKEN_LENGTH_MAX ? [] : refreshToken.split('.');
      const family = await goodFamily(id);
      if (family.document.secretHash !== secretHash(secret)) return await endForReuse(id);
      const next = newSecret();
      const expiresAtMs = clock.nowMs() + REFRESH_TOKEN_VALID_MS;
      try {
        await families.replace(id, family.version, { ...family.document, secretHash: secretHash(next), expiresAtMs });
      } catch (cause) {
        // Two calls with one token: the second is a reuse, however close behind the first.
        if (cause instanceof AppError && cause.code === 'CONFLICT') return await endForReuse(id);
        throw cause;
      }
      return { userId: family.document.userId, refreshToken: `${id}.${next}` };
    },
    async revokeAll(userId) {
      let after: string | undefined;
      do {
        const page = await families.find({ where: { userId }, first: PAGE_FAMILIES, ...(after && { after }) });
        for (const family of page.items) if (family.document.revokedAtMs === null) await revoke(family);
        after = page.hasNextPage ? page.endCursor : undefined;
      } while (after);
    },
    async expire() {
      const orderBy = { field: 'expiresAtMs', direction: 'ascending' } as const;
      const oldest = await families.find({ orderBy, first: PAGE_FAMILIES });
      const nowMs = clock.nowMs();
      for (const family of oldest.items) if (family.document.expiresAtMs <= nowMs) await families.delete(family.id);
    },
  };
}
