import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { Clock } from '@greencity/platform/clock/port';
import type { Documents as DocumentStore } from '@greencity/platform/documents/port';
import type { Authenticate } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { TellRefused } from './authorisation/told-refusals.ts';
import type { Answers } from './cache/answers.ts';
import type { Budgets } from './cost/budgets.ts';
import type { CheckedGraph } from './graph.ts';
import type { HttpAnswer } from './http/http-answer.ts';
import { type OperationMode, operationResolver, type ResolveOperation } from './operations/asking.ts';
import { operationsManagement } from './operations/management.ts';
import { persistedGet, persistedParameters } from './operations/persisted-get.ts';
import { openRegistry } from './operations/registry.ts';
import type { Release } from './operations/release.ts';
import { restApi } from './rest/rest.ts';
import type { OperationLimits } from './settings.ts';
import type { Turns } from './turns.ts';

/** Operations that apps have registered. */
export interface OperationsOptions {
  readonly mode: OperationMode;
  /** Releases that come with the platform: schema/operations. */
  readonly committed: readonly Release[];
  /** Where releases are kept that are pushed to the running platform. */
  readonly store?: DocumentStore;
  /** Where it is written down who changed what; where releases are kept. */
  readonly audit?: AuditLog;
}

export interface RegisteredDependencies {
  /** The graph that is served now. */
  readonly graph: () => CheckedGraph;
  readonly authenticate: Authenticate;
  readonly limits: OperationLimits;
  readonly budgets: Budgets;
  readonly answers: Answers<HttpAnswer>;
  readonly turns: Turns;
  readonly tellRefused: TellRefused;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Registered operations and the ways to them. */
export interface Registered extends Disposable {
  readonly resolve: ResolveOperation;
  /** Texts of the operations that are served. */
  served(): Iterable<string>;
  /** Looks at every operation again: the graph is another one. */
  recheck(): void;
  /** GET of a registered query by its id; undefined for a request that is none. */
  get(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined;
  readonly manage: Handle;
  readonly rest: Handle;
}

const NONE: OperationsOptions = { mode: 'off', committed: [] };

/** Opens the registry, and what is served from it: operations by id, REST, and the management of releases. */
export async function openRegistered(
  dependencies: RegisteredDependencies,
  { mode, committed, store, audit }: OperationsOptions = NONE,
): Promise<Registered> {
  const { graph, authenticate, limits, budgets, answers, turns, tellRefused, clock, log, metrics } = dependencies;
  const reading = { bytesMax: limits.bodyBytesMax, turns };
  const registry = await openRegistry({ checker: () => graph().checker, committed, store, clock, log });
  const resolve = operationResolver({ registry, mode, metrics, log });
  const byId = persistedGet({ graph, resolve, authenticate, budgets, answers, turns });
  return {
    resolve,
    served: () => registry.served().map(({ source }) => source),
    recheck: registry.recheck,
    get(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
      const asked = persistedParameters(request.url ?? '/');
      return asked && byId(request, response, asked);
    },
    manage: operationsManagement({ registry, authenticate, audit, tellRefused }),
    rest: restApi({ registry, graph, authenticate, budgets, answers, clock, log, reading }),
    [Symbol.dispose]: () => registry[Symbol.dispose](),
  };
}
