import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { AppError } from '@greencity/platform/errors';
import { type DocumentNode, Kind, parse, type SelectionSetNode } from 'graphql';
import {
  type FieldsOwner,
  graphNames,
  isTrue,
  namedType,
  ownersOf,
  selectionsOf,
  textOf,
} from './supergraph-document.ts';

/** What fields require, which fields bring with them what others give, and what subgraphs cannot give by themselves. */
export interface Requirements {
  readonly owners: ReadonlyMap<string, FieldsOwner>;
  /** Places of fields below an entity, by `subgraph.Type.field`. */
  readonly required: ReadonlyMap<string, ReadonlySet<string>>;
  /** Places of fields that a field with `@provides` brings with it, by `subgraph.Type.field`. */
  readonly provided: ReadonlyMap<string, ReadonlySet<string>>;
  /** Fields, as `subgraph.Type.field`, that a subgraph only has where another field brings them with it. */
  readonly external: ReadonlySet<string>;
}

/** The requirements of a supergraph. */
export function requirementsOf(document: DocumentNode): Requirements {
  const owners = ownersOf(document);
  const graphs = graphNames(document);
  const required = new Map<string, ReadonlySet<string>>();
  const provided = new Map<string, ReadonlySet<string>>();
  const external = new Set<string>();
  for (const [type, { fields = [] }] of owners) {
    for (const { name, directives = [] } of fields) {
      for (const directive of directives) {
        if (directive.name.value !== 'join__field') continue;
        const place = `${graphs.get(textOf(directive, 'graph') ?? '')}.${type}.${name.value}`;
        const requires = textOf(directive, 'requires');
        const provides = textOf(directive, 'provides');
        if (requires !== undefined) required.set(place, placesOf(requires));
        if (provides !== undefined) provided.set(place, placesOf(provides));
        if (isTrue(directive, 'external')) external.add(place);
      }
    }
  }
  return { owners, required, provided, external };
}

/**
 * Holds that a plan asks for a field only with what it requires, and of no subgraph what it does not have. Where a required field requires others in turn,
 * Apollo's planner sometimes merges two fetches of one subgraph and forgets that the second needs what comes between them.
 * @throws AppError UNAVAILABLE
 */
export function checkRequirements(plan: QueryPlan, requirements: Requirements): void {
  if (requirements.required.size === 0) return;
  for (const fetch of fetchesOf(plan.node)) {
    const document = parse(fetch.operation, { noLocation: true });
    const carried = new Set(placesCarried(fetch.requires ?? [], ''));
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const kind = definition.operation;
      const root = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
      const { serviceName: subgraph } = fetch;
      checkSelections(definition.selectionSet, { subgraph, type: root, carried, brought: NOTHING, requirements });
    }
  }
}

interface Checking {
  readonly subgraph: string;
  readonly type: string;
  /** What the representation of the object holds. */
  readonly carried: ReadonlySet<string>;
  /** What the fields above bring with them. */
  readonly brought: ReadonlySet<string>;
  readonly requirements: Requirements;
}

const NOTHING: ReadonlySet<string> = new Set();

function checkSelections(set: SelectionSetNode | undefined, at: Checking): void {
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      checkSelections(selection.selectionSet, { ...at, type: selection.typeCondition?.name.value ?? at.type });
    } else if (selection.kind === Kind.FIELD && selection.name.value === '_entities') {
      checkSelections(selection.selectionSet, at);
    } else if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const place = `${at.subgraph}.${at.type}.${name}`;
      for (const needed of at.requirements.required.get(place) ?? []) {
        if (at.carried.has(needed)) continue;
        throw new AppError('UNAVAILABLE', `${at.type}.${name}: what it requires cannot be put in front of it`);
      }
      if (at.requirements.external.has(place) && !at.brought.has(name)) {
        throw new AppError('UNAVAILABLE', `${at.type}.${name}: the planner looks for it where it is not`);
      }
      const field = at.requirements.owners.get(at.type)?.fields?.find((each) => each.name.value === name);
      if (!field) continue;
      const brought = new Set([...(at.requirements.provided.get(place) ?? []), ...placesBelow(name, at.brought)]);
      checkSelections(selection.selectionSet, { ...at, type: namedType(field.type), carried: brought, brought });
    }
  }
}

function placesBelow(name: string, places: ReadonlySet<string>): readonly string[] {
  return [...places].filter((place) => place.startsWith(`${name}.`)).map((place) => place.slice(name.length + 1));
}

function* fetchesOf(node: QueryPlan['node'] | PlanNode): Generator<FetchNode> {
  if (!node) return;
  switch (node.kind) {
    case 'Fetch':
      yield node;
      break;
    case 'Flatten':
      yield* fetchesOf(node.node);
      break;
    case 'Sequence':
    case 'Parallel':
      for (const nested of node.nodes) yield* fetchesOf(nested);
      break;
    case 'Subscription':
      yield node.primary;
      yield* fetchesOf(node.rest);
      break;
    case 'Condition':
    case 'Defer':
      throw new Error(`the planner was not asked for a ${node.kind}`);
  }
}

/** Places of the fields in a set, each with the fields above it. */
function placesOf(fieldSet: string): ReadonlySet<string> {
  const places = new Set<string>();
  const collect = (set: SelectionSetNode | undefined, above: string): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, above);
      if (selection.kind !== Kind.FIELD) continue;
      places.add(above + selection.name.value);
      collect(selection.selectionSet, `${above}${selection.name.value}.`);
    }
  };
  collect(selectionsOf(fieldSet), '');
  return places;
}

function* placesCarried(selections: readonly QueryPlanSelectionNode[], above: string): Generator<string> {
  for (const selection of selections) {
    const isField = selection.kind === 'Field';
    if (isField) yield above + selection.name;
    yield* placesCarried(selection.selections ?? [], isField ? `${above}${selection.name}.` : above);
  }
}
