import type { Clock } from '@greencity/platform/clock/port';
import type { Collection, Stored } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import { newId, newSecret, secretHash } from './secret.ts';

/** How long a refresh token may lie unused. */
export const REFRESH_TOKEN_VALID_MS = 30 * 24 * 3_600_000;

const PAGE_FAMILIES = 500;
/** Tries to end a family that is refreshed again and again meanwhile: a thief who does so is slower than this. */
const END_TRIES_MAX = 1_000;
const TOKEN_LENGTH_MAX = 200;

/** The tokens that came from one sign-in: only the newest is good, and whoever shows an older one ends them all. */
export interface RefreshFamily {
  readonly userId: string;
  /** SHA-256 (hex) of the newest token's secret. */
  readonly secretHash: string;
  readonly expiresAtMs: number;
  /** When it was ended for reuse, sign-out or a changed password. */
  readonly revokedAtMs: number | null;
  /** Missing for one of an earlier version. */
  readonly startedAtMs?: number;
  readonly usedAtMs?: number;
  /** Address that it was used from last. */
  readonly from?: string | null;
}

/** A sign-in that is still open, as its owner sees it. */
export interface OpenSession {
  readonly id: string;
  readonly startedAtMs: number;
  readonly usedAtMs: number;
  readonly expiresAtMs: number;
  readonly from: string | null;
}

export interface Refreshed {
  readonly userId: string;
  readonly sessionId: string;
  readonly refreshToken: string;
}

/** Opaque tokens of one use. */
export interface RefreshTokens {
  /** The first token of a new family. */
  start(userId: string, from?: string): Promise<Refreshed>;
  /** Uses a token up. @throws AppError UNAUTHENTICATED when it is not the newest of a family that is good. */
  rotate(refreshToken: string, from?: string): Promise<Refreshed>;
  /** Whether a family of this user has not been ended. */
  isOpen(sessionId: string, userId: string): Promise<boolean>;
  /** Open families of a user, newest first. */
  ofUser(userId: string): Promise<readonly OpenSession[]>;
  /** Ends one family. @throws AppError NOT_FOUND when this user has none with this id that is open */
  end(sessionId: string, userId: string): Promise<void>;
  /** Ends all families of a user, but the one that is named. */
  revokeAll(userId: string, but?: string): Promise<void>;
  /** Removes families whose newest token has expired. */
  expire(): Promise<void>;
}

const REFUSED = 'the refresh token is not valid: sign in again';

export interface RefreshTokensOptions {
  readonly families: Collection<RefreshFamily>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when a family was ended, so that its access tokens end with it. */
  readonly ended?: () => void;
}

