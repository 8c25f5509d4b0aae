import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type FieldNode, parse } from 'graphql';
import { entityFields, fetchOf } from './fetches-apart.ts';
import { withFetches } from './restored-plan.ts';
import type { Requirements } from './unmet-requirements.ts';
import type { KeysBySubgraph } from './whole-representations.ts';

/** What is known of a supergraph. */
export interface ApartBy {
  readonly keys: KeysBySubgraph;
  readonly requirements: Requirements;
  readonly interfaceObjects: ReadonlySet<string>;
}

/**
 * The plan with fields of interface objects that require different things asked for apart. Of some objects the planner wants one field, of all another, and
 * merges both into one fetch whose representations carry what either requires: an object that lacks what it was not asked for would not be sent at all.
 */
export function withRequirementsApart(plan: QueryPlan, apartBy: ApartBy): QueryPlan {
  const { requirements, interfaceObjects } = apartBy;
  if (requirements.required.size === 0 || interfaceObjects.size === 0) return plan;
  return withFetches(plan, (fetch) => {
    // Where there is one part, all objects are asked for the same.
    if ((fetch.requires?.length ?? 0) < 2) return [fetch];
    const document = parse(fetch.operation, { noLocation: true });
    const companies = new Map<string, { readonly needs: ReadonlySet<string>; readonly fields: Set<FieldNode> }>();
    for (const { field, types } of entityFields(document)) {
      const type = types.at(-1) ?? '';
      const required = requirements.required.get(`${fetch.serviceName}.${type}.${field.name.value}`) ?? [];
      const needs = new Set(interfaceObjects.has(type) ? [...required].map(topOf) : []);
      const name = [...needs].sort().join(' ');
      const company = companies.get(name) ?? { needs, fields: new Set() };
      company.fields.add(field);
      companies.set(name, company);
    }
    if (companies.size < 2) return [fetch];
    return [...companies.values()].map(({ needs, fields }) => ({
      ...fetchOf(fetch, document, fields),
      requires: carrying(fetch, needs, apartBy.keys),
    }));
  });
}

function topOf(place: string): string {
  return place.split('.', 1)[0] ?? place;
}

/** A representation's parts with no more than keys and what is needed. */
function carrying(
  { requires = [], serviceName }: FetchNode,
  needs: ReadonlySet<string>,
  keys: KeysBySubgraph,
): QueryPlanSelectionNode[] {
  return requires.map((part) => {
    if (part.kind !== 'InlineFragment') return part;
    const ofKeys = keys.get(`${serviceName}.${part.typeCondition}`) ?? [];
    const isKept = (selection: QueryPlanSelectionNode): boolean =>
      selection.kind !== 'Field' ||
      selection.name === '__typename' ||
      needs.has(selection.name) ||
      ofKeys.some((key) => key.has(selection.name));
    return { ...part, selections: part.selections.filter(isKept) };
  });
}
