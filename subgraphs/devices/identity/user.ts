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
}
