import type { FetchNode } from '@apollo/query-planner';
import { AppError } from '@greencity/platform/errors';
import { parse } from 'graphql';
import type { PreparedFetch, SubgraphError, SubgraphExecutor, SubgraphResult, Variables } from '../subgraph/port.ts';
import { compileMerge, type Merge } from './merging.ts';
import { compileGathering, type Gather } from './representations.ts';
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
  /** Makes representations of the entities that it asks about; missing for a fetch that begins at the root. */
  readonly gather: Gather | undefined;
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
    gather:
      node.requires && compileGathering(node.requires, compileRewrites(node.inputRewrites, scope.types), scope.types),
    rewriteOutput: compileRewrites(node.outputRewrites, scope.types),
    merge: compileMerge(parse(node.operation, { noLocation: true }), node.outputRewrites, scope.types),
  };
}

/** A fetch as a step of a plan. It never fails: what goes wrong becomes faults of the run. */
export function fetchStep(fetch: CompiledFetch): Step {
  return fetch.gather ? entityStep([fetch], fetch.gather) : rootStep(fetch);
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
    targets.objects.forEach((_, index) => {
      const path = [...(paths[index] ?? []), ...(error.path ?? [])];
      const whole = error.path === undefined;
      addFault(run, targets.rootOf(index), {
        subgraph: fetch.subgraph,
        error,
        whole,
        path: path.length > 0 ? path : undefined,
      });
    });
  }
}

interface Entities {
  readonly targets: Targets;
  readonly representations: readonly DataObject[];
  /** For each target, which representation stands for it; -1 for none. */
  readonly slots: readonly number[];
}

/** Fetches of the same entities by the same keys, which are gathered once for all of them. */
export function entityStep(fetches: readonly CompiledFetch[], gather: Gather): Step {
  const path = fetches[0]?.path ?? [];
  const steps = fetches.map((fetch) => (run: Run, entities: Entities) => {
    const variables = variablesOf(fetch, run.variables);
    variables['representations'] = entities.representations;
    return send(fetch, variables, run, (result) => absorbEntities(fetch, run, entities, result));
  });
  return (run) => {
    const entities = gathered(targetsAt(run.roots, path), gather);
    if (entities.representations.length === 0) return undefined;
    return allOf(steps.map((step) => step(run, entities)));
  };
}

/** Equal representations are sent once. */
function gathered(targets: Targets, gather: Gather): Entities {
  const gathering = gather();
  const { objects } = targets;
  const slots = new Array<number>(objects.length);
  for (let index = 0; index < objects.length; index += 1) slots[index] = gathering.slotOf(objects[index] as DataObject);
  return { targets, representations: gathering.representations, slots };
}

/** When all of them are done. */
export function allOf(steps: readonly MaybePromise<void>[]): MaybePromise<void> {
  const waiting = steps.filter(isPromise);
  if (waiting.length === 0) return undefined;
  return waiting.length === 1 ? waiting[0] : Promise.all(waiting).then(() => undefined);
}

function absorbEntities(fetch: CompiledFetch, run: Run, entities: Entities, result: SubgraphResult): void {
  const found = result.data?.['_entities'];
  if (Array.isArray(found) && found.length === entities.representations.length) {
    fetch.rewriteOutput?.(found);
    const { slots, targets, representations } = entities;
    const copy = representations.length < slots.length;
    for (let index = 0; index < slots.length; index += 1) {
      const slot = slots[index] as number;
      const entity: unknown = slot < 0 ? undefined : found[slot];
      if (isObject(entity)) fetch.merge(targets.objects[index] as DataObject, entity, copy);
    }
  } else if (!result.errors) {
    const error = new Error(
      `gave ${Array.isArray(found) ? found.length : 'no'} entities for ${entities.representations.length}`,
    );
    fail(fetch, run, error);
  }
  if (result.errors) entityFaults(fetch, run, entities, { found, errors: result.errors });
}

/** An error of one entity belongs to every place where the entity stands. */
function entityFaults(
  fetch: CompiledFetch,
  run: Run,
  entities: Entities,
  { found, errors }: { readonly found: unknown; readonly errors: readonly SubgraphError[] },
): void {
  const paths = pathsAt(run.roots, fetch.path);
  for (const error of errors) {
    const slot = error.path?.[1];
    if (typeof slot !== 'number') {
      fail(fetch, run, error);
      continue;
    }
    const isLost = !Array.isArray(found) || !isObject(found[slot]);
    entities.slots.forEach((candidate, index) => {
      if (candidate !== slot) return;
      const to = paths[index] ?? [];
      const fault = { subgraph: fetch.subgraph, error, path: [...to, ...(error.path ?? []).slice(2)], whole: false };
      addFault(run, entities.targets.rootOf(index), isLost ? { ...fault, lostAt: to.length } : fault);
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
