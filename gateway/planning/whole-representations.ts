import type { QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { DocumentNode } from 'graphql';
import type { TypeConditions } from '../executor/type-conditions.ts';
import { withFetches } from './restored-plan.ts';
import { graphNames, ownersOf, selectionsOf, textOf, topNamesOf } from './supergraph-document.ts';

/** For each `subgraph.Type`, its keys there as the names at their top. */
export type KeysBySubgraph = ReadonlyMap<string, readonly ReadonlySet<string>[]>;

type Fragment = Extract<QueryPlanSelectionNode, { readonly kind: 'InlineFragment' }>;

/** The keys by which subgraphs know objects; an object has those of its interfaces as well. */
export function keysBySubgraph(document: DocumentNode): KeysBySubgraph {
  const owners = ownersOf(document);
  const graphs = graphNames(document);
  const keys = new Map<string, ReadonlySet<string>[]>();
  for (const [type, { interfaces = [] }] of owners) {
    for (const owner of [type, ...interfaces.map(({ name }) => name.value)]) {
      for (const directive of owners.get(owner)?.directives ?? []) {
        const key = directive.name.value === 'join__type' ? textOf(directive, 'key') : undefined;
        if (key === undefined) continue;
        const place = `${graphs.get(textOf(directive, 'graph') ?? '')}.${type}`;
        keys.set(place, [...(keys.get(place) ?? []), new Set(topNamesOf(selectionsOf(key)))]);
      }
    }
  }
  return keys;
}

/**
 * The plan with a key in each part of a representation. For a field that only some objects of an interface are asked for, the planner writes their key
 * and the interface's requirement as two parts; an object of another type that has what is required would be sent without a key.
 */
export function withWholeRepresentations(plan: QueryPlan, keys: KeysBySubgraph, types: TypeConditions): QueryPlan {
  return withFetches(plan, (fetch) => {
    const parts = fetch.requires?.filter((part): part is Fragment => part.kind === 'InlineFragment') ?? [];
    const keyless = parts.filter((part) => !hasKey(part, fetch.serviceName, keys));
    if (keyless.length === 0 || keyless.length === parts.length) return [fetch];
    const whole = parts.filter((part) => !keyless.includes(part));
    const covering = (part: Fragment): readonly Fragment[] =>
      keyless.filter((each) => types(each.typeCondition ?? '').has(part.typeCondition ?? ''));
    const joined = whole.map((part) => ({
      ...part,
      selections: [...part.selections, ...covering(part).flatMap(({ selections }) => selections)],
    }));
    const used = new Set(whole.flatMap(covering));
    return [{ ...fetch, requires: [...joined, ...keyless.filter((each) => !used.has(each))] }];
  });
}

function hasKey({ typeCondition = '', selections }: Fragment, subgraph: string, keys: KeysBySubgraph): boolean {
  const names = new Set(selections.flatMap((each) => (each.kind === 'Field' ? [each.name] : [])));
  return (keys.get(`${subgraph}.${typeCondition}`) ?? []).some((key) => [...key].every((name) => names.has(name)));
}
