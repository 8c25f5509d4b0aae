import { randomInt } from 'node:crypto';
import type { Clock } from '@greencity/platform/clock/port';
import type { Collection } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { UserViewer } from '@greencity/platform/graphql/port';
import type { KeyValue, RateLimit } from '@greencity/platform/key-value/port';
import type { DeviceCommands } from './device-commands.ts';
import { networkOf } from './identity/network.ts';
import { secretHash } from './identity/secret.ts';
import { spendTry } from './identity/tries.ts';
import { createInTurn } from './in-turn.ts';

/** A code that makes whoever enters it the owner of a device, once. Stored under its hash. */
export interface ClaimCode {
  readonly deviceId: string;
  readonly expiresAtMs: number;
  /** Whose device it was when the code was made; the code ends when it is somebody else's. Missing in one of an earlier version. */
  readonly ownerId?: string | null;
}

/** A code as it is shown, once. */
export interface ShownClaimCode extends Omit<ClaimCode, 'ownerId'> {
  readonly code: string;
}

/** How a device comes to its owner. */
export interface Claims {
  /** A new code for a device; an earlier one ends. @throws AppError NOT_FOUND */
  createCode(deviceId: string): Promise<ShownClaimCode>;
  /** Uses a code up, and gives the device to the viewer; whoever owned it before does so no more. @throws AppError NOT_FOUND, RATE_LIMITED, CONFLICT for a retired device */
  claim(code: string, viewer: UserViewer): Promise<string>;
  /** Removes codes that have ended. */
  expire(): Promise<void>;
}

export interface ClaimsOptions {
  readonly codes: Collection<ClaimCode>;
  readonly devices: Pick<DeviceCommands, 'setOwner'>;
  /** Whose a device is, null for the platform's own; undefined for one that is not registered. */
  readonly ownerOf: (deviceId: string) => string | null | undefined;
  readonly keyValue: KeyValue;
  readonly clock: Clock;
}

export const CODE_VALID_MS = 24 * 3_600_000;
/** Crockford's: no I, L, O or U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 random bits: at the rate below, one user guesses one of a million open codes in twenty million years. */
const CODE_LENGTH = 12;
/** Five tries, then one each ten minutes. */
const USER_LIMIT: RateLimit = { capacity: 5, refillPerSecond: 1 / 600 };
const NETWORK_LIMIT: RateLimit = { capacity: 20, refillPerSecond: 1 / 60 };
const EXPIRE_AT_ONCE = 500;
const NOT_VALID = 'this claim code is not valid: it may have been used, or have ended';

/** Claim codes kept in a collection. */
export function createClaims({ codes, devices, ownerOf, keyValue, clock }: ClaimsOptions): Claims {
  const inTurn = createInTurn();
  const spend = (key: string, limit: RateLimit) => spendTry(keyValue, key, { limit, what: 'claim codes' });

  return {
    // One after the other: of two that are made at once the first must not stay.
    createCode: (deviceId) =>
      inTurn(async () => {
        const ownerId = ownerOf(deviceId);
        if (ownerId === undefined) throw new AppError('NOT_FOUND', `device ${deviceId}`);
        const earlier = await codes.find({ where: { deviceId }, first: EXPIRE_AT_ONCE });
        for (const { id } of earlier.items) await codes.delete(id);
        const code = newCode();
        const expiresAtMs = clock.nowMs() + CODE_VALID_MS;
        await codes.insert(secretHash(code), { deviceId, expiresAtMs, ownerId });
        return { code: shown(code), deviceId, expiresAtMs };
      }),
    async claim(given, viewer) {
      await spend(`claim:${viewer.userId}`, USER_LIMIT);
      if (viewer.from !== undefined) await spend(`claim-from:${networkOf(viewer.from)}`, NETWORK_LIMIT);
      const id = secretHash(read(given));
      const code = (await codes.get(id))?.document;
      // Whoever deletes it has used it: of two at the same moment one does.
      if (!code || code.expiresAtMs <= clock.nowMs() || !(await codes.delete(id)))
        throw new AppError('NOT_FOUND', NOT_VALID);
      const { deviceId, ownerId } = code;
      if (!(await devices.setOwner(deviceId, viewer.userId, ownerId))) throw new AppError('NOT_FOUND', NOT_VALID);
      return deviceId;
    },
    async expire() {
      const orderBy = { field: 'expiresAtMs', direction: 'ascending' } as const;
      const { items } = await codes.find({ orderBy, first: EXPIRE_AT_ONCE });
      for (const { id, document } of items) if (document.expiresAtMs <= clock.nowMs()) await codes.delete(id);
    },
  };
}

function newCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** In groups of four, for people. */
function shown(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/** As people type it: small letters, with or without dashes, and with the letters that look like digits. */
function read(text: string): string {
  return text.slice(0, 50).toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
}
