import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@greencity/platform/clock/port';
import type { Authenticate, Subgraph, Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { TaggedCache } from '@greencity/platform/tagged-cache/port';
import type { GraphQLError } from 'graphql';
import { dataText } from './answer.ts';
import { toldRefusals } from './authorisation/told-refusals.ts';
import { openAnswering } from './cache/answering.ts';
import type { ChangeSource } from './cache/changes.ts';
import { recordingExecutor } from './cache/recording-executor.ts';
import { type Budgets, UNLIMITED } from './cost/budgets.ts';
import { deadlines } from './executor/deadline.ts';
import { type GraphqlHttpDependencies, graphqlHttp } from './http/graphql-http.ts';
import { warmUp } from './planning/warm-up.ts';
import { type OperationsOptions, openRegistered } from './registered.ts';
import type { Serving } from './serving.ts';
import { DEFAULT_SETTINGS, type GatewaySettings } from './settings.ts';
import { toleratingForgottenErrors } from './subgraph/forgotten-errors.ts';
import { inProcessExecutor } from './subgraph/in-process.ts';
import type { SubgraphExecutor, Variables } from './subgraph/port.ts';
import { openGroups } from './subscriptions/groups.ts';
import { openHttpStreams } from './subscriptions/http-stream.ts';
import { wantedFormat } from './subscriptions/stream-format.ts';
import { openWebSockets } from './subscriptions/web-socket.ts';
import { openSupergraph, type SupergraphState } from './supergraph.ts';
import { openTurns } from './turns.ts';

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
  /** Tells what changes, so that answers about public data can be kept until then; without it, equal questions are only shared while they are under way. */
  readonly changes?: ChangeSource;
  /** Where gateways share the answers that they keep; without it each has its own alone. */
  readonly answerCache?: TaggedCache;
  /** What viewers may still ask for; unlimited when missing. */
  readonly budgets?: Budgets;
  /** Operations that apps have registered; without it there are none, and every operation is taken. */
  readonly operations?: OperationsOptions;
}

/** An answer for somebody in this process. */
export interface Executed {
  /** JSON text; missing when nothing was executed. */
  readonly data: string | undefined;
  readonly errors: readonly GraphQLError[];
}

/** The federated graph on `/graphql` and `/graphql/{id of a registered operation}`: over HTTP, server-sent events, multipart and WebSocket. */
export interface Gateway extends AsyncDisposable {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The registry of operations, for operators: `/api/operations`. */
  manageOperations(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** REST v1: `/api/v1/…`. */
  rest(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Executes one operation in this process, within the same limits. */
  execute(source: string, options?: { readonly variables?: Variables; readonly viewer?: Viewer }): Promise<Executed>;
  /**
   * Serves another supergraph of the same subgraphs from now on. Requests in flight end on the one before; subscriptions go on without losing an
   * event, and those that are not valid any more end with the reason. @throws AppError BAD_SUPERGRAPH: the one before stays
   */
  reload(supergraphSdl: string): Promise<void>;
  supergraph(): SupergraphState;
  /** Ends subscriptions, tells clients to go, and lets requests end. */
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const CHECK_STREAMS_EVERY_MS = 250;
const NOBODY: Viewer = { kind: 'anonymous' };

/** Opens the gateway. It opens no port: `http/server.ts` does. @throws AppError BAD_SUPERGRAPH */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, log, metrics, authenticate, settings = DEFAULT_SETTINGS, budgets = UNLIMITED } = options;
  const { limits, streams: streamLimits } = settings;
  const subgraphs = recordingExecutor(
    'prepare' in options.subgraphs ? options.subgraphs : inProcessExecutor(options.subgraphs),
  );
  const answering = openAnswering(options, settings.answers, () => graph().version);
  const timing = deadlines(clock, limits.operationMs);
  const tolerating = toleratingForgottenErrors(log);
  const [turns, tellRefused] = [openTurns(), toldRefusals({ audit: options.operations?.audit, clock, log })];
  const supergraph = await openSupergraph(options.supergraphSdl, {
    ...{ subgraphs, deadlines: timing, settings, budgets, clock, log, metrics, turns, tellRefused },
    subgraphNames: 'prepare' in options.subgraphs ? undefined : new Set(options.subgraphs.map(({ name }) => name)),
    changed: (viewer, changed) => answering.changed(changed, viewer),
    async replaced() {
      answering.changed('everything');
      registered.recheck();
      await warmUp(graph(), registered.served(), log);
      await groups.move();
    },
  });
  const graph = () => supergraph.current;
  const groups = openGroups({ graph, subgraphs, clock, limits: streamLimits, metrics });
  const executing = { graph, authenticate, clock, log, metrics };
  const registered = await openRegistered(
    { ...executing, limits, budgets, turns, tellRefused, answers: answering.answers },
    options.operations,
  );
  const { resolve } = registered;
  await warmUp(graph(), registered.served(), log);
  const shared = { ...executing, groups, resolve };
  const webSockets = openWebSockets({ ...shared, budgets, turns, limits: streamLimits });
  const httpStreams = openHttpStreams({ ...shared, settings, turns });
  const http = httpHandler(graph, { resolve, authenticate, limits, budgets, turns, answers: answering.answers });
  const checking = clock.every(CHECK_STREAMS_EVERY_MS, () => {
    webSockets.check(clock.elapsedMs());
    httpStreams.check(clock.elapsedMs());
    answering.check(clock.elapsedMs());
  });
  const end = async (): Promise<void> => {
    groups.endAll({ kind: 'completed' });
    await webSockets.close();
    await supergraph.close();
    checking[Symbol.dispose]();
    registered[Symbol.dispose]();
    answering[Symbol.dispose]();
    timing[Symbol.dispose]();
    tolerating[Symbol.dispose]();
  };
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  return {
    async handle(request, response) {
      const format = wantedFormat(request);
      if (format) return await httpStreams.handle(request, response, format);
      await (registered.get(request, response) ?? http(request, response));
    },
    manageOperations: registered.manage,
    rest: registered.rest,
    upgrade: webSockets.upgrade,
    execute: (source, asked = {}) => executed(graph(), source, asked),
    reload: supergraph.reload,
    supergraph: () => supergraph.state,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** One operation for somebody in this process. */
async function executed(
  { documents, engine }: Serving,
  source: string,
  { variables, viewer = NOBODY }: { readonly variables?: Variables; readonly viewer?: Viewer },
): Promise<Executed> {
  const admission = documents.admit(source);
  if (admission.kind === 'refused') return { data: undefined, errors: admission.errors };
  const { document } = admission;
  const requestId = crypto.randomUUID();
  const answer = await engine.execute({ source, document, operationName: undefined, variables, viewer, requestId });
  return { data: dataText(answer), errors: answer.errors };
}

/** Queries and mutations as JSON, on the supergraph that is served when they come. */
function httpHandler(graph: () => Serving, shared: Omit<GraphqlHttpDependencies, 'serving'>): Handler {
  const handlers = new WeakMap<Serving, Handler>();
  return async (request, response) => {
    const serving = graph();
    const handler = handlers.get(serving) ?? graphqlHttp({ ...shared, serving });
    handlers.set(serving, handler);
    await serving.during(() => handler(request, response));
  };
}
