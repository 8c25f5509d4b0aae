import type { PlanNode } from '@apollo/query-planner';
import {
  allOf,
  type CompiledFetch,
  compileFetch,
  entityStep,
  fetchStep,
  type PlanScope,
  type Step,
} from './fetching.ts';
import type { Gather } from './representations.ts';
import type { Run } from './run.ts';
import { isPromise } from './values.ts';

const NOTHING: Step = () => undefined;

/** A plan as one step. `path` is the place in the data that the node is about. */
export function compilePlan(node: PlanNode | undefined, scope: PlanScope, path: readonly string[] = []): Step {
  if (!node) return NOTHING;
  switch (node.kind) {
    case 'Fetch':
      return fetchStep(compileFetch(node, path, scope));
    case 'Flatten':
      return compilePlan(node.node, scope, [...path, ...node.path.map(String)]);
    case 'Sequence':
      return sequence(node.nodes.map((nested) => compilePlan(nested, scope, path)));
    case 'Parallel':
      return parallel(together(node.nodes, scope, path));
    case 'Condition':
    case 'Defer':
      throw new Error(`the planner was not asked for a ${node.kind}`);
  }
}

function sequence(steps: readonly Step[]): Step {
  const from = (index: number, run: Run): ReturnType<Step> => {
    for (let at = index; at < steps.length; at += 1) {
      const done = steps[at]?.(run);
      if (isPromise(done)) return done.then(() => from(at + 1, run));
    }
    return undefined;
  };
  return (run) => from(0, run);
}

function parallel(steps: readonly Step[]): Step {
  return (run) => allOf(steps.map((step) => step(run)));
}

/** Fetches at one place that ask about the same entities by the same keys become one step. */
function together(nodes: readonly PlanNode[], scope: PlanScope, path: readonly string[]): readonly Step[] {
  const steps: (() => Step)[] = [];
  const groups = new Map<string, CompiledFetch[]>();
  for (const node of nodes) {
    const place = node.kind === 'Flatten' ? [...path, ...node.path.map(String)] : path;
    const fetch = node.kind === 'Flatten' ? node.node : node;
    if (fetch.kind !== 'Fetch' || !fetch.requires) {
      const step = compilePlan(node, scope, path);
      steps.push(() => step);
      continue;
    }
    const key = JSON.stringify([place, fetch.requires, fetch.inputRewrites]);
    const group = groups.get(key) ?? [];
    if (group.push(compileFetch(fetch, place, scope)) > 1) continue;
    groups.set(key, group);
    steps.push(() => entityStep(group, group[0]?.gather as Gather));
  }
  return steps.map((step) => step());
}
