import { createHash } from 'node:crypto';
import type { Clock } from '@greencity/platform/clock/port';
import type { Collection } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import { ROLES, type Role, type UserViewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import type { OidcProvider, ProviderClaims } from '@greencity/platform/oidc/port';
import { folded } from '../domain/naming.ts';
import type { StoredUser } from './user.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

/** How an external provider's people become ours. */
export interface ExternalRoles {
  /** Claim that holds roles or groups, a text or a list; dots go into objects, as in `realm_access.roles`. */
  readonly claim: string;
  /** Our role by a value of that claim. */
  readonly roles: Readonly<Record<string, Role>>;
}

/** People who sign in at an external provider. */
export interface ExternalUsers {
  /** Whether the token is one of the provider's. */
  claims(token: string): boolean;
  /** @throws AppError UNAUTHENTICATED, UNAVAILABLE */
  authenticate(token: string): Promise<UserViewer>;
  forget(): void;
}

export interface ExternalUsersOptions {
  readonly provider: OidcProvider;
  readonly mapping: ExternalRoles;
  readonly users: Collection<StoredUser>;
  readonly clock: Clock;
}

/**
 * Their role is what the token's claim maps to, the highest where it names several, CITIZEN where none. At its first token a user gets a document, by which it
 * owns devices and can be disabled here.
 */
export function createExternalUsers({ provider, mapping, users, clock }: ExternalUsersOptions): ExternalUsers {
  const verified = createVerifiedTokens(clock, async (token) => {
    const claims = await provider.verify(token);
    const role = roleOf(claims, mapping);
    const user = await documentOf(claims, role);
    if (user.disabledAtMs !== undefined) throw new AppError('UNAUTHENTICATED', 'this user is disabled');
    return { viewer: userViewer(user.id, role), expiresAtMs: claims.expiresAtMs };
  });

  async function documentOf(claims: ProviderClaims, role: Role): Promise<StoredUser> {
    const { issuer } = provider;
    const id = externalId(issuer, claims.subject);
    const known = await users.get(id);
    if (known?.document.role === role) return known.document;
    try {
      if (known) return (await users.replace(id, known.version, { ...known.document, role })).document;
      const external = { issuer, subject: claims.subject };
      const user: StoredUser = {
        id,
        email: await freeEmail(claims),
        role,
        passwordHash: null,
        createdAtMs: clock.nowMs(),
        external,
      };
      return (await users.insert(id, user)).document;
    } catch (cause) {
      // Two first requests of one user: the other one wrote it.
      const written = await users.get(id);
      if (written && cause instanceof AppError && cause.code === 'CONFLICT') return written.document;
      throw cause;
    }
  }

  /** An email that is an account of ours stays that account's: nobody takes one over by a claim. */
  async function freeEmail(claims: ProviderClaims): Promise<string> {
    const { email } = claims.claims;
    const own = `${claims.subject}@${new URL(provider.issuer).hostname}`;
    const wanted = folded(typeof email === 'string' && email.includes('@') ? email : own).trim();
    return (await users.getBy('email', wanted))
      ? folded(`${externalId(provider.issuer, claims.subject)}@external.invalid`)
      : wanted;
  }

  return {
    claims: (token) => provider.claims(token),
    authenticate: (token) => verified.viewer(token),
    forget: () => verified.forget(),
  };
}

/** The same for every token of one person at one provider, and of nobody else. */
function externalId(issuer: string, subject: string): string {
  return `external-${createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex')
    .slice(0, 20)}`;
}

function roleOf({ claims }: ProviderClaims, { claim, roles }: ExternalRoles): Role {
  let value: unknown = claims;
  for (const step of claim.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[step];
  const named = (Array.isArray(value) ? value : [value]).flatMap((text) =>
    typeof text === 'string' && Object.hasOwn(roles, text) ? [roles[text]] : [],
  );
  return ROLES.findLast((role) => named.includes(role)) ?? 'CITIZEN';
}
