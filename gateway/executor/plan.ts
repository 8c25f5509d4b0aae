import type { PlanNode } from '@apollo/query-planner';
import { compileFetch, fetchStep, type PlanScope, type Step } from './fetching.ts';
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
      return parallel(node.nodes.map((nested) => compilePlan(nested, scope, path)));
    case 'Condition': {
      const whenTrue = compilePlan(node.ifClause, scope, path);
      const whenFalse = compilePlan(node.elseClause, scope, path);
      return (run) => (run.variables[node.condition] === true ? whenTrue(run) : whenFalse(run));
    }
    case 'Defer':
      throw new Error('the planner was not asked for deferred parts');
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
  return (run) => {
    let waiting: Promise<void>[] | undefined;
    for (const step of steps) {
      const done = step(run);
      if (!isPromise(done)) continue;
      waiting ??= [];
      waiting.push(done);
    }
    if (!waiting) return undefined;
    return waiting.length === 1 ? waiting[0] : Promise.all(waiting).then(() => undefined);
  };
}
