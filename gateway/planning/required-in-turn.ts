import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import {
  type FieldsOwner,
  graphNames,
  isFieldsOwner,
  isTrue,
  namedType,
  ownersOf,
  selectionsOf,
  textOf,
  topNamesOf,
} from './supergraph-document.ts';

/** A supergraph and the real names of the subgraphs that it makes up. */
export interface SplitSupergraph {
  readonly document: DocumentNode;
  readonly subgraphs: ReadonlyMap<string, string>;
}

/** A field that is required by another and has requirements of its own, and the graph that it gets for itself. */
interface Between {
  readonly type: string;
  readonly field: string;
  readonly graph: string;
  readonly own: string;
  /** What the field requires, as `Type.field`. */
  readonly needed: ReadonlySet<string>;
  readonly owners: ReadonlyMap<string, FieldsOwner>;
}

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

/**
 * The supergraph with a subgraph of its own for each field that is required by another and requires something itself. Apollo's
 * planner merges fetches of one subgraph too eagerly there, and asks for such a field before what it requires is known; between
 * two subgraphs it merges nothing.
 */
export function withRequiredInTurnApart(document: DocumentNode): SplitSupergraph {
  const between = requiredInTurn(document);
  if (between.length === 0) return { document, subgraphs: new Map() };
  const names = graphNames(document);
  const subgraphs = new Map<string, string>();
  for (const { own, graph } of between) subgraphs.set(own, names.get(graph) ?? graph);
  const definitions = between.reduce<readonly DefinitionNode[]>(
    (all, each) => all.map((definition) => withGraph(definition, each)),
    document.definitions,
  );
  return { document: { ...document, definitions }, subgraphs };
}

function requiredInTurn(document: DocumentNode): readonly Between[] {
  const owners = ownersOf(document);
  const required = new Set<string>();
  const requiring: { type: string; field: string; graph: string; fields: SelectionSetNode }[] = [];
  for (const [type, { fields = [] }] of owners) {
    for (const { name, directives = [] } of fields) {
      for (const directive of directives) {
        const fieldSet = directive.name.value === 'join__field' ? textOf(directive, 'requires') : undefined;
        if (fieldSet === undefined) continue;
        const selections = selectionsOf(fieldSet);
        noteFields(selections, type, owners, required);
        requiring.push({ type, field: name.value, graph: textOf(directive, 'graph') ?? '', fields: selections });
      }
    }
  }
  const inTurn = requiring.map(({ type, field, graph, fields }) => {
    const needed = new Set<string>();
    noteFields(fields, type, owners, needed);
    return { type, field, graph, own: `${graph}__${type}__${field}`, needed, owners };
  });
  const withRequirements = new Set(inTurn.map(({ type, field }) => `${type}.${field}`));
  return inTurn.filter(
    ({ type, field, needed }) =>
      required.has(`${type}.${field}`) || [...needed].some((place) => withRequirements.has(place)),
  );
}

function noteFields(
  set: SelectionSetNode,
  type: string,
  owners: ReadonlyMap<string, FieldsOwner>,
  into: Set<string>,
): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      noteFields(selection.selectionSet, selection.typeCondition?.name.value ?? type, owners, into);
    } else if (selection.kind === Kind.FIELD) {
      into.add(`${type}.${selection.name.value}`);
      const field = owners.get(type)?.fields?.find(({ name }) => name.value === selection.name.value);
      if (field && selection.selectionSet) noteFields(selection.selectionSet, namedType(field.type), owners, into);
    }
  }
}

function keysOf(owner: FieldsOwner | undefined, graph: string): readonly string[] {
  return (owner?.directives ?? []).flatMap((directive) => {
    const key = joins(directive, 'join__type', graph) ? textOf(directive, 'key') : undefined;
    return key === undefined ? [] : topNamesOf(selectionsOf(key));
  });
}

/** Fields that a type has because of its interfaces. */
function inherited(owners: ReadonlyMap<string, FieldsOwner>, type: string): readonly string[] {
  const interfaces = owners.get(type)?.interfaces ?? [];
  return interfaces.flatMap(({ name }) => owners.get(name.value)?.fields?.map((field) => field.name.value) ?? []);
}

