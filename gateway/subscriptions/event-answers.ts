import type { SubgraphContext, Viewer } from '@greencity/platform/graphql/port';
import type { DocumentNode, GraphQLError } from 'graphql';
import type { ChargedEngine } from '../cost/charged-engine.ts';
import { answerText } from '../engine.ts';
import { absorbRoot, type CompiledFetch } from '../executor/fetching.ts';
import type { CompiledOperation } from '../executor/operation.ts';
import type { DataObject } from '../executor/values.ts';
import type { SubgraphResult, Variables } from '../subgraph/port.ts';
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

/** The answers to a batch of events, in their order. Fetches of entities serve the whole batch. */
export async function answers(
  plan: EventPlan,
  events: readonly unknown[],
  { isSnapshot = false } = {},
): Promise<readonly Delivery[]> {
  const { engine, operation, viewer, variables } = plan;
  const explainer = engine.explainer(plan.requestId);
  const roots = events.map((): DataObject => ({}));
  const deliveries: Delivery[] = [];
  await engine.run({ roots, variables, viewer }, async (run) => {
    const own = run.context(plan.events.subgraph);
    const results = events.map((event) => eventResult(plan, event, own));
    for (const [index, result] of results.entries()) {
      absorbRoot(plan.events, run, { objects: [roots[index] ?? {}], rootOf: () => index }, await result);
    }
    await operation.fetchAll(run);
    for (const [index, root] of roots.entries()) {
      const written = operation.write(root, run.faults[index] ?? [], variables);
      const cursor = plan.events.prepared.cursorOf(events[index]);
      const answer = { data: written.json, errors: explainer.faults(written.faults) };
      const payload = Buffer.from(answerText(answer, extensionsOf(cursor, isSnapshot)));
      deliveries.push(lazyDelivery({ payload, cursor }, () => plan.conflationKey(root)));
    }
  });
  return deliveries;
}

/** Says that a snapshot of nothing is complete, by the place from which on nothing is missed where it is known. */
export function nothing(cursor: string | undefined): Delivery {
  const payload = Buffer.from(answerText({ data: 'null', errors: [] }, extensionsOf(cursor, true)));
  return lazyDelivery({ payload, cursor }, () => undefined);
}

/** Errors with which a subscription was refused or ended. */
export function explained({ engine, requestId, events }: EventPlan, error: unknown): GraphQLError[] {
  const fault = { subgraph: events.subgraph, error: error as Error, path: undefined, whole: true };
  return engine.explainer(requestId).faults([fault]);
}

function extensionsOf(cursor: string | undefined, isSnapshot: boolean): string | undefined {
  if (!isSnapshot) return cursor === undefined ? undefined : `{"cursor":${JSON.stringify(cursor)}}`;
  return JSON.stringify({ snapshot: true, cursor });
}

async function eventResult(
  { events, eventVariables }: EventPlan,
  event: unknown,
  context: SubgraphContext,
): Promise<SubgraphResult> {
  try {
    return await events.prepared.executeEvent(event, eventVariables, context);
  } catch (error) {
    return { data: null, errors: [{ message: String(error), originalError: error }] };
  }
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
