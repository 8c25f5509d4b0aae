import type { FetchNode } from '@apollo/query-planner';
import { AppError } from '@greencity/platform/errors';
import { parse } from 'graphql';
import type { PreparedFetch, SubgraphError, SubgraphExecutor, SubgraphResult, Variables } from '../subgraph/port.ts';
import { compileMerge, type Merge } from './merging.ts';
import { compileRepresentation, type Represent, representationKey } from './representations.ts';
import { compileRewrites, type Rewrite } from './rewrites.ts';
import { addFault, type Run } from './run.ts';
import { pathsAt, type Targets, targetsAt } from './targets.ts';
import type { TypeConditions } from './type-conditions.ts';
import { type DataObject, isObject, isPromise, type MaybePromise, type Path } from './values.ts';

/** What compiling a plan needs. */
export interface PlanScope {
  readonly subgraphs: SubgraphExecutor;
  readonly types: TypeConditions;
}

/** A part of a plan, ready to run. */
export type Step = (run: Run) => MaybePromise<void>;

/** A fetch of a plan with everything made ready that does not depend on the request. */
export interface CompiledFetch {
  readonly subgraph: string;
  readonly prepared: PreparedFetch;
  readonly path: readonly string[];
  readonly variableNames: readonly string[];
  readonly represent: Represent | undefined;
  readonly rewriteInput: Rewrite | undefined;
  readonly rewriteOutput: Rewrite | undefined;
  readonly merge: Merge;
}

/** Makes a fetch ready. `path` is where in the data its answer belongs. */
export function compileFetch(node: FetchNode, path: readonly string[], scope: PlanScope): CompiledFetch {
  return {
    subgraph: node.serviceName,
    prepared: scope.subgraphs.prepare({
      subgraph: node.serviceName,
      text: node.operation,
      name: node.operationName,
      kind: node.operationKind,
    }),
    path,
    variableNames: node.variableUsages ?? [],
    represent: node.requires && compileRepresentation(node.requires, scope.types),
    rewriteInput: compileRewrites(node.inputRewrites, scope.types),
    rewriteOutput: compileRewrites(node.outputRewrites, scope.types),
    merge: compileMerge(parse(node.operation, { noLocation: true }), node.outputRewrites, scope.types),
  };
}

/** A fetch as a step of a plan. It never fails: what goes wrong becomes faults of the run. */
export function fetchStep(fetch: CompiledFetch): Step {
  return fetch.represent ? entityStep(fetch, fetch.represent) : rootStep(fetch);
}

/** The variables that a fetch uses and the client gave. */
export function variablesOf(fetch: CompiledFetch, variables: Variables): DataObject {
  const used: DataObject = {};
  for (const name of fetch.variableNames) if (Object.hasOwn(variables, name)) used[name] = variables[name];
  return used;
}

function rootStep(fetch: CompiledFetch): Step {
  return (run) => {
    const targets = targetsAt(run.roots, fetch.path);
    if (targets.objects.length === 0) return undefined;
    return send(fetch, variablesOf(fetch, run.variables), run, (result) => absorbRoot(fetch, run, targets, result));
  };
}

/** Merges the answer of a fetch that began at the root of a subgraph. */
export function absorbRoot(fetch: CompiledFetch, run: Run, targets: Targets, result: SubgraphResult): void {
  if (isObject(result.data)) {
    fetch.rewriteOutput?.(result.data);
    for (const target of targets.objects) fetch.merge(target, result.data, targets.objects.length > 1);
  }
  if (!result.errors) return;
  const paths = pathsAt(run.roots, fetch.path);
  for (const error of result.errors) {
    targets.roots.forEach((root, index) => {
      const path = [...(paths[index] ?? []), ...(error.path ?? [])];
      const whole = error.path === undefined;
      addFault(run, root, { subgraph: fetch.subgraph, error, whole, path: path.length > 0 ? path : undefined });
    });
  }
}

interface Entities {
  readonly targets: Targets;
  readonly representations: readonly DataObject[];
  /** For each target, which representation stands for it; -1 for none. */
  readonly slots: readonly number[];
}

