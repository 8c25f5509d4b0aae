import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import { viewerKey } from '@greencity/platform/graphql/viewer';
import type { Metrics } from '@greencity/platform/metrics/port';
import { type GraphQLError, OperationTypeNode } from 'graphql';
import { refusedBeforeData, refusedFields } from '../authorisation/restricted-fields.ts';
import type { OperationRequest } from '../engine.ts';
import { variablesOf } from '../executor/fetching.ts';
import { operationOf } from '../executor/operation-of.ts';
import type { Graph } from '../graph.ts';
import type { StreamLimits } from '../settings.ts';
import type { SubgraphExecutor } from '../subgraph/port.ts';
import { type ConflationPaths, compileConflation } from './conflation.ts';
import type { StreamEnd, Subscriber } from './delivery.ts';
import { type EventPlan, explained } from './event-answers.ts';
import { openEventTurns } from './event-turns.ts';
import { type Group, openGroup } from './group.ts';
import { openLanes } from './lanes.ts';
import type { StreamStart } from './start.ts';

/** What became of a wish to subscribe. */
export type Joined =
  | { readonly kind: 'joined'; leave(): void }
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLError[] };

/** A subscription as a client asks for it. */
export type SubscriptionRequest = Omit<OperationRequest, 'document'>;

/** All open subscriptions, grouped by operation, variables and viewer. */
export interface Groups {
  /** Resolves when the subscriber cannot miss a later event. It may be given events from then on. */
  join(request: SubscriptionRequest, subscriber: Subscriber, start: StreamStart): Promise<Joined>;
  readonly size: number;
  /** Takes every subscription over to a new supergraph; those that are no longer valid end with the reason. */
  move(): Promise<void>;
  endAll(end: StreamEnd): void;
}

export interface GroupsDependencies {
  /** The graph that is served now. */
  readonly graph: () => Graph;
  readonly subgraphs: SubgraphExecutor;
  readonly clock: Clock;
  readonly limits: StreamLimits;
  readonly metrics: Metrics;
}

interface Entry {
  readonly group: Group;
  readonly request: SubscriptionRequest;
}

export function openGroups({ graph, subgraphs, clock, limits, metrics }: GroupsDependencies): Groups {
  const groups = new Map<string, Entry>();
  const dropped = metrics.counter('gateway_events_dropped_total', 'Events that a subscription could not keep up with.');
  const delivered = metrics.counter('gateway_deliveries_total', 'Messages handed to subscribed clients.');
  const lanes = openLanes(limits.catchUpsMax);
  const turns = openEventTurns();
  metrics.gauge('gateway_subscription_groups', 'Different subscriptions that are open.', () => groups.size);

  const open = (key: string, request: SubscriptionRequest, plan: EventPlan): Entry => {
    const group = openGroup(plan, {
      ...{ subgraphs, clock, lanes, turns },
      batchEventsMax: limits.batchEventsMax,
      waitingEventsMax: limits.waitingEventsMax,
      dropped: (count) => dropped.add(count),
      delivered: (count) => delivered.add(count),
      ended: () => {
        if (groups.get(key)?.group === group) groups.delete(key);
      },
    });
    const entry = { group, request };
    groups.set(key, entry);
    return entry;
  };
  return {
    get size() {
      return groups.size;
    },
    async join(request, subscriber, start) {
      const served = graph();
      const errors = await paidInTurn(served, request);
      if (errors) return { kind: 'refused', errors };
      const plan = planOf(served, request, limits.conflateBy);
      if ('errors' in plan) return { kind: 'refused', errors: plan.errors };
      const key = groupKey(request, plan);
      const { group } = groups.get(key) ?? open(key, request, plan);
      try {
        await group.join(subscriber, start);
        return { kind: 'joined', leave: () => group.leave(subscriber) };
      } catch (error) {
        return { kind: 'refused', errors: explained(plan, error) };
      }
    },
    async move() {
      const moving = [...groups.values()].map(async ({ group, request }) => {
        const plan = planOf(graph(), request, limits.conflateBy);
        if ('errors' in plan) group.end({ kind: 'failed', errors: JSON.stringify(plan.errors) });
        else await group.move(plan);
      });
      await Promise.all(moving);
    },
    endAll(end) {
      for (const { group } of [...groups.values()]) group.end(end);
    },
  };
}

/** A subscription costs when it is joined; its events are made for all of its group. Waits then until it may be planned; gives why it may not. */
async function paidInTurn(
  { documents, engine }: Graph,
  request: SubscriptionRequest,
): Promise<readonly GraphQLError[] | undefined> {
  const admission = documents.admit(request.source);
  if (admission.kind === 'refused') return admission.errors;
  const asked = { ...request, document: admission.document };
  try {
    await engine.charge(asked, engine.coerced(asked));
    await engine.untilPlanned(asked);
    return undefined;
  } catch (error) {
    const fault = { subgraph: undefined, error: error as Error, path: undefined, whole: true };
    return engine.explainer(request.requestId).faults([fault]);
  }
}

/** Nobody shares a group with somebody who may see something else: the key holds who the viewer is. */
function groupKey({ source, operationName }: SubscriptionRequest, { variables, viewer }: EventPlan): string {
  return JSON.stringify([source, operationName ?? null, variables, viewerKey(viewer)]);
}

function planOf(
  { engine, documents }: Graph,
  request: SubscriptionRequest,
  conflateBy: ConflationPaths,
): EventPlan | { readonly errors: readonly GraphQLError[] } {
  const { source, operationName, viewer, requestId } = request;
  const admission = documents.admit(source);
  if (admission.kind === 'refused') return { errors: admission.errors };
  const { document } = admission;
  try {
    const operation = engine.compiled({ source, document, operationName });
    if (operation.kind !== OperationTypeNode.SUBSCRIPTION) throw new Error('only a subscription can be joined');
    const refused = refusedFields(operation.restricted, viewer);
    if (refused.length > 0) return { errors: engine.explainer(requestId).faults(refusedBeforeData(refused)) };
    const variables = operation.coerce(request.variables);
    const events = operation.eventsFor(variables);
    if (!events) throw new AppError('BAD_USER_INPUT', 'the operation skips the field that it subscribes to');
    const conflationKey = compileConflation(document, operationOf(document, operationName), conflateBy);
    const eventVariables = variablesOf(events, variables);
    return { engine, document, operation, events, variables, eventVariables, viewer, requestId, conflationKey };
  } catch (error) {
    const fault = { subgraph: undefined, error: error as Error, path: undefined, whole: true };
    return { errors: engine.explainer(requestId).faults([fault]) };
  }
}
