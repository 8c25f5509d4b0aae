import {
  type DocumentNode,
  doTypesOverlap,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** What decides which fields of an operation count: its fragments and the truth of its conditions. */
export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Values of the variables that `@skip` and `@include` name. */
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** A type whose fields can be written: an interface only where a subgraph keeps it as an interface object. */
export type FieldsType = GraphQLObjectType | GraphQLInterfaceType;

/** Fields of a type by response name, in the order of the operation; fields of one name are merged. */
export function collectFields(
  scope: SelectionScope,
  type: FieldsType,
  selections: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  const visit = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (!included(selection, scope.conditions)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const merged = fields.get(name);
        if (merged) merged.push(selection);
        else fields.set(name, [selection]);
        continue;
      }
      const fragment = fragmentOf(selection, scope, visited);
      if (fragment && applies(scope.schema, fragment.condition, type)) visit(fragment.selections);
    }
  };
  selections.forEach(visit);
  return fields;
}

function fragmentOf(selection: Exclude<SelectionNode, FieldNode>, scope: SelectionScope, visited: Set<string>) {
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    return { condition: selection.typeCondition?.name.value, selections: selection.selectionSet };
  }
  const { value } = selection.name;
  const fragment = scope.fragments.get(value);
  if (!fragment || visited.has(value)) return undefined;
  visited.add(value);
  return { condition: fragment.typeCondition.name.value, selections: fragment.selectionSet };
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: FieldsType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditional = schema.getType(condition);
  return isAbstractType(conditional) && schema.isSubType(conditional, type);
}

/** Whether what is selected of an interface's object depends on which type it is: a narrower fragment, or `__typename`. */
export function dependsOnType(
  scope: SelectionScope,
  type: GraphQLInterfaceType,
  selections: readonly SelectionSetNode[],
): boolean {
  const visited = new Set<string>();
  const depends = (set: SelectionSetNode): boolean =>
    set.selections.some((selection) => {
      if (!included(selection, scope.conditions)) return false;
      if (selection.kind === Kind.FIELD) return selection.name.value === '__typename';
      const fragment = fragmentOf(selection, scope, visited);
      if (!fragment) return false;
      if (applies(scope.schema, fragment.condition, type)) return depends(fragment.selections);
      const narrower = scope.schema.getType(fragment.condition ?? '');
      return isCompositeType(narrower) && doTypesOverlap(scope.schema, narrower, type);
    });
  return selections.some(depends);
}

/** Whether conditions let a selection count. */
export function included(selection: SelectionNode, conditions: Readonly<Record<string, unknown>>): boolean {
  for (const directive of selection.directives ?? []) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') continue;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const truth =
      value?.kind === Kind.VARIABLE ? conditions[value.name.value] : value?.kind === Kind.BOOLEAN && value.value;
    if (truth === (name === 'skip')) return false;
  }
  return true;
}

/** Names of the variables that `@skip` and `@include` depend on, anywhere in a document. */
export function conditionVariables(document: DocumentNode): ReadonlySet<string> {
  const found = new Set<string>();
  visit(document, {
    Directive(directive) {
      if (directive.name.value !== 'skip' && directive.name.value !== 'include') return;
      for (const { value } of directive.arguments ?? []) {
        if (value.kind === Kind.VARIABLE) found.add(value.name.value);
      }
    },
  });
  return found;
}
