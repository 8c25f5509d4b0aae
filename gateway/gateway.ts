import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@greencity/platform/clock/port';
import type { Authenticate, Subgraph, Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { startApolloServer } from './apollo-server.ts';
import { shownAccess } from './authorisation/field-access.ts';
import { checkClientScalars } from './client-scalars.ts';
import { openDocuments } from './documents.ts';
import { type Answer, type Engine, openEngine } from './engine.ts';
import { deadlines } from './executor/deadline.ts';
import { operationCompiler } from './executor/operation.ts';
import { graphqlHttp } from './http/graphql-http.ts';
import { apolloPlanner } from './planning/apollo-planner.ts';
import type { Planner } from './planning/planner.ts';
import { type OperationsOptions, openRegistered } from './registered.ts';
import { DEFAULT_SETTINGS, type GatewaySettings } from './settings.ts';
import { toleratingForgottenErrors } from './subgraph/forgotten-errors.ts';
import { inProcessExecutor } from './subgraph/in-process.ts';
import type { SubgraphExecutor, Variables } from './subgraph/port.ts';
import { openEventStreams } from './subscriptions/event-stream.ts';
import { openGroups } from './subscriptions/groups.ts';
import { openWebSockets } from './subscriptions/web-socket.ts';

export interface GatewayOptions {
  /** Subgraphs of this process, or what executes fetches on others. */
  readonly subgraphs: readonly Subgraph[] | SubgraphExecutor;
  /** What the subgraphs compose to: schema/supergraph.graphql. */
  readonly supergraphSdl: string;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings?: GatewaySettings;
  /** Operations that apps have registered; without it there are none, and every operation is taken. */
  readonly operations?: OperationsOptions;
}

/** The federated graph on `/graphql` and `/graphql/{id of a registered operation}`: over HTTP, server-sent events and WebSocket. */
export interface Gateway extends AsyncDisposable {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The registry of operations, for operators: `/api/operations`. */
  manageOperations(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** REST v1: `/api/v1/…`. */
  rest(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Executes one operation in this process, within the same limits. */
  execute(source: string, options?: { readonly variables?: Variables; readonly viewer?: Viewer }): Promise<Answer>;
  /** Ends subscriptions, tells clients to go, and lets requests end. */
  close(): Promise<void>;
}

const CHECK_STREAMS_EVERY_MS = 250;
const NOBODY: Viewer = { kind: 'anonymous' };

/** Opens the gateway. It opens no port: `http/server.ts` does. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, log, metrics, authenticate, settings = DEFAULT_SETTINGS } = options;
  const { limits, streams: streamLimits } = settings;
  const subgraphs = 'prepare' in options.subgraphs ? options.subgraphs : inProcessExecutor(options.subgraphs);
  const timing = deadlines(clock, limits.operationMs);
  const tolerating = toleratingForgottenErrors(log);
  let planner: Planner | undefined;
  let engine: Engine | undefined;
  const server = await startApolloServer({
    supergraphSdl: options.supergraphSdl,
    limits,
    log,
    loaded(schema, supergraphSdl) {
      checkClientScalars(schema);
      planner = apolloPlanner(supergraphSdl, schema);
      const compiler = operationCompiler(planner, subgraphs, shownAccess(schema, supergraphSdl));
      engine = openEngine({ compiler, subgraphs, deadlines: timing, log, plansMax: settings.plansMax });
    },
    execute: (request) => loaded(engine).execute(request),
  });
  const schema = loaded(planner).apiSchema;
  const documents = openDocuments(schema, limits, settings.plansMax);
  const groups = openGroups({ engine: loaded(engine), subgraphs, limits: streamLimits, metrics });
  const executing = { engine: loaded(engine), documents, authenticate, clock, log, metrics };
  const registered = await openRegistered({ ...executing, schema, limits }, options.operations);
  const { resolve } = registered;
  const shared = { ...executing, groups, resolve };
  const webSockets = openWebSockets({ ...shared, schema, limits: streamLimits });
  const eventStreams = openEventStreams({ ...shared, settings });
  const http = graphqlHttp({ server, resolve, authenticate, limits });
  const checking = clock.every(CHECK_STREAMS_EVERY_MS, () => {
    webSockets.check(clock.nowMs());
    eventStreams.check(clock.nowMs());
  });
  const end = async (): Promise<void> => {
    groups.endAll({ kind: 'completed' });
    await webSockets.close();
    await server.stop();
    checking[Symbol.dispose]();
    registered[Symbol.dispose]();
    timing[Symbol.dispose]();
    tolerating[Symbol.dispose]();
  };
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  return {
    handle: (request, response) =>
      wantsEvents(request)
        ? eventStreams.handle(request, response)
        : (registered.get(request, response) ?? http(request, response)),
    manageOperations: registered.manage,
    rest: registered.rest,
    upgrade: webSockets.upgrade,
    async execute(source, { variables, viewer = NOBODY } = {}) {
      const admission = documents.admit(source);
      if (admission.kind === 'refused') return { data: undefined, errors: admission.errors };
      const { document } = admission;
      const requestId = crypto.randomUUID();
      return await shared.engine.execute({ source, document, operationName: undefined, variables, viewer, requestId });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Whether a client would rather have an event stream than JSON: by weight, then by the order of its `Accept` header. Clients that list all they can read get JSON. */
function wantsEvents(request: IncomingMessage): boolean {
  const listed = (request.headers.accept ?? '').toLowerCase().split(',');
  const weighed = listed.flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    const known = type === 'text/event-stream' || type === '*/*' || type.endsWith('json');
    return known ? [{ type, weight }] : [];
  });
  weighed.sort((a, b) => b.weight - a.weight);
  return weighed[0]?.type === 'text/event-stream';
}

function loaded<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the supergraph has not been loaded');
  return part;
}
