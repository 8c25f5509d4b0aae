import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** A field that an operation selects, under the name that it has in the answer. */
export interface Selected {
  readonly name: string;
  readonly type: GraphQLOutputType;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  /** False where a directive or a type condition may leave it out. */
  readonly always: boolean;
  /** Fields below it; empty for a scalar. */
  readonly fields: readonly Selected[];
}

/** What an operation selects, fragments put in their place. */
export function selectionOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly Selected[] {
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`the schema has no ${operation.operation}`);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  return [...fieldsOf({ schema, fragments }, root, operation.selectionSet, true).values()];
}

interface Scope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

function fieldsOf(
  scope: Scope,
  parent: GraphQLCompositeType,
  { selections }: SelectionSetNode,
  always: boolean,
): Map<string, Selected> {
  const fields = new Map<string, Selected>();
  const add = (field: Selected): void => {
    const known = fields.get(field.name);
    fields.set(field.name, known ? merged(known, field) : field);
  };
  for (const selection of selections) {
    const certain = always && (selection.directives ?? []).length === 0;
    if (selection.kind === Kind.FIELD) {
      if (!isObjectType(parent) && !isInterfaceType(parent)) continue;
      const field = parent.getFields()[selection.name.value];
      if (!field) continue;
      const type = getNamedType(field.type);
      add({
        name: selection.alias?.value ?? selection.name.value,
        type: field.type,
        description: field.description ?? undefined,
        deprecated: field.deprecationReason !== undefined && field.deprecationReason !== null,
        always: certain,
        fields:
          selection.selectionSet && isCompositeType(type)
            ? [...fieldsOf(scope, type, selection.selectionSet, true).values()]
            : [],
      });
      continue;
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? scope.fragments.get(selection.name.value) : selection;
    if (!fragment) continue;
    const condition = fragment.typeCondition?.name.value;
    const type = condition === undefined ? parent : scope.schema.getType(condition);
    if (!isCompositeType(type)) continue;
    for (const field of fieldsOf(scope, type, fragment.selectionSet, certain && type === parent).values()) add(field);
  }
  return fields;
}

function merged(a: Selected, b: Selected): Selected {
  const fields = new Map(a.fields.map((field) => [field.name, field]));
  for (const field of b.fields) {
    const known = fields.get(field.name);
    fields.set(field.name, known ? merged(known, field) : field);
  }
  return { ...a, always: a.always || b.always, fields: [...fields.values()] };
}

/** The field at a path such as `device.series`, through lists; undefined when the operation does not select it. */
export function selectedAt(selection: readonly Selected[], path: readonly string[]): Selected | undefined {
  let fields = selection;
  let found: Selected | undefined;
  for (const name of path) {
    found = fields.find((field) => field.name === name);
    if (!found) return undefined;
    fields = found.fields;
  }
  return found;
}

/** Whether a type is a list, nullable or not. */
export function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
