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
  if (standIns.byName.size === 0 || !plan.node) return plan;
  if (plan.node.kind !== 'Subscription') return { ...plan, node: restored(plan.node, standIns) };
  const { rest } = plan.node;
  const node = { ...plan.node, primary: restoredFetch(plan.node.primary, standIns) };
  return { ...plan, node: rest ? { ...node, rest: restored(rest, standIns) } : node };
}

function restored(node: PlanNode, standIns: StandIns): PlanNode {
  switch (node.kind) {
    case 'Fetch': {
      const [fetch, ...others] = apart(node, standIns).map((each) => restoredFetch(each, standIns));
      return fetch && others.length === 0 ? fetch : { kind: 'Parallel', nodes: fetch ? [fetch, ...others] : [] };
    }
    case 'Flatten':
      return { ...node, node: restored(node.node, standIns) };
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((each) => restored(each, standIns)) };
    case 'Condition': {
      const { ifClause, elseClause } = node;
      return {
        ...node,
        ...(ifClause ? { ifClause: restored(ifClause, standIns) } : {}),
        ...(elseClause ? { elseClause: restored(elseClause, standIns) } : {}),
      };
    }
    case 'Defer':
      throw new Error('the planner was not asked for deferred parts');
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
