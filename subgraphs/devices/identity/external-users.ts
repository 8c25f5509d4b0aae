import { createHash } from 'node:crypto';
import type { Clock } from '@greencity/platform/clock/port';
import type { Collection } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import { ROLES, type Role, type UserViewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import type { OidcProvider, ProviderClaims } from '@greencity/platform/oidc/port';
import { folded } from '../domain/naming.ts';
import { EMAIL, standInEmail } from './emails.ts';
import type { StoredUser } from './user.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

/** Others who write the same user at the same moment; each try puts one of them before us. */
const WRITE_TRIES_MAX = 5;

/** How an external provider's people become ours. */
export interface ExternalRoles {
  /** Claim that holds roles or groups, a text or a list; where none has this very name, dots go into objects, as in `realm_access.roles`. */
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
  /** Called when somebody's role has become another one: what was known of their older tokens and of their keys is so no more. */
  readonly changed: () => void;
}

/**
 * Their role is what the token's claim maps to, the highest where it names several, CITIZEN where none. At its first token a user gets a document, by which it
 * owns devices and can be disabled here.
 */
export function createExternalUsers({ provider, mapping, users, clock, changed }: ExternalUsersOptions): ExternalUsers {
  const verified = createVerifiedTokens(clock, async (token) => {
    const claims = await provider.verify(token);
    const user = await documentOf(claims);
    if (user.disabledAtMs !== undefined) throw new AppError('UNAUTHENTICATED', 'this user is disabled');
    return { viewer: userViewer(user.id, user.role), expiresAtMs: claims.expiresAtMs };
  });

  /** Who somebody is here, after what this token says: of two tokens the one issued later counts. */
  async function documentOf(claims: ProviderClaims, tries = WRITE_TRIES_MAX): Promise<StoredUser> {
    const { issuer } = provider;
    const id = externalId(issuer, claims.subject);
    const role = roleOf(claims, mapping);
    const roleAsOf = issuedAt(claims);
    const external = { issuer, subject: claims.subject, roleAsOf };
    const known = await users.get(id);
    if (known && (known.document.role === role || roleAsOf < (known.document.external?.roleAsOf ?? 0)))
      return known.document;
    try {
      if (known) {
        const { document } = await users.replace(id, known.version, { ...known.document, role, external });
        changed();
        return document;
      }
      const email = await freeEmail(claims, id);
      const user: StoredUser = { id, email, role, passwordHash: null, createdAtMs: clock.nowMs(), external };
      return (await users.insert(id, user)).document;
    } catch (cause) {
      // Two first requests of one user, or two tokens of it: the other one was written first.
      const isConflict = cause instanceof AppError && cause.code === 'CONFLICT';
      if (!isConflict || tries === 1) throw cause;
      return await documentOf(claims, tries - 1);
    }
  }

  /** An email that is somebody's already stays theirs, and one that the provider has not verified is taken from nobody. */
  async function freeEmail({ subject, claims }: ProviderClaims, id: string): Promise<string> {
    const { email, email_verified: verified = true } = claims;
    const given = typeof email === 'string' && isTrue(verified) ? folded(email).trim() : '';
    const wanted = EMAIL.test(given) ? given : folded(`${subject}@${new URL(provider.issuer).hostname}`).trim();
    return (await users.getBy('email', wanted)) ? standInEmail(id) : wanted;
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

/** Some providers write a boolean as text. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** When a token was issued, Unix s; 0 for one that does not say. */
function issuedAt({ claims: { iat } }: ProviderClaims): number {
  return typeof iat === 'number' && Number.isFinite(iat) ? iat : 0;
}

/** What a claim holds: the one with this very name, as `https://city.example/roles`, else the one that its dots lead to. */
function claimed(claims: ProviderClaims['claims'], claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  let value: unknown = claims;
  for (const step of claim.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[step];
  return value;
}

function roleOf({ claims }: ProviderClaims, { claim, roles }: ExternalRoles): Role {
  const value = claimed(claims, claim);
  const named = (Array.isArray(value) ? value : [value]).flatMap((text) =>
    typeof text === 'string' && Object.hasOwn(roles, text) ? [roles[text]] : [],
  );
  return ROLES.findLast((role) => named.includes(role)) ?? 'CITIZEN';
}
