import { type ConstDirectiveNode, type ConstValueNode, Kind } from 'graphql';
import { AppError } from '../errors.ts';
import { SCOPES, type Scope, type Viewer } from './port.ts';

/** Sets of scopes, of which one must be had whole. */
export type AnyOf = readonly (readonly Scope[])[];

/** What a schema says of who may have a field: anyone, whoever signed in, whoever has scopes; or nothing, which opens it to nobody. */
export type Access =
  | { readonly kind: 'undeclared' }
  | { readonly kind: 'public' }
  /** Of each list of alternatives one must hold: the type's and the field's own. */
  | { readonly kind: 'restricted'; readonly allOf: readonly AnyOf[] };

const UNDECLARED: Access = { kind: 'undeclared' };
const PUBLIC: Access = { kind: 'public' };

/** What the directives `@public`, `@authenticated` and `@requiresScopes` at one place say together. */
export function declaredAccess(directives: readonly ConstDirectiveNode[] | undefined): Access {
  let access: Access = UNDECLARED;
  for (const directive of directives ?? []) {
    if (directive.name.value === 'public') access = both(access, PUBLIC);
    if (directive.name.value === 'authenticated') access = both(access, { kind: 'restricted', allOf: [] });
    if (directive.name.value === 'requiresScopes')
      access = both(access, { kind: 'restricted', allOf: [alternativesOf(directive)] });
  }
  return access;
}

/** Access to a field by what its type and the field itself say: one word is enough, and the stricter one counts. */
export function both(one: Access, other: Access): Access {
  if (one.kind === 'undeclared') return other;
  if (other.kind === 'undeclared') return one;
  if (one.kind === 'public') return other;
  if (other.kind === 'public') return one;
  return { kind: 'restricted', allOf: [...one.allOf, ...other.allOf] };
}

/** Why this viewer may not have the field, or undefined when it may. `field` is its coordinate, as `Query.devices`. */
export function refusal(access: Access, field: string, viewer: Viewer): AppError | undefined {
  if (access.kind === 'public') return undefined;
  if (access.kind === 'undeclared') return new AppError('FORBIDDEN', `${field} is open to nobody`);
  if (viewer.kind === 'anonymous') return new AppError('UNAUTHENTICATED', `${field} ${inWords(access)}`);
  const has = (anyOf: AnyOf) => anyOf.some((scopes) => scopes.every((scope) => viewer.scopes.includes(scope)));
  return access.allOf.every(has) ? undefined : new AppError('FORBIDDEN', `${field} ${inWords(access)}`);
}

/** The requirement as a sentence says it, as in `needs the scope devices:manage`. */
export function inWords(access: Access): string {
  if (access.kind === 'undeclared') return 'is open to nobody';
  if (access.kind === 'public') return 'is open to anyone';
  if (access.allOf.length === 0) return 'needs a signed-in user or an API key';
  const alternatives = (anyOf: AnyOf) => anyOf.map((scopes) => scopes.join(' with ')).join(' or ');
  return `needs the scope ${access.allOf.map(alternatives).join(', and ')}`;
}

function alternativesOf(directive: ConstDirectiveNode): AnyOf {
  const value = directive.arguments?.find(({ name }) => name.value === 'scopes')?.value;
  return listOf(value).map((scopes) =>
    listOf(scopes).map((scope) => {
      const known = SCOPES.find((candidate) => scope.kind === Kind.STRING && candidate === scope.value);
      if (!known)
        throw new Error(
          `@requiresScopes names ${scope.kind === Kind.STRING ? scope.value : scope.kind}, which is no scope`,
        );
      return known;
    }),
  );
}

/** GraphQL takes a single value for a list of one. */
function listOf(value: ConstValueNode | undefined): readonly ConstValueNode[] {
  if (value === undefined) return [];
  return value.kind === Kind.LIST ? value.values : [value];
}
