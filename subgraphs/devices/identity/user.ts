import type { Role } from '@greencity/platform/graphql/port';

/** Somebody who signs in, as others may see them. */
export interface User {
  readonly id: string;
  /** Folded: upper and lower case are the same. */
  readonly email: string;
  readonly role: Role;
}

/** A user as stored. */
export interface StoredUser extends User {
  /** PHC string; null for one that cannot sign in with a password. */
  readonly passwordHash: string | null;
  readonly createdAtMs: number;
  /** Since when this user may not sign in; missing while it may. */
  readonly disabledAtMs?: number;
  /** Access tokens of an earlier version are refused: it rises when the role or the password changes or the user is disabled. 0 when missing. */
  readonly tokenVersion?: number;
  /** The external provider that vouches for this user. */
  readonly external?: {
    readonly issuer: string;
    readonly subject: string;
    /** When the token was issued that the role is from, Unix s; 0 when missing. */
    readonly roleAsOf?: number;
  };
}

/** The user as others may see them. */
export function visibleUser({ id, email, role }: User): User {
  return { id, email, role };
}
