import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { AppError } from '@greencity/platform/errors';
import { type DocumentNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { operationOf } from './operation-of.ts';

/**
 * Holds that a plan fetches every root field of its operation. The planner leaves a field out when no subgraph can give what
 * is asked of it, and says nothing; without this the answer would be a null that looks like one of the data.
 * @throws AppError UNAVAILABLE
 */
export function checkAnswerable(plan: QueryPlan, document: DocumentNode, operationName: string | undefined): void {
  const fetched = new Set<string>();
  for (const { operation } of rootFetches(plan.node)) {
    for (const name of rootNames(parse(operation, { noLocation: true }), undefined)) fetched.add(name);
  }
  for (const name of rootNames(document, operationName)) {
    if (!fetched.has(name)) throw new AppError('UNAVAILABLE', `${name}: no subgraph can give what is asked of it`);
  }
}

function* rootFetches(node: QueryPlan['node']): Generator<FetchNode> {
  if (!node) return;
  switch (node.kind) {
    case 'Fetch':
      yield node;
      break;
    case 'Subscription':
      yield node.primary;
      break;
    case 'Sequence':
    case 'Parallel':
      for (const nested of node.nodes) yield* rootFetches(nested);
      break;
    default:
  }
}

/** Response names at the root, introspection aside. */
function rootNames(document: DocumentNode, operationName: string | undefined): Set<string> {
  const names = new Set<string>();
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const collect = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) collect(fragments.get(selection.name.value));
      else if (!selection.name.value.startsWith('__')) names.add(selection.alias?.value ?? selection.name.value);
    }
  };
  collect(operationOf(document, operationName).selectionSet);
  return names;
}
