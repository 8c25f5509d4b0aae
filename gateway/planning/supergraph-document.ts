import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';

/** A definition that has fields. */
export type FieldsOwner = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

export function isFieldsOwner(definition: DefinitionNode): definition is FieldsOwner {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

/** Objects and interfaces of a supergraph by name. */
export function ownersOf(document: DocumentNode): ReadonlyMap<string, FieldsOwner> {
  return new Map(document.definitions.filter(isFieldsOwner).map((owner) => [owner.name.value, owner]));
}

export function argumentOf(directive: ConstDirectiveNode, name: string): ConstArgumentNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name);
}

/** The value of an argument that is a string or the name of an enum's value. */
export function textOf(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = argumentOf(directive, name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

export function isTrue(directive: ConstDirectiveNode, name: string): boolean {
  const value = argumentOf(directive, name)?.value;
  return value?.kind === Kind.BOOLEAN && value.value;
}

/** Names of subgraphs, by the values of `join__Graph` that stand for them in the supergraph. */
export function graphNames(document: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of definition.values ?? []) {
      const graph = directives.find((directive) => directive.name.value === 'join__graph');
      if (graph) names.set(name.value, textOf(graph, 'name') ?? name.value);
    }
  }
  return names;
}

/** The name of a type without lists and exclamation marks. */
export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/** What a set of fields selects, as directives write it: `id owner { id }`. */
export function selectionsOf(fieldSet: string): SelectionSetNode {
  const [operation] = parse(`{${fieldSet}}`, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`${fieldSet} is no set of fields`);
  return operation.selectionSet;
}

/** Names of the fields at the top of a set, those in fragments among them. */
export function topNamesOf(set: SelectionSetNode): readonly string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    return selection.kind === Kind.INLINE_FRAGMENT ? topNamesOf(selection.selectionSet) : [];
  });
}
