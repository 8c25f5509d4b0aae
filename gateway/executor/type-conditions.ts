import { type GraphQLSchema, isAbstractType } from 'graphql';

/** For a type condition, the names of the types that fulfil it; looked up once. */
export type TypeConditions = (condition: string) => ReadonlySet<string>;

/** Type conditions in a supergraph, where an interface may also stand for itself as an interface object. */
export function typeConditions(schema: GraphQLSchema): TypeConditions {
  const known = new Map<string, ReadonlySet<string>>();
  return (condition) => {
    const found = known.get(condition);
    if (found) return found;
    const names = new Set([condition]);
    const type = schema.getType(condition);
    if (type && isAbstractType(type)) {
      for (const possible of schema.getPossibleTypes(type)) names.add(possible.name);
      if ('getInterfaces' in type) for (const sub of schema.getImplementations(type).interfaces) names.add(sub.name);
    }
    known.set(condition, names);
    return names;
  };
}