function joins(directive: ConstDirectiveNode, name: string, graph: string): boolean {
  return directive.name.value === name && textOf(directive, 'graph') === graph;
}

/** A definition with everything that the field's own graph shares with the one that it is taken from. */
function withGraph(definition: DefinitionNode, between: Between): DefinitionNode {
  if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph') {
    return withGraphValue(definition, between);
  }
  if (!('directives' in definition) || definition.kind === Kind.DIRECTIVE_DEFINITION) return definition;
  const also = <T extends { readonly directives?: readonly ConstDirectiveNode[] }>(node: T): T => ({
    ...node,
    directives: (node.directives ?? []).flatMap((directive) =>
      textOf(directive, 'graph') === between.graph ? [directive, retargeted(directive, between.own)] : [directive],
    ),
  });
  const joined = also(definition as typeof definition & { directives?: readonly ConstDirectiveNode[] });
  if (joined.kind === Kind.ENUM_TYPE_DEFINITION) return { ...joined, values: (joined.values ?? []).map(also) };
  if (joined.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return { ...joined, fields: (joined.fields ?? []).map(also) };
  return isFieldsOwner(joined) ? withFields(joined, between) : joined;
}

function withGraphValue(definition: EnumTypeDefinitionNode, { graph, own }: Between): EnumTypeDefinitionNode {
  const original = definition.values?.find(({ name }) => name.value === graph);
  if (!original) return definition;
  const directives = original.directives?.map((directive) => ({
    ...directive,
    arguments: directive.arguments?.map((argument) =>
      argument.name.value === 'name' ? { ...argument, value: { kind: Kind.STRING, value: own } as const } : argument,
    ),
  })) as readonly ConstDirectiveNode[];
  const value = { ...original, name: { kind: Kind.NAME, value: own } as const, directives };
  return { ...definition, values: [...(definition.values ?? []), value] };
}

function withFields(owner: FieldsOwner, between: Between): FieldsOwner {
  const type = owner.name.value;
  if (ROOTS.has(type)) return owner;
  const isEntity = owner.directives?.some(
    (directive) => joins(directive, 'join__type', between.graph) && textOf(directive, 'key') !== undefined,
  );
  const kept = new Set([...keysOf(owner, between.graph), ...inherited(between.owners, type)]);
  const fields = owner.fields?.map((field) => {
    if (type === between.type && field.name.value === between.field) return moved(field, between);
    const isKept = kept.has(field.name.value) || between.needed.has(`${type}.${field.name.value}`);
    return isEntity && !isKept ? field : shared(field, between);
  });
  return { ...owner, ...(fields ? { fields } : {}) };
}

function moved(field: FieldDefinitionNode, { graph, own }: Between): FieldDefinitionNode {
  const directives = field.directives?.map((directive) =>
    joins(directive, 'join__field', graph) && textOf(directive, 'requires') !== undefined
      ? retargeted(directive, own)
      : directive,
  );
  return { ...field, ...(directives ? { directives } : {}) };
}

function shared(field: FieldDefinitionNode, { graph, own }: Between): FieldDefinitionNode {
  const directives = field.directives?.flatMap((directive) => {
    if (!joins(directive, 'join__field', graph) || isTrue(directive, 'usedOverridden')) return [directive];
    if (textOf(directive, 'requires') !== undefined) return [directive];
    return [directive, without(retargeted(directive, own), 'provides', 'override', 'overrideLabel')];
  });
  return { ...field, ...(directives ? { directives } : {}) };
}

function retargeted(directive: ConstDirectiveNode, graph: string): ConstDirectiveNode {
  return {
    ...directive,
    arguments: (directive.arguments ?? []).map((argument) =>
      argument.name.value === 'graph' ? { ...argument, value: { kind: Kind.ENUM, value: graph } as const } : argument,
    ),
  };
}

function without(directive: ConstDirectiveNode, ...names: readonly string[]): ConstDirectiveNode {
  return { ...directive, arguments: (directive.arguments ?? []).filter(({ name }) => !names.includes(name.value)) };
}
