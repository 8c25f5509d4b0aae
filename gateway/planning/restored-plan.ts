import type {
  FetchDataRewrite,
  FetchNode,
  PlanNode,
  QueryPlan,
  QueryPlanFieldNode,
  QueryPlanSelectionNode,
} from '@apollo/query-planner';
import { type FieldNode, Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import { apart } from './fetches-apart.ts';
import { STAND_IN_PREFIX, type StandIns } from './stand-ins.ts';

/**
 * The plan with fields in the place of their stand-ins: a fetch asks for the field under the stand-in's name, and a representation
 * carries it from there under its own. Where one representation would have to carry a field twice, with different arguments,
 * the fetch becomes several.
 */
export function restoredPlan(plan: QueryPlan, standIns: StandIns): QueryPlan {
  if (standIns.byName.size === 0) return plan;
  return withFetches(plan, (fetch) => apart(fetch, standIns).map((each) => restoredFetch(each, standIns)));
}

/** The plan with the real names of subgraphs. */
export function withRealSubgraphs(plan: QueryPlan, names: ReadonlyMap<string, string>): QueryPlan {
  if (names.size === 0) return plan;
  return withFetches(plan, (fetch) => [{ ...fetch, serviceName: names.get(fetch.serviceName) ?? fetch.serviceName }]);
}

type ChangeFetch = (fetch: FetchNode) => readonly FetchNode[];

/** The plan with each fetch replaced by one or several. */
export function withFetches(plan: QueryPlan, change: ChangeFetch): QueryPlan {
  if (!plan.node) return plan;
  if (plan.node.kind !== 'Subscription') return { ...plan, node: changed(plan.node, change) };
  const { primary, rest } = plan.node;
  const node = { ...plan.node, primary: change(primary)[0] ?? primary };
  return { ...plan, node: rest ? { ...node, rest: changed(rest, change) } : node };
}

function changed(node: PlanNode, change: ChangeFetch): PlanNode {
  switch (node.kind) {
    case 'Fetch': {
      const [fetch, ...others] = change(node);
      return fetch && others.length === 0 ? fetch : { kind: 'Parallel', nodes: fetch ? [fetch, ...others] : [] };
    }
    case 'Flatten':
      return { ...node, node: changed(node.node, change) };
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((each) => changed(each, change)) };
    case 'Condition':
    case 'Defer':
      throw new Error(`the planner was not asked for a ${node.kind}`);
  }
}

function restoredFetch(fetch: FetchNode, standIns: StandIns): FetchNode {
  const { requires, inputRewrites, operation } = fetch;
  return {
    ...fetch,
    operation: operation.includes(STAND_IN_PREFIX) ? restoredOperation(operation, standIns) : operation,
    ...(requires ? { requires: requires.map((selection) => carried(selection, standIns)) } : {}),
    ...(inputRewrites ? { inputRewrites: inputRewrites.map((rewrite) => rewritten(rewrite, standIns)) } : {}),
  };
}

function restoredOperation(operation: string, { byName }: StandIns): string {
  const document = visit(parse(operation, { noLocation: true }), {
    Field(node): FieldNode | undefined {
      const field = byName.get(node.name.value);
      if (!field) return undefined;
      const name = { kind: Kind.NAME, value: field.name } as const;
      return { ...node, alias: node.alias ?? node.name, name, arguments: field.arguments };
    },
  });
  return stripIgnoredCharacters(print(document));
}

function carried(selection: QueryPlanSelectionNode, standIns: StandIns): QueryPlanSelectionNode {
  const selections = selection.selections?.map((nested) => carried(nested, standIns));
  if (selection.kind === 'InlineFragment') return { ...selection, selections: selections ?? [] };
  const field = standIns.byName.get(selection.name);
  const renamed: QueryPlanFieldNode = field
    ? { ...selection, alias: selection.alias ?? selection.name, name: field.name }
    : selection;
  return selections ? { ...renamed, selections } : renamed;
}

/** Input rewrites are about representations, which carry fields under their own names. */
function rewritten(rewrite: FetchDataRewrite, { byName }: StandIns): FetchDataRewrite {
  return { ...rewrite, path: rewrite.path.map((step) => byName.get(step)?.name ?? step) };
}
