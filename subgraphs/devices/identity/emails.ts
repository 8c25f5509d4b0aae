import type { Collection, Stored } from '@greencity/platform/documents/port';
import type { StoredUser } from './user.ts';

/** An email address, folded. */
export const EMAIL = /^[^@\s]{1,64}@[^@\s]{1,189}$/;

/** The email of somebody of an external provider whose own one is an account of ours, or not known to be theirs. */
export function standInEmail(userId: string): string {
  return `${userId}@external.invalid`;
}

/** Our account with this email, where there is one. A person of an external provider, who has it by a claim alone, gives it up. */
export async function accountOf(users: Collection<StoredUser>, email: string): Promise<Stored<StoredUser> | undefined> {
  const found = await users.getBy('email', email);
  if (!found?.document.external) return found;
  await users.replace(found.id, found.version, { ...found.document, email: standInEmail(found.id) });
  return undefined;
}
