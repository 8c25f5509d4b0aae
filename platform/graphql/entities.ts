import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isObjectType,
  isUnionType,
} from 'graphql';
import type { SubgraphContext } from './port.ts';

type ResolveReference = (reference: unknown, context: SubgraphContext, info: unknown) => unknown;
type Resolver = GraphQLFieldResolver<unknown, SubgraphContext>;

type WithReference = { apollo?: { subgraph?: { resolveReference?: ResolveReference } } };

export interface Representation {
  readonly __typename: string;
}

/** How a field finds entities. */
export interface EntityResolution {
  /** Object types by name. */
  readonly types: ReadonlyMap<string, GraphQLObjectType>;
  /** What finds an object of this type by a reference to it; undefined where the reference is the object. */
  resolverOf(typename: string): ResolveReference | undefined;
}

const resolutions = new WeakMap<object, EntityResolution>();

/** How the field with this resolver finds entities; undefined for every other field. */
export function entityResolutionOf(resolver: GraphQLFieldResolver<unknown, unknown>): EntityResolution | undefined {
  return resolutions.get(resolver);
}

/**
 * Resolves `_entities` without a promise for each reference whose resolver answers at once; the library makes three of each, and with them a fetch could
 * never end before the next turn. References to interfaces are left to the library. The schema is changed in place.
 */
export function resolveEntitiesAtOnce(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()['_entities'];
  const union = schema.getType('_Entity');
  if (!field || !isUnionType(union)) return;
  union.resolveType = typeOfEntity;
  const library: Resolver = field.resolve ?? defaultFieldResolver;
  const types = new Map(
    Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .map((type) => [type.name, type] as const),
  );
  // Looked up at each call: a guard may be put in front of it later.
  const resolverOf = (typename: string) =>
    (types.get(typename)?.extensions as WithReference | undefined)?.apollo?.subgraph?.resolveReference;
  const resolve: Resolver = (source, args, context, info) => {
    const representations = args['representations'] as readonly Representation[];
    if (!representations.every(({ __typename }) => types.has(__typename))) return library(source, args, context, info);
    return representations.map((representation) => {
      const { __typename } = representation;
      const resolveReference = resolverOf(__typename);
      const found = resolveReference ? resolveReference(representation, context, info) : representation;
      return isThenable(found) ? found.then((value) => named(value, __typename)) : named(found, __typename);
    });
  };
  resolutions.set(resolve, { types, resolverOf });
  field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** Gives back the object that it is given, so that a class over it can put a private field on any object. */
const Any = function any(object: object): object {
  return object;
} as unknown as new (
  object: object,
) => object;

/**
 * Says of which type an entity is, in a private field: nobody copies it along with what a store keeps, a frozen object takes it as well, and it costs a
 * twentieth of what a property that is not enumerable does.
 */
class Entity extends Any {
  #typename: string;
  private constructor(object: object, typename: string) {
    super(object);
    this.#typename = typename;
  }
  static say(object: object, typename: string): object {
    if (!(#typename in object)) return new Entity(object, typename);
    object.#typename = typename;
    return object;
  }
  static said(object: object): string | undefined {
    return #typename in object ? object.#typename : undefined;
  }
}

function named(value: unknown, typename: string): unknown {
  return typeof value === 'object' && value !== null ? Entity.say(value, typename) : value;
}

/** What the library finds the type by stays good for what it has resolved itself. */
const typeOfEntity: GraphQLTypeResolver<object, unknown> = (value) =>
  Entity.said(value) ?? (value as Partial<Representation>).__typename;
