import type { Clock } from '@greencity/platform/clock/port';
import type { Collection, Stored } from '@greencity/platform/documents/port';
import type { Role } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import { folded } from '../domain/naming.ts';
import { accountOf } from './emails.ts';
import type { Passwords } from './passwords.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { newId, newSecret } from './secret.ts';
import type { StoredUser } from './user.ts';

/** The admin that a start made, with the password that is nowhere else: print it once, never log it. */
export interface MadeAdmin {
  readonly email: string;
  readonly password: string;
}

export interface FirstAdminOptions {
  readonly users: Collection<StoredUser>;
  readonly passwords: Passwords;
  readonly refreshTokens: RefreshTokens;
  /** `password` undefined: one is made when there is no admin yet. Given, it is the password of this admin from now on. */
  readonly admin: { readonly email: string; readonly password: string | undefined };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes the admin of a first start, or gives the one of this email the password that the settings name. */
export async function ensureAdmin(options: FirstAdminOptions): Promise<MadeAdmin | undefined> {
  const { users, passwords, admin, clock, log } = options;
  const email = folded(admin.email).trim();
  const known = await accountOf(users, email);
  if (known) {
    if (admin.password !== undefined) await setPassword(options, known, admin.password);
    return undefined;
  }
  const role: Role = 'ADMIN';
  if (admin.password === undefined && (await users.find({ where: { role }, first: 1 })).totalCount > 0)
    return undefined;
  const password = admin.password ?? newSecret().slice(0, 22);
  const id = newId('user');
  await users.insert(id, { id, email, role, passwordHash: await passwords.hash(password), createdAtMs: clock.nowMs() });
  log.info({ userId: id }, 'the first admin was made');
  return admin.password === undefined ? { email, password } : undefined;
}

/** The way back when a password is lost, or the last admin disabled: the settings are the stronger. */
async function setPassword(
  { users, passwords, refreshTokens, log }: FirstAdminOptions,
  known: Stored<StoredUser>,
  password: string,
): Promise<void> {
  const { disabledAtMs, ...user } = known.document;
  const same = await passwords.matches(password, user.passwordHash);
  if (same && disabledAtMs === undefined && user.role === 'ADMIN') return;
  const passwordHash = same ? user.passwordHash : await passwords.hash(password);
  await users.replace(known.id, known.version, {
    ...user,
    role: 'ADMIN',
    passwordHash,
    tokenVersion: (user.tokenVersion ?? 0) + 1,
  });
  await refreshTokens.revokeAll(known.id);
  log.info({ userId: known.id }, 'the password of the admin was set from the settings; its sessions were ended');
}
