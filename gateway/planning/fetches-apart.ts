import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import type { StandInPaths, StandIns } from './stand-ins.ts';

/** Fields of one fetch that can share representations. */
interface Company {
  readonly needs: StandInPaths;
  readonly fields: ReadonlySet<FieldNode>;
}

/**
 * The fetches that one fetch must become, so that no representation carries a field twice with different arguments: fields that
 * need `price(currency: USD)` are asked for apart from those that need `price(currency: EUR)`.
 */
export function apart(fetch: FetchNode, standIns: StandIns): readonly FetchNode[] {
  if (!fetch.requires || !conflicting(pathsOf(fetch.requires, '', standIns), standIns)) return [fetch];
  const document = parse(fetch.operation, { noLocation: true });
  const companies: Company[] = [];
  for (const { field, types } of entityFields(document)) {
    const needs = new Set(types.flatMap((type) => [...standIns.neededBy(fetch.serviceName, type, field.name.value)]));
    const fitting = companies.findIndex((company) => !conflicting(new Set([...company.needs, ...needs]), standIns));
    const company = companies[fitting];
    const grown = {
      needs: new Set([...(company?.needs ?? []), ...needs]),
      fields: new Set([...(company?.fields ?? []), field]),
    };
    companies.splice(company ? fitting : companies.length, company ? 1 : 0, grown);
  }
  return companies.map((company) => fetchFor(company, fetch, document, standIns));
}

function fetchFor(company: Company, fetch: FetchNode, document: DocumentNode, standIns: StandIns): FetchNode {
  const requires = (fetch.requires ?? []).flatMap((selection) => needed(selection, '', company.needs, standIns));
  return { ...fetchOf(fetch, document, company.fields), requires };
}

/** The fetch, whose operation is `document`, with no other fields of its entities than these. */
export function fetchOf(fetch: FetchNode, document: DocumentNode, fields: ReadonlySet<FieldNode>): FetchNode {
  const { operation, variables } = operationWith(document, fields);
  const variableUsages = (fetch.variableUsages ?? []).filter((name) => variables.has(name));
  return { ...fetch, operation, variableUsages };
}

/** Whether one object would carry two values of one field. */
function conflicting(paths: StandInPaths, { byName }: StandIns): boolean {
  const fields = new Set<string>();
  for (const path of paths) {
    const dot = path.lastIndexOf('.') + 1;
    const field = path.slice(0, dot) + (byName.get(path.slice(dot))?.name ?? path.slice(dot));
    if (fields.has(field)) return true;
    fields.add(field);
  }
  return false;
}

function pathsOf(selections: readonly QueryPlanSelectionNode[], above: string, standIns: StandIns): Set<string> {
  const paths = new Set<string>();
  for (const selection of selections) {
    const isField = selection.kind === 'Field';
    if (isField && standIns.byName.has(selection.name)) paths.add(above + selection.name);
    const below = isField ? `${above}${selection.name}.` : above;
    for (const path of pathsOf(selection.selections ?? [], below, standIns)) paths.add(path);
  }
  return paths;
}

/** What of a representation's selections is for these needs: all but the stand-ins that others need. */
function needed(
  selection: QueryPlanSelectionNode,
  above: string,
  needs: StandInPaths,
  standIns: StandIns,
): readonly QueryPlanSelectionNode[] {
  const isField = selection.kind === 'Field';
  if (isField && standIns.byName.has(selection.name) && !needs.has(above + selection.name)) return [];
  if (!selection.selections || selection.selections.length === 0) return [selection];
  const below = isField ? `${above}${selection.name}.` : above;
  const selections = selection.selections.flatMap((nested) => needed(nested, below, needs, standIns));
  return selections.length > 0 ? [{ ...selection, selections }] : [];
}

/** A field that an entity fetch asks its entities for. */
export interface EntityField {
  readonly field: FieldNode;
  /** Names of the types in whose selections it stands, the innermost last. */
  readonly types: readonly string[];
}

/** The fields that an entity fetch asks its entities for. */
export function entityFields(document: DocumentNode): readonly EntityField[] {
  const found: EntityField[] = [];
  const collect = (set: SelectionSetNode | undefined, types: readonly string[]): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) found.push({ field: selection, types });
      if (selection.kind !== Kind.INLINE_FRAGMENT) continue;
      const type = selection.typeCondition?.name.value;
      collect(selection.selectionSet, type === undefined ? types : [...types, type]);
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind === Kind.FIELD) collect(selection.selectionSet, []);
    }
  }
  return found;
}

function operationWith(document: DocumentNode, fields: ReadonlySet<FieldNode>) {
  const all = new Set(entityFields(document).map(({ field }) => field));
  const kept = visit(document, {
    Field: (node) => (all.has(node) && !fields.has(node) ? null : undefined),
    InlineFragment: { leave: (node) => (hasSelections(node) ? undefined : null) },
  });
  const variables = new Set<string>();
  visit(kept, {
    VariableDefinition: () => false,
    Variable: (node) => void variables.add(node.name.value),
  });
  const pruned = visit(kept, {
    VariableDefinition: (node) => (variables.has(node.variable.name.value) ? undefined : null),
  });
  return { operation: stripIgnoredCharacters(print(pruned)), variables };
}

function hasSelections(node: SelectionNode): boolean {
  return node.kind !== Kind.INLINE_FRAGMENT || node.selectionSet.selections.length > 0;
}