/** Refresh tokens kept in a collection. A token is `<family>.<secret>`. */
export function createRefreshTokens({ families, clock, log, ended }: RefreshTokensOptions): RefreshTokens {
  async function revoke(familyId: string): Promise<boolean> {
    const done = await revokeFamily(families, familyId, clock);
    if (done) ended?.();
    return done;
  }

  /** Somebody holds a token that was used before: the rightful owner or a thief, and nobody can tell which. */
  async function endForReuse(familyId: string, userId: string): Promise<never> {
    if (await revoke(familyId))
      log.warn({ userId, familyId }, 'a used refresh token was shown again; its sessions were ended');
    throw new AppError('UNAUTHENTICATED', REFUSED);
  }

  async function goodFamily(familyId: string): Promise<Stored<RefreshFamily>> {
    const family = await families.get(familyId);
    if (!family || !isGood(family.document, clock.nowMs())) throw new AppError('UNAUTHENTICATED', REFUSED);
    return family;
  }

  return {
    async start(userId, from) {
      const [id, secret, nowMs] = [newId('session'), newSecret(), clock.nowMs()];
      await families.insert(id, {
        userId,
        secretHash: secretHash(secret),
        expiresAtMs: nowMs + REFRESH_TOKEN_VALID_MS,
        revokedAtMs: null,
        startedAtMs: nowMs,
        usedAtMs: nowMs,
        from: from ?? null,
      });
      return { userId, sessionId: id, refreshToken: `${id}.${secret}` };
    },
    async rotate(refreshToken, from) {
      const [id = '', secret = ''] = refreshToken.length > TOKEN_LENGTH_MAX ? [] : refreshToken.split('.');
      const family = await goodFamily(id);
      const { userId } = family.document;
      if (family.document.secretHash !== secretHash(secret)) return await endForReuse(id, userId);
      const next = newSecret();
      const nowMs = clock.nowMs();
      const used = { usedAtMs: nowMs, expiresAtMs: nowMs + REFRESH_TOKEN_VALID_MS, from: from ?? null };
      try {
        await families.replace(id, family.version, { ...family.document, ...used, secretHash: secretHash(next) });
      } catch (cause) {
        // Two calls with one token: the second is a reuse, however close behind the first.
        if (isConflict(cause)) return await endForReuse(id, userId);
        throw cause;
      }
      return { userId, sessionId: id, refreshToken: `${id}.${next}` };
    },
    async isOpen(sessionId, userId) {
      const family = (await families.get(sessionId))?.document;
      return family !== undefined && family.userId === userId && family.revokedAtMs === null;
    },
    async ofUser(userId) {
      const open = (await openFamilies(families, userId, clock.nowMs())).map(({ id, document }) =>
        openSession(id, document),
      );
      return open.sort((one, other) => other.usedAtMs - one.usedAtMs);
    },
    async end(sessionId, userId) {
      const family = await families.get(sessionId);
      if (family?.document.userId !== userId || !(await revoke(sessionId)))
        throw new AppError('NOT_FOUND', `session ${sessionId}`);
    },
    async revokeAll(userId, but) {
      for (const family of await openFamilies(families, userId, clock.nowMs()))
        if (family.id !== but) await revoke(family.id);
    },
    async expire() {
      const orderBy = { field: 'expiresAtMs', direction: 'ascending' } as const;
      const oldest = await families.find({ orderBy, first: PAGE_FAMILIES });
      const nowMs = clock.nowMs();
      for (const family of oldest.items) if (family.document.expiresAtMs <= nowMs) await families.delete(family.id);
    },
  };
}

/** Ends a family, also while somebody refreshes it. False when it had ended. */
async function revokeFamily(families: Collection<RefreshFamily>, id: string, clock: Clock): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    const family = await families.get(id);
    if (!family || family.document.revokedAtMs !== null) return false;
    try {
      await families.replace(id, family.version, { ...family.document, revokedAtMs: clock.nowMs() });
      return true;
    } catch (cause) {
      if (!isConflict(cause) || tries === END_TRIES_MAX) throw cause;
    }
  }
}

function isConflict(cause: unknown): boolean {
  return cause instanceof AppError && cause.code === 'CONFLICT';
}

function isGood({ revokedAtMs, expiresAtMs }: RefreshFamily, nowMs: number): boolean {
  return revokedAtMs === null && expiresAtMs > nowMs;
}

function openSession(id: string, { expiresAtMs, startedAtMs, usedAtMs, from }: RefreshFamily): OpenSession {
  const earliestMs = expiresAtMs - REFRESH_TOKEN_VALID_MS;
  return {
    id,
    expiresAtMs,
    startedAtMs: startedAtMs ?? earliestMs,
    usedAtMs: usedAtMs ?? earliestMs,
    from: from ?? null,
  };
}

async function openFamilies(
  families: Collection<RefreshFamily>,
  userId: string,
  nowMs: number,
): Promise<readonly Stored<RefreshFamily>[]> {
  const open: Stored<RefreshFamily>[] = [];
  let after: string | undefined;
  do {
    const page = await families.find({ where: { userId }, first: PAGE_FAMILIES, ...(after && { after }) });
    open.push(...page.items.filter(({ document }) => isGood(document, nowMs)));
    after = page.hasNextPage ? page.endCursor : undefined;
  } while (after);
  return open;
}
