import { type ConstDirectiveNode, type FieldDefinitionNode, Kind, parse, type ValueNode } from 'graphql';

/** How long a list is taken to be, as `@listSize` says. */
export interface ListSize {
  /** Length when no slicing argument gives one. */
  readonly assumed: number | undefined;
  /** Arguments that bound the length; with several, the largest given counts. */
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that are the list, as `nodes` of a connection; empty when the field itself is it. */
  readonly sizedFields: readonly string[];
}

/** What one field or type declares of its cost. */
export interface DeclaredCost {
  readonly weight: number | undefined;
  readonly list: ListSize | undefined;
}

/** Declared costs by field coordinate, as `Query.devices`, and of types by their name. */
export type DeclaredCosts = ReadonlyMap<string, DeclaredCost>;

/** Reads `@cost` and `@listSize` of a supergraph. Source of their meaning: IBM, GraphQL Cost Directives specification (2021). */
export function declaredCostsOf(supergraphSdl: string): DeclaredCosts {
  const costs = new Map<string, DeclaredCost>();
  const note = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void => {
    const declared = declaredIn(directives ?? []);
    if (declared.weight !== undefined || declared.list !== undefined) costs.set(coordinate, declared);
  };
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (!('directives' in definition) || !('name' in definition) || definition.name === undefined) continue;
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) continue;
    note(definition.name.value, definition.directives as readonly ConstDirectiveNode[] | undefined);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) noteField(definition.name.value, field, note);
  }
  return costs;
}

function noteField(
  typeName: string,
  field: FieldDefinitionNode,
  note: (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) => void,
): void {
  note(`${typeName}.${field.name.value}`, field.directives);
}

function declaredIn(directives: readonly ConstDirectiveNode[]): DeclaredCost {
  const listSize = directives.find(({ name }) => name.value === 'listSize');
  return {
    weight: wholeNumber(argumentOf(directives.find(({ name }) => name.value === 'cost')?.arguments, 'weight')),
    list: listSize && {
      assumed: wholeNumber(argumentOf(listSize.arguments, 'assumedSize')),
      slicingArguments: names(argumentOf(listSize.arguments, 'slicingArguments')),
      sizedFields: names(argumentOf(listSize.arguments, 'sizedFields')),
    },
  };
}

function argumentOf(given: ConstDirectiveNode['arguments'], name: string): ValueNode | undefined {
  return given?.find((argument) => argument.name.value === name)?.value;
}

function wholeNumber(value: ValueNode | undefined): number | undefined {
  return value?.kind === Kind.INT ? Number(value.value) : undefined;
}

function names(value: ValueNode | undefined): readonly string[] {
  if (value?.kind !== Kind.LIST) return [];
  return value.values.flatMap((item) => (item.kind === Kind.STRING ? [item.value] : []));
}
