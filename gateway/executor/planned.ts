import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import type { DocumentNode } from 'graphql';
import { boundedCache } from '../planning/bounded-cache.ts';
import type { Planner } from '../planning/planner.ts';
import type { Variables } from '../subgraph/port.ts';
import { checkAnswerable } from './answerable.ts';
import { type CompiledFetch, compileFetch, type PlanScope, type Step } from './fetching.ts';
import { compilePlan } from './plan.ts';
import { withSettledConditions } from './static-conditions.ts';

/** A compiled plan. */
export interface Planned {
  /** Fetches everything; for a subscription, what is left to fetch after its event. */
  readonly fetchAll: Step;
  /** The subscription's own fetch. */
  readonly events: CompiledFetch | undefined;
}

/** The plan for variables of these values. */
export type PlanFor = (variables: Variables) => Planned;

export interface Planning extends PlanScope {
  readonly planner: Planner;
  readonly operationName: string | undefined;
  /** Variables that `@skip` and `@include` name. */
  readonly deciding: ReadonlySet<string>;
}

/** Plans of one operation that are kept, one for each combination of its conditions. */
const COMBINATIONS_MAX = 16;

/**
 * Plans an operation once for each combination of its conditions that is asked for. The planner could put conditions into a plan,
 * but leaves out a value that is required whatever they are when it is also asked for under one of them. An operation without
 * conditions is planned at once. What cannot be planned is known from then on, too: asked for its plan, it throws `UNAVAILABLE`.
 */
export function planPerConditions(document: DocumentNode, planning: Planning): PlanFor {
  if (planning.deciding.size === 0) return outcomeOf(document, planning);
  const plans = boundedCache<() => Planned>(COMBINATIONS_MAX);
  return (variables) => {
    const key = conditionsKey(planning.deciding, variables);
    const known = plans.get(key) ?? outcomeOf(withSettledConditions(document, variables), planning);
    plans.set(key, known);
    return known();
  };
}

/** Gives the plan, or throws why there is none: to find that out again would take as long as the first time. */
function outcomeOf(document: DocumentNode, planning: Planning): () => Planned {
  try {
    const planned = planOf(document, planning);
    return () => planned;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Text that is equal for equal truths of these variables. */
export function conditionsKey(deciding: ReadonlySet<string>, variables: Variables): string {
  let key = '';
  for (const name of deciding) key += variables[name] === true ? '1' : '0';
  return key;
}

function planOf(document: DocumentNode, { planner, operationName, subgraphs, types }: Planning): Planned {
  const plan = planner.plan(document, operationName);
  checkAnswerable(plan, document, operationName);
  return compileNode(plan.node, { subgraphs, types });
}

function compileNode(node: QueryPlan['node'], scope: PlanScope): Planned {
  if (node?.kind !== 'Subscription') return { fetchAll: compilePlan(node, scope), events: undefined };
  const { primary, rest } = node as { primary: FetchNode; rest?: PlanNode };
  return { fetchAll: compilePlan(rest, scope), events: compileFetch(primary, [], scope) };
}
