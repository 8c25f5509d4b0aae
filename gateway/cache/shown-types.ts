import {
  type DocumentNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

const PREFIX = 'type:';

/** The tag of every answer that shows objects of this type, or how many there are. */
export function typeTag(typename: string): string {
  return `${PREFIX}${typename}`;
}

export function isTypeTag(tag: string): boolean {
  return tag.startsWith(PREFIX);
}

const known = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, readonly string[]>>();

/** Tags of those of these types that answers to a document may show, however deep. Looked for once for each document. */
export function shownTypes(
  schema: GraphQLSchema,
  document: DocumentNode,
  types: ReadonlySet<string>,
): readonly string[] {
  const documents = known.get(schema) ?? new WeakMap<DocumentNode, readonly string[]>();
  known.set(schema, documents);
  const found = documents.get(document);
  if (found) return found;
  const shown = new Set<string>();
  const info = new TypeInfo(schema);
  const look = (): void => {
    for (const name of namesIn(schema, info.getType())) if (types.has(name)) shown.add(typeTag(name));
  };
  visit(document, visitWithTypeInfo(info, { Field: look, InlineFragment: look, FragmentDefinition: look }));
  documents.set(document, [...shown]);
  return [...shown];
}

/** The objects that a field may give: of a connection, which counts its nodes, the nodes as well. */
function namesIn(schema: GraphQLSchema, type: GraphQLOutputType | null | undefined): readonly string[] {
  const named = type && getNamedType(type);
  if (!named) return [];
  const objects = isAbstractType(named) ? schema.getPossibleTypes(named) : isObjectType(named) ? [named] : [];
  return objects.flatMap((object) => {
    const nodes = object.getFields()['nodes'];
    return nodes ? [object.name, getNamedType(nodes.type).name] : [object.name];
  });
}
