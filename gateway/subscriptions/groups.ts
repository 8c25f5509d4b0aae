import { viewerKey } from '@greencity/platform/graphql/viewer';
import type { Metrics } from '@greencity/platform/metrics/port';
import { type GraphQLError, OperationTypeNode } from 'graphql';
import { refusedBeforeData, refusedFields } from '../authorisation/restricted-fields.ts';
import type { Engine, OperationRequest } from '../engine.ts';
import { operationOf } from '../executor/operation-of.ts';
import type { StreamLimits } from '../settings.ts';
import type { SubgraphExecutor } from '../subgraph/port.ts';
import { type ConflationPaths, compileConflation } from './conflation.ts';
import type { StreamEnd, Subscriber } from './delivery.ts';
import { explained, type Group, type GroupSubject, openGroup } from './group.ts';

/** What became of a wish to subscribe. */
export type Joined =
  | { readonly kind: 'joined'; leave(): void }
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLError[] };

/** All open subscriptions, grouped by operation, variables and viewer. */
export interface Groups {
  /** Resolves when the subscriber cannot miss a later event. It may be given events from then on. */
  join(request: OperationRequest, subscriber: Subscriber): Promise<Joined>;
  readonly size: number;
  endAll(end: StreamEnd): void;
}

export interface GroupsDependencies {
  readonly engine: Engine;
  readonly subgraphs: SubgraphExecutor;
  readonly limits: StreamLimits;
  readonly metrics: Metrics;
}

export function openGroups({ engine, subgraphs, limits, metrics }: GroupsDependencies): Groups {
  const groups = new Map<string, { readonly group: Group; readonly subject: GroupSubject }>();
  const dropped = metrics.counter('gateway_events_dropped_total', 'Events that a subscription could not keep up with.');
  const delivered = metrics.counter('gateway_deliveries_total', 'Messages handed to subscribed clients.');
  metrics.gauge('gateway_subscription_groups', 'Different subscriptions that are open.', () => groups.size);

  const open = (key: string, subject: GroupSubject) => {
    const group = openGroup(subject, {
      engine,
      subgraphs,
      batchEventsMax: limits.batchEventsMax,
      waitingEventsMax: limits.waitingEventsMax,
      dropped: () => dropped.add(),
      delivered: (count) => delivered.add(count),
      ended: () => groups.delete(key),
    });
    const entry = { group, subject };
    groups.set(key, entry);
    return entry;
  };
  return {
    get size() {
      return groups.size;
    },
    async join(request, subscriber) {
      const subject = subjectOf(engine, request, limits.conflateBy);
      if ('errors' in subject) return { kind: 'refused', errors: subject.errors };
      const key = groupKey(request, subject);
      const { group, subject: shared } = groups.get(key) ?? open(key, subject);
      group.join(subscriber);
      try {
        await group.ready;
        return { kind: 'joined', leave: () => group.leave(subscriber) };
      } catch (error) {
        return { kind: 'refused', errors: explained(shared, engine, error) };
      }
    },
    endAll(end) {
      for (const { group } of [...groups.values()]) group.end(end);
    },
  };
}

/** Nobody shares a group with somebody who may see something else: the key holds who the viewer is. */
function groupKey({ source, operationName }: OperationRequest, { variables, viewer }: GroupSubject): string {
  return JSON.stringify([source, operationName ?? null, variables, viewerKey(viewer)]);
}

function subjectOf(
  engine: Engine,
  request: OperationRequest,
  conflateBy: ConflationPaths,
): GroupSubject | { readonly errors: readonly GraphQLError[] } {
  try {
    const operation = engine.compiled(request);
    if (operation.kind !== OperationTypeNode.SUBSCRIPTION || !operation.events) {
      throw new Error('only a subscription can be joined');
    }
    const { document, operationName, viewer, requestId } = request;
    const refused = refusedFields(operation.restricted, viewer);
    if (refused.length > 0) return { errors: engine.explainer(requestId).faults(refusedBeforeData(refused)) };
    return {
      operation,
      events: operation.events,
      variables: operation.coerce(request.variables),
      viewer,
      requestId,
      conflationKey: compileConflation(document, operationOf(document, operationName), conflateBy),
    };
  } catch (error) {
    const fault = { subgraph: undefined, error: error as Error, path: undefined, whole: true };
    return { errors: engine.explainer(request.requestId).faults([fault]) };
  }
}
