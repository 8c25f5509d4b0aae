import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { type Access, both, declaredAccess, refusal } from './access.ts';
import { mayRead } from './compiled/parameters.ts';
import type { SubgraphContext } from './port.ts';

type Field = GraphQLField<unknown, SubgraphContext>;
type ResolveReference = (reference: unknown, context: SubgraphContext, info: unknown) => unknown;
type WithReference = { apollo?: { subgraph?: { resolveReference?: ResolveReference } } };

/** Which parameter of a resolver tells about its field. */
const INFO = 3;
const UNREAD = undefined as unknown as GraphQLResolveInfo;

/** What federation adds to a subgraph: its text, which the supergraph holds as well, and entities, whose own fields are guarded. */
const FEDERATION_FIELDS = new Set(['Query._service', 'Query._entities']);
const FEDERATION_TYPES = new Set(['_Service']);

/**
 * Puts a guard in front of every field of the schema that is not public, and of every reference to an entity of a type that is not: whoever may not
 * have it gets UNAUTHENTICATED or FORBIDDEN at its place, before its resolver runs. Fields of which the SDL says nothing are guarded from everybody.
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  for (const type of guardedTypes(schema)) {
    for (const field of Object.values(type.getFields()))
      guardField(field as Field, fieldAccess(type, field), `${type.name}.${field.name}`);
    guardReference(type);
  }
  return schema;
}

/** Every field of a schema and who may have it, by its coordinate. */
export function fieldAccesses(schema: GraphQLSchema): ReadonlyMap<string, Access> {
  const accesses = new Map<string, Access>();
  for (const type of guardedTypes(schema)) {
    for (const field of Object.values(type.getFields()))
      accesses.set(`${type.name}.${field.name}`, fieldAccess(type, field));
  }
  return accesses;
}

function guardedTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType =>
      isObjectType(type) && !isIntrospectionType(type) && !FEDERATION_TYPES.has(type.name),
  );
}

function typeAccess(type: GraphQLNamedType): Access {
  const nodes = [type.astNode, ...type.extensionASTNodes];
  return nodes.map((node) => declaredAccess(node?.directives)).reduce(both, { kind: 'undeclared' });
}

function fieldAccess(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Access {
  if (FEDERATION_FIELDS.has(`${type.name}.${field.name}`)) return { kind: 'public' };
  return both(typeAccess(type), declaredAccess(field.astNode?.directives));
}

function guardField(field: Field, access: Access, coordinate: string): void {
  if (access.kind === 'public') return;
  const { resolve = defaultFieldResolver, subscribe } = field;
  const guarded: typeof resolve = (source, args, context, info) => {
    pass(access, coordinate, context);
    return resolve(source, args, context, info);
  };
  // What nobody looks at need not be made.
  const uninformed = (source: unknown, args: object, context: SubgraphContext): unknown => {
    pass(access, coordinate, context);
    return resolve(source, args, context, UNREAD);
  };
  field.resolve = mayRead(resolve, INFO) ? guarded : uninformed;
  if (!subscribe) return;
  field.subscribe = (source, args, context, info) => {
    pass(access, coordinate, context);
    return subscribe(source, args, context, info);
  };
}

/** An entity is reached by its reference, too: whether one exists is not told to whom the type is closed. */
function guardReference(type: GraphQLObjectType): void {
  const access = typeAccess(type);
  const subgraph = (type.extensions as WithReference).apollo?.subgraph;
  const resolveReference = subgraph?.resolveReference;
  if (access.kind !== 'restricted' || !resolveReference) return;
  // Asynchronous, so that one refused reference leaves the others of its list alone.
  subgraph.resolveReference = async (reference, context, info) => {
    pass(access, type.name, context);
    return resolveReference(reference, context, info);
  };
}

function pass(access: Access, coordinate: string, context: SubgraphContext): void {
  const error = refusal(access, coordinate, context.viewer);
  if (error) throw error;
}
