import { type Access, both, declaredAccess, inWords } from '@greencity/platform/graphql/access';
import { type GraphQLSchema, isInterfaceType, isObjectType, Kind, parse } from 'graphql';

/** Requirements of the supergraph by field coordinate, as `Mutation.signOut`. Fields that are missing are open to anyone here; their subgraph may know better. */
export type FieldAccess = ReadonlyMap<string, Access>;

/** Reads `@authenticated` and `@requiresScopes` from a supergraph: at a field, at its type, and at both, when both must hold. */
export function fieldAccessOf(supergraphSdl: string): FieldAccess {
  const restricted = new Map<string, Access>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const ofType = declaredAccess(definition.directives);
    for (const field of definition.fields ?? []) {
      const access = both(ofType, declaredAccess(field.directives));
      if (access.kind === 'restricted') restricted.set(`${definition.name.value}.${field.name.value}`, access);
    }
  }
  return restricted;
}

/** Says in the description of each restricted field what it needs, so that introspection and GraphiQL show it. */
export function describeAccess(schema: GraphQLSchema, access: FieldAccess): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const needed = access.get(`${type.name}.${field.name}`);
      if (needed === undefined) continue;
      const sentence = inWords(needed)
        .replace(/^n/, 'N')
        .replace(/[a-z]+:[a-z*]+/g, '`$&`');
      field.description = [field.description?.trim(), `${sentence}.`].filter(Boolean).join(' ');
    }
  }
  return schema;
}

/** The requirements of a supergraph, after they were added to the descriptions of what clients see of it. */
export function shownAccess(apiSchema: GraphQLSchema, supergraphSdl: string): FieldAccess {
  const access = fieldAccessOf(supergraphSdl);
  describeAccess(apiSchema, access);
  return access;
}
