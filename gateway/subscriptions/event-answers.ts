import type { SubgraphContext, Viewer } from '@greencity/platform/graphql/port';
import type { DocumentNode, GraphQLError } from 'graphql';
import { answerBytes, wholeOf } from '../answer.ts';
import type { ChargedEngine } from '../cost/charged-engine.ts';
import { absorbRoot, type CompiledFetch } from '../executor/fetching.ts';
import type { CompiledOperation } from '../executor/operation.ts';
import type { Run } from '../executor/run.ts';
import { type DataObject, isPromise, type MaybePromise } from '../executor/values.ts';
import type { Gap, SubgraphResult, Variables } from '../subgraph/port.ts';
import type { ConflationKey } from './conflation.ts';
import type { Delivery } from './delivery.ts';

/** How the events of a group become answers: what all its clients have in common, compiled on one supergraph. */
export interface EventPlan {
  readonly engine: ChargedEngine;
  readonly document: DocumentNode;
  readonly operation: CompiledOperation;
  readonly events: CompiledFetch;
  /** Of the operation, and those of them that the subgraph is sent. */
  readonly variables: Variables;
  readonly eventVariables: Variables;
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly conflationKey: ConflationKey;
}

interface Answering {
  /** Of a snapshot. */
  readonly isSnapshot?: boolean;
  /** Before the first event. Its answer tells of it, and stays though a newer one comes. */
  readonly gap?: Gap | undefined;
}

/** The answers to a batch of events, in their order; at once where nothing has to be waited for. Fetches of entities serve the whole batch. */
export function answers(
  plan: EventPlan,
  events: readonly unknown[],
  answering: Answering = {},
): MaybePromise<readonly Delivery[]> {
  const { engine, operation, viewer, variables } = plan;
  const roots = events.map((): DataObject => ({}));
  let deliveries: readonly Delivery[] = [];
  const absorb = (run: Run, results: readonly SubgraphResult[]): MaybePromise<void> => {
    for (const [index, result] of results.entries()) {
      absorbRoot(plan.events, run, { objects: [roots[index] ?? {}], rootOf: () => index }, result);
    }
    return operation.fetchAll(run);
  };
  const done = engine.run({ roots, variables, viewer }, (run) => {
    const own = run.context(plan.events.subgraph);
    const results = events.map((event) => eventResult(plan, event, own));
    const absorbed = after(allOf(results), (all) => absorb(run, all));
    return after(absorbed, () => {
      deliveries = events.map((event, index) => written(plan, { event, run, index }, answering));
    });
  });
  return after(done, () => deliveries);
}

function after<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

function allOf<T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> {
  return values.some(isPromise) ? Promise.all(values) : (values as readonly T[]);
}

interface Answered {
  readonly event: unknown;
  readonly run: Run;
  readonly index: number;
}

function written(plan: EventPlan, { event, run, index }: Answered, { isSnapshot = false, gap }: Answering): Delivery {
  const root = run.roots[index] ?? {};
  const { whole, faults } = plan.operation.write(root, run.faults[index] ?? [], plan.variables);
  const errors = faults.length === 0 ? [] : plan.engine.explainer(plan.requestId).faults(faults);
  const cursor = plan.events.prepared.cursorOf(event);
  const gapBefore = index === 0 ? gap : undefined;
  const payload = answerBytes({ whole, errors }, extensionsOf({ cursor, isSnapshot, gap: gapBefore }));
  return lazyDelivery({ payload, cursor }, () => (gapBefore ? undefined : plan.conflationKey(root)));
}

/** Says that a snapshot of nothing is complete, by the place from which on nothing is missed where it is known. */
export function nothing(cursor: string | undefined): Delivery {
  const payload = answerBytes({ whole: wholeOf('null'), errors: [] }, extensionsOf({ cursor, isSnapshot: true }));
  return lazyDelivery({ payload, cursor }, () => undefined);
}

/** Errors with which a subscription was refused or ended. */
export function explained({ engine, requestId, events }: EventPlan, error: unknown): GraphQLError[] {
  const fault = { subgraph: events.subgraph, error: error as Error, path: undefined, whole: true };
  return engine.explainer(requestId).faults([fault]);
}

interface Told {
  readonly cursor: string | undefined;
  readonly isSnapshot: boolean;
  readonly gap?: Gap | undefined;
}

function extensionsOf({ cursor, isSnapshot, gap }: Told): string | undefined {
  if (isSnapshot) return JSON.stringify({ snapshot: true, cursor });
  if (gap) return JSON.stringify({ cursor, gap: { from: timeText(gap.fromMs), to: timeText(gap.toMs) } });
  return cursor === undefined ? undefined : `{"cursor":${JSON.stringify(cursor)}}`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function eventResult(
  { events, eventVariables }: EventPlan,
  event: unknown,
  context: SubgraphContext,
): MaybePromise<SubgraphResult> {
  try {
    const result = events.prepared.executeEvent(event, eventVariables, context);
    return isPromise(result) ? result.catch(brokenResult) : result;
  } catch (error) {
    return brokenResult(error);
  }
}

function brokenResult(error: unknown): SubgraphResult {
  return { data: null, errors: [{ message: String(error), originalError: error }] };
}

function lazyDelivery(written: Pick<Delivery, 'payload' | 'cursor'>, key: () => string | undefined): Delivery {
  let known: { readonly key: string | undefined } | undefined;
  const { payload, cursor } = written;
  return {
    payload,
    cursor,
    framed: {},
    conflationKey() {
      known ??= { key: key() };
      return known.key;
    },
  };
}
