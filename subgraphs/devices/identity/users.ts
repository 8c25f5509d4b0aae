import type { Clock } from '@greencity/platform/clock/port';
import type { Collection, Page, Stored } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { Role } from '@greencity/platform/graphql/port';
import type { KeyValue } from '@greencity/platform/key-value/port';
import { folded } from '../domain/naming.ts';
import { createInTurn } from '../in-turn.ts';
import { accountOf, EMAIL } from './emails.ts';
import type { Passwords } from './passwords.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { newId, newSecret } from './secret.ts';
import { PASSWORD_LIMIT, spendTry } from './tries.ts';
import type { StoredUser } from './user.ts';

/** A user with a password that is known nowhere else. */
export interface UserWithPassword {
  readonly user: StoredUser;
  /** Undefined when the admin chose it. */
  readonly password: string | undefined;
}

/** What an admin does with users, and what users do with their password. Each change ends what it takes away, at once. */
export interface Users {
  get(id: string): Promise<StoredUser | undefined>;
  page(first: number, after: string | undefined): Promise<Page<StoredUser>>;
  /** Without a password one is made. @throws AppError BAD_USER_INPUT, CONFLICT for a taken email */
  create(input: {
    readonly email: string;
    readonly role: Role;
    readonly password?: string | null | undefined;
  }): Promise<UserWithPassword>;
  /** @throws AppError NOT_FOUND; CONFLICT for the last admin, and for somebody whose role an external provider says */
  changeRole(id: string, role: Role): Promise<StoredUser>;
  /** Ends every session. @throws AppError NOT_FOUND; CONFLICT for the last admin */
  disable(id: string): Promise<StoredUser>;
  /** @throws AppError NOT_FOUND */
  enable(id: string): Promise<StoredUser>;
  /** A new password, made here; every session ends. @throws AppError NOT_FOUND, CONFLICT for a user without a password */
  resetPassword(id: string): Promise<UserWithPassword>;
  /** Ends every other session. @throws AppError UNAUTHENTICATED for a wrong present password, BAD_USER_INPUT; RATE_LIMITED for whoever guesses it */
  changePassword(
    id: string,
    change: { readonly current: string; readonly next: string; readonly sessionId: string | undefined },
  ): Promise<StoredUser>;
}

export interface UsersOptions {
  readonly users: Collection<StoredUser>;
  readonly passwords: Passwords;
  readonly refreshTokens: RefreshTokens;
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  /** Called when tokens must be looked at again. */
  readonly changed: () => void;
}

export const PASSWORD_LENGTH: readonly [least: number, most: number] = [12, 256];
const MADE_PASSWORD_LENGTH = 22;

/** Commands on this collection of users. */
export function createUsers(options: UsersOptions): Users {
  const { users, passwords, refreshTokens, keyValue, clock, changed } = options;

  // Of two admins who take each other's role away at once one must stay.
  const inTurn = createInTurn();

  async function existing(id: string): Promise<Stored<StoredUser>> {
    const stored = await users.get(id);
    if (!stored) throw new AppError('NOT_FOUND', `user ${id}`);
    return stored;
  }

  async function change(stored: Stored<StoredUser>, changes: Partial<StoredUser>): Promise<StoredUser> {
    const tokenVersion = (stored.document.tokenVersion ?? 0) + 1;
    const { document } = await users.replace(stored.id, stored.version, {
      ...stored.document,
      tokenVersion,
      ...changes,
    });
    changed();
    return document;
  }

  /** Somebody must be left who can undo it. */
  async function refuseLastAdmin({ id, document }: Stored<StoredUser>): Promise<void> {
    if (document.role !== 'ADMIN') return;
    const { items } = await users.find({ where: { role: 'ADMIN' }, first: 100 });
    if (!items.some((other) => other.id !== id && other.document.disabledAtMs === undefined))
      throw new AppError('CONFLICT', `user ${id} is the last admin`);
  }

  return {
    get: async (id) => (await users.get(id))?.document,
    page: (first, after) => users.find({ first, ...(after && { after }) }),
    create: (input) => create(options, input),
    changeRole: (id, role) =>
      inTurn(async () => {
        const stored = await existing(id);
        if (stored.document.role === role) return stored.document;
        // Its next token would undo it.
        if (stored.document.external)
          throw new AppError('CONFLICT', `user ${id} has its role from ${stored.document.external.issuer}`);
        await refuseLastAdmin(stored);
        return await change(stored, { role });
      }),
    disable: (id) =>
      inTurn(async () => {
        const stored = await existing(id);
        if (stored.document.disabledAtMs !== undefined) return stored.document;
        await refuseLastAdmin(stored);
        const user = await change(stored, { disabledAtMs: clock.nowMs() });
        await refreshTokens.revokeAll(id);
        return user;
      }),
    async enable(id) {
      const stored = await existing(id);
      const { disabledAtMs, ...enabled } = stored.document;
      if (disabledAtMs === undefined) return stored.document;
      return (await users.replace(id, stored.version, enabled)).document;
    },
    async resetPassword(id) {
      const stored = await existing(id);
      if (stored.document.passwordHash === null) throw new AppError('CONFLICT', `user ${id} signs in elsewhere`);
      const password = newSecret().slice(0, MADE_PASSWORD_LENGTH);
      const user = await change(stored, { passwordHash: await passwords.hash(password) });
      await refreshTokens.revokeAll(id);
      return { user, password };
    },
    async changePassword(id, { current, next, sessionId }) {
      const stored = await existing(id);
      checkPassword(next, 'input.next');
      // Whoever holds a token for ten minutes must not find the password with it.
      await spendTry(keyValue, `change-password:${id}`, { limit: PASSWORD_LIMIT, what: 'tries' });
      if (!(await passwords.matches(current, stored.document.passwordHash)))
        throw new AppError('UNAUTHENTICATED', 'the present password is wrong');
      // The session at hand goes on; its access token is the one thing of it that ends, and is refreshed.
      const user = await change(stored, { passwordHash: await passwords.hash(next) });
      await refreshTokens.revokeAll(id, sessionId);
      return user;
    },
  };
}

function checkPassword(password: string, field: string): void {
  const [least, most] = PASSWORD_LENGTH;
  if (password.length < least || password.length > most)
    throw new AppError('BAD_USER_INPUT', `${field}: must be ${least} to ${most} characters`);
}

async function create(
  { users, passwords, clock }: UsersOptions,
  { email: given, role, password }: Parameters<Users['create']>[0],
): Promise<UserWithPassword> {
  const email = folded(given).trim();
  if (!EMAIL.test(email)) throw new AppError('BAD_USER_INPUT', 'input.email: must be an email address');
  if (password != null) checkPassword(password, 'input.password');
  const chosen = password ?? newSecret().slice(0, MADE_PASSWORD_LENGTH);
  if (await accountOf(users, email)) throw new AppError('CONFLICT', `input.email: ${email} has an account already`);
  const id = newId('user');
  const passwordHash = await passwords.hash(chosen);
  const { document } = await users.insert(id, { id, email, role, passwordHash, createdAtMs: clock.nowMs() });
  return { user: document, password: password == null ? chosen : undefined };
}
