import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  argumentOf,
  type FieldsOwner,
  graphNames,
  isFieldsOwner,
  namedType,
  ownersOf,
  textOf,
} from './supergraph-document.ts';

/** Begins the name of every stand-in: no response name of a client may begin so on its way through planner and subgraphs. */
export const STAND_IN_PREFIX = '_required';

/** A field with the arguments that `@requires` gives it. */
export interface RequiredField {
  readonly name: string;
  readonly arguments: readonly ConstArgumentNode[];
}

/** Places of stand-ins below an entity, such as `category._required0_price`. */
export type StandInPaths = ReadonlySet<string>;

/** Fields without arguments that stand, in the planner's supergraph, for what `@requires` asks for with arguments. */
export interface StandIns {
  readonly byName: ReadonlyMap<string, RequiredField>;
  /** What a field needs in the representation that its subgraph is given. */
  neededBy(subgraph: string, type: string, field: string): StandInPaths;
}

interface Finding {
  readonly owners: ReadonlyMap<string, FieldsOwner>;
  readonly byName: Map<string, RequiredField>;
  readonly byText: Map<string, string>;
  /** Stand-ins to be added to each type. */
  readonly added: Map<string, Set<string>>;
  readonly needs: Map<string, Set<string>>;
  readonly graphs: ReadonlyMap<string, string>;
}

const NONE: StandInPaths = new Set();

/**
 * The supergraph with stand-ins. Apollo's planner keeps the fields of an object apart by their response names alone: without
 * this, a client's arguments and those of `@requires`, or of two of them, would be taken for the same.
 */
export function withStandIns(document: DocumentNode): { readonly document: DocumentNode; readonly standIns: StandIns } {
  const finding: Finding = {
    owners: ownersOf(document),
    byName: new Map(),
    byText: new Map(),
    added: new Map(),
    needs: new Map(),
    graphs: graphNames(document),
  };
  const changed = document.definitions.map((definition) =>
    isFieldsOwner(definition) ? requiringStandIns(definition, finding) : definition,
  );
  const definitions = changed.map((definition) =>
    isFieldsOwner(definition) ? havingStandIns(definition, finding) : definition,
  );
  const { byName, needs } = finding;
  return {
    document: { ...document, definitions },
    standIns: { byName, neededBy: (...place) => needs.get(place.join('.')) ?? NONE },
  };
}

function requiringStandIns(owner: FieldsOwner, finding: Finding): FieldsOwner {
  const fields = owner.fields?.map((field) => {
    const directives = field.directives?.map((directive) => {
      const required = directive.name.value === 'join__field' ? textOf(directive, 'requires') : undefined;
      if (required === undefined) return directive;
      const needs = new Set<string>();
      const selections = selectionsOf(required);
      const replaced = replacing(selections, { finding, needs, type: owner.name.value, above: '' });
      if (needs.size === 0) return directive;
      noteNeeds(finding, directive, `${owner.name.value}.${field.name.value}`, needs);
      return withArgument(directive, 'requires', print(replaced).replace(/^\{|\}$/g, ''));
    });
    return directives ? { ...field, directives } : field;
  });
  return { ...owner, ...(fields ? { fields } : {}) };
}

function noteNeeds(finding: Finding, directive: ConstDirectiveNode, field: string, needs: ReadonlySet<string>): void {
  const graph = textOf(directive, 'graph');
  for (const [value, subgraph] of finding.graphs) {
    if (graph === undefined || graph === value) finding.needs.set(`${subgraph}.${field}`, new Set(needs));
  }
}

function selectionsOf(fieldSet: string): SelectionSetNode {
  const [operation] = parse(`{${fieldSet}}`, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`${fieldSet} is no set of fields`);
  return operation.selectionSet;
}

interface Replacing {
  readonly finding: Finding;
  readonly needs: Set<string>;
  readonly type: string;
  /** The path of the object, ending in a dot; empty for the entity. */
  readonly above: string;
}

function replacing(set: SelectionSetNode, at: Replacing): SelectionSetNode {
  return { ...set, selections: set.selections.map((selection) => replaced(selection, at)) };
}

function replaced(selection: SelectionNode, at: Replacing): SelectionNode {
  if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const type = selection.typeCondition?.name.value ?? at.type;
    return { ...selection, selectionSet: replacing(selection.selectionSet, { ...at, type }) };
  }
  const definition = at.finding.owners.get(at.type)?.fields?.find(({ name }) => name.value === selection.name.value);
  if (!definition) return selection;
  const takesArguments = (definition.arguments ?? []).length > 0;
  const name = takesArguments ? standInFor(selection, at) : selection.name.value;
  const inside = { ...at, type: namedType(definition.type), above: `${at.above}${name}.` };
  const { arguments: _, selectionSet, ...field } = selection;
  return {
    ...field,
    name: { kind: Kind.NAME, value: name },
    ...(selectionSet ? { selectionSet: replacing(selectionSet, inside) } : {}),
  };
}

function standInFor(field: FieldNode, { finding, needs, type, above }: Replacing): string {
  const given = (field.arguments ?? []) as readonly ConstArgumentNode[];
  const text = `${field.name.value}(${given.map(print).sort().join()})`;
  const name = finding.byText.get(text) ?? `${STAND_IN_PREFIX}${finding.byText.size}_${field.name.value}`;
  finding.byText.set(text, name);
  finding.byName.set(name, { name: field.name.value, arguments: given });
  for (const [candidate, owner] of finding.owners) {
    if (candidate !== type && !owner.interfaces?.some((implemented) => implemented.name.value === type)) continue;
    const added = finding.added.get(candidate) ?? new Set();
    finding.added.set(candidate, added.add(name));
  }
  needs.add(`${above}${name}`);
  return name;
}

/** A stand-in is where its field is, and what is true of one there is true of the other. */
function havingStandIns(owner: FieldsOwner, { added, byName, needs, graphs }: Finding): FieldsOwner {
  const fields: FieldDefinitionNode[] = [...(owner.fields ?? [])];
  for (const standIn of added.get(owner.name.value) ?? []) {
    const original = owner.fields?.find(({ name }) => name.value === byName.get(standIn)?.name);
    if (!original) continue;
    const directives = original.directives?.filter(({ name }) => name.value === 'join__field') ?? [];
    const name = { kind: Kind.NAME, value: standIn } as const;
    fields.push({ kind: Kind.FIELD_DEFINITION, name, type: original.type, directives });
    for (const subgraph of graphs.values()) {
      const needed = needs.get(`${subgraph}.${owner.name.value}.${original.name.value}`);
      if (needed) needs.set(`${subgraph}.${owner.name.value}.${standIn}`, needed);
    }
  }
  return { ...owner, fields };
}

function withArgument(directive: ConstDirectiveNode, name: string, value: string): ConstDirectiveNode {
  const changed = argumentOf(directive, name);
  const replacement = { kind: Kind.STRING, value } as const;
  return {
    ...directive,
    arguments: directive.arguments?.map((each) => (each === changed ? { ...each, value: replacement } : each)) ?? [],
  };
}