function entityStep(fetch: CompiledFetch, represent: Represent): Step {
  return (run) => {
    const entities = representationsOf(fetch, represent, run);
    if (entities.representations.length === 0) return undefined;
    const variables = { ...variablesOf(fetch, run.variables), representations: entities.representations };
    return send(fetch, variables, run, (result) => absorbEntities(fetch, run, entities, result));
  };
}

/** Equal representations are sent once. */
function representationsOf(fetch: CompiledFetch, represent: Represent, run: Run): Entities {
  const targets = targetsAt(run.roots, fetch.path);
  const representations: DataObject[] = [];
  const known = new Map<string, number>();
  const slots = targets.objects.map((target) => {
    const representation = represent(target);
    if (!representation) return -1;
    fetch.rewriteInput?.(representation);
    const key = representationKey(representation);
    const slot = known.get(key);
    if (slot !== undefined) return slot;
    known.set(key, representations.length);
    return representations.push(representation) - 1;
  });
  return { targets, representations, slots };
}

function absorbEntities(fetch: CompiledFetch, run: Run, entities: Entities, result: SubgraphResult): void {
  const found = result.data?.['_entities'];
  if (Array.isArray(found) && found.length === entities.representations.length) {
    fetch.rewriteOutput?.(found);
    entities.slots.forEach((slot, index) => {
      const entity: unknown = found[slot];
      const target = entities.targets.objects[index];
      if (slot < 0 || !target || !isObject(entity)) return;
      fetch.merge(target, entity, entities.representations.length < entities.slots.length);
    });
  } else if (!result.errors) {
    const error = new Error(
      `gave ${Array.isArray(found) ? found.length : 'no'} entities for ${entities.representations.length}`,
    );
    fail(fetch, run, error);
  }
  if (result.errors) entityFaults(fetch, run, entities, result.errors);
}

/** An error of one entity belongs to every place where the entity stands. */
function entityFaults(fetch: CompiledFetch, run: Run, entities: Entities, errors: readonly SubgraphError[]): void {
  const paths = pathsAt(run.roots, fetch.path);
  for (const error of errors) {
    const slot = error.path?.[1];
    if (typeof slot !== 'number') {
      fail(fetch, run, error);
      continue;
    }
    entities.slots.forEach((candidate, index) => {
      if (candidate !== slot) return;
      const path = [...(paths[index] ?? []), ...(error.path ?? []).slice(2)];
      addFault(run, entities.targets.roots[index] ?? 0, { subgraph: fetch.subgraph, error, path, whole: false });
    });
  }
}

/** A fetch that failed as a whole is reported once for each root, at the last place that is the same for all its targets. */
function fail(fetch: CompiledFetch, run: Run, error: SubgraphError): void {
  const list = fetch.path.indexOf('@');
  const common: Path = list < 0 ? fetch.path : fetch.path.slice(0, list);
  for (let root = 0; root < run.roots.length; root += 1) {
    const path = common.length > 0 ? common : undefined;
    addFault(run, root, { subgraph: fetch.subgraph, error, path, whole: true });
  }
}

function send(
  fetch: CompiledFetch,
  variables: Variables,
  run: Run,
  absorb: (result: SubgraphResult) => void,
): MaybePromise<void> {
  if (run.deadline.passed) return fail(fetch, run, late(fetch));
  try {
    const result = fetch.prepared.execute(variables, run.context(fetch.subgraph));
    if (!isPromise(result)) return absorb(result);
    return run.deadline.race(result).then(
      (answer) => (answer ? absorb(answer) : fail(fetch, run, late(fetch))),
      (error: unknown) => fail(fetch, run, broken(error)),
    );
  } catch (error) {
    return fail(fetch, run, broken(error));
  }
}

function late(fetch: CompiledFetch): SubgraphError {
  return broken(new AppError('UNAVAILABLE', `${fetch.subgraph} did not answer in time`));
}

function broken(error: unknown): SubgraphError {
  return { message: error instanceof Error ? error.message : String(error), originalError: error };
}
