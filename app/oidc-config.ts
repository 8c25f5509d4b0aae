import { ROLES, type Role } from '@greencity/platform/graphql/port';

/** An external OpenID provider, as the settings name it. */
export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  /** Claim that holds roles or groups. */
  readonly claim: string;
  /** Our role by a value of that claim. */
  readonly roles: Readonly<Record<string, Role>>;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The `OIDC_` variables, or undefined when none is set. What is wrong is added to `mistakes`. */
export function readOidc(
  environment: Readonly<Record<string, string | undefined>>,
  mistakes: string[],
): OidcConfig | undefined {
  const text = (name: string) => environment[name]?.trim() || undefined;
  const [issuer, audience, claim, roles] = ['OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_ROLE_CLAIM', 'OIDC_ROLES'].map(text);
  if (issuer === undefined) {
    if (audience ?? claim ?? roles) mistakes.push('OIDC_ISSUER must be set when another OIDC_ variable is');
    return undefined;
  }
  if (!isSafe(issuer))
    mistakes.push(`OIDC_ISSUER must be an https address (http on this machine only), not "${issuer}"`);
  if (audience === undefined)
    mistakes.push('OIDC_AUDIENCE must name this API as the provider does when OIDC_ISSUER is set');
  return { issuer, audience: audience ?? '', claim: claim ?? 'roles', roles: readRoles(roles, mistakes) };
}

function isSafe(issuer: string): boolean {
  const url = URL.parse(issuer);
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname)));
}

/** `value=ROLE` pairs, separated by commas. Without them, our own names in small letters. */
function readRoles(text: string | undefined, mistakes: string[]): Readonly<Record<string, Role>> {
  if (text === undefined) return Object.fromEntries(ROLES.map((role) => [role.toLowerCase(), role]));
  const pairs = text.split(',').map((pair) => {
    const at = pair.lastIndexOf('=');
    const role = ROLES.find((known) => known === pair.slice(at + 1).trim());
    const value = pair.slice(0, Math.max(0, at)).trim();
    if (!role || value === '') {
      mistakes.push(
        `OIDC_ROLES must be pairs such as city-ops=OPERATOR, with roles of ${ROLES.join(', ')}; "${pair.trim()}" is none`,
      );
      return undefined;
    }
    return [value, role] as const;
  });
  return Object.fromEntries(pairs.filter((pair) => pair !== undefined));
}
