import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@greencity/platform/clock/port';
import type { Authenticate } from '@greencity/platform/graphql/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import type { Documents } from '../documents.ts';
import { answerText, type Engine, type OperationRequest } from '../engine.ts';
import { bodyOf, identityOf, refuse } from '../http/graphql-http.ts';
import { methodNotAllowed, sendProblem } from '../http/problem.ts';
import type { Asked, ResolveOperation } from '../operations/asking.ts';
import { persistedParameters } from '../operations/persisted-get.ts';
import type { GatewaySettings } from '../settings.ts';
import type { Subscriber } from './delivery.ts';
import type { Groups } from './groups.ts';
import { type Outbox, outboxes } from './outbox.ts';

export interface EventStreamDependencies {
  readonly engine: Engine;
  readonly documents: Documents;
  readonly groups: Groups;
  readonly resolve: ResolveOperation;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly settings: GatewaySettings;
}

/** GraphQL over server-sent events, one stream for each operation ("distinct connections mode" of graphql-sse). */
export interface EventStreams {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  check(nowMs: number): void;
}

export function openEventStreams(dependencies: EventStreamDependencies): EventStreams {
  const { settings, metrics, authenticate } = dependencies;
  let streams = 0;
  metrics.gauge('gateway_event_streams', 'Open event streams over HTTP.', () => streams);
  const conflated = metrics.counter('gateway_conflated_total', 'Messages that a newer one replaced for a slow client.');
  const slow = metrics.counter('gateway_slow_clients_total', 'Clients closed because they took nothing.');
  const outgoing = outboxes(settings.streams, () => conflated.add());
  return {
    async handle(request, response) {
      const parameters = await parametersOf(request, response, settings.limits.bodyBytesMax);
      if (!parameters) return;
      const identity = await identityOf(authenticate, request, response);
      if (!identity) return;
      if (streams >= settings.streams.eventStreamsMax) {
        sendProblem(response, 503, { title: 'Too many streams are open.', headers: { 'retry-after': '30' } });
        return;
      }
      const resolution = dependencies.resolve(parameters.asked, identity.viewer);
      if (resolution.kind === 'refused') return refuse(response, resolution.status, [resolution.error]);
      const source = resolution.kind === 'source' ? resolution.source : '';
      const admitted = admitOperation(dependencies, { ...parameters, source }, request.method);
      if ('errors' in admitted) return refuse(response, admitted.status, admitted.errors);
      streams += 1;
      const outbox = outgoing.open({
        bufferedBytes: () => response.writableLength,
        write: (message) => void response.write(message),
        giveUp: () => {
          slow.add();
          response.destroy();
        },
      });
      const stream: Stream = { response, outbox, expiresMs: identity.expiresMs };
      response.once('close', () => {
        streams -= 1;
        outbox.close();
      });
      const asked = { ...admitted.operation, viewer: identity.viewer, requestId: crypto.randomUUID() };
      if (admitted.kind === OperationTypeNode.SUBSCRIPTION) await subscribe(dependencies, asked, stream);
      else await answerOnce(dependencies.engine, asked, stream);
    },
    check: (nowMs) => outgoing.check(nowMs),
  };
}

interface Stream {
  readonly response: ServerResponse;
  readonly outbox: Outbox;
  readonly expiresMs: number | undefined;
}

function next(payload: string, cursor?: string): string {
  return `event: next\n${cursor === undefined ? '' : `id: ${cursor}\n`}data: ${payload}\n\n`;
}

const COMPLETE = 'event: complete\ndata:\n\n';

/** The head goes out when the upstream listens: a client that has seen it misses nothing. */
function begin(response: ServerResponse): void {
  if (response.headersSent) return;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(':\n\n');
}

async function answerOnce(engine: Engine, request: OperationRequest, { response }: Stream): Promise<void> {
  const answer = await engine.execute(request);
  begin(response);
  response.end(next(answerText(answer)) + COMPLETE);
}

async function subscribe(
  { groups, clock, settings }: EventStreamDependencies,
  request: OperationRequest,
  { response, outbox, expiresMs }: Stream,
): Promise<void> {
  const gone = new AbortController();
  const subscriber: Subscriber = {
    deliver(delivery) {
      begin(response);
      outbox.send(next(delivery.payload, delivery.cursor), () => delivery.conflationKey);
    },
    end(end) {
      begin(response);
      outbox.send((end.kind === 'failed' ? next(`{"errors":${end.errors}}`) : '') + COMPLETE);
      response.end();
    },
  };
  let leave = (): void => undefined;
  response.once('close', () => {
    gone.abort();
    leave();
  });
  const joined = await groups.join(request, subscriber);
  if (joined.kind === 'refused') return refuse(response, 400, joined.errors);
  leave = joined.leave;
  if (gone.signal.aborted) return leave();
  begin(response);
  const alive = clock.every(settings.streams.pingEveryMs, () => outbox.send(':\n\n', () => 'alive'));
  gone.signal.addEventListener('abort', () => alive[Symbol.dispose]());
  if (expiresMs === undefined) return;
  await clock.sleep(Math.max(0, expiresMs - clock.nowMs()), gone.signal);
  if (gone.signal.aborted) return;
  leave();
  subscriber.end({
    kind: 'failed',
    errors: JSON.stringify([{ message: 'The token has ended.', extensions: { code: 'UNAUTHENTICATED' } }]),
  });
}

interface Parameters {
  readonly asked: Asked;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/** What a client asked for in the URL or the body; undefined when the request has been answered already. */
async function parametersOf(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
): Promise<Parameters | undefined> {
  let given: Readonly<Record<string, unknown>>;
  if (request.method === 'GET') {
    const url = request.url ?? '/';
    given = persistedParameters(url) ?? Object.fromEntries(new URL(url, 'http://localhost').searchParams);
  } else if (request.method === 'POST') {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      sendProblem(response, 415, { title: 'The body must be application/json.' });
      return undefined;
    }
    const body = await bodyOf(request, response, bytesMax);
    if (!body) return undefined;
    given = isRecord(body.value) ? body.value : {};
  } else {
    methodNotAllowed(response, 'GET, POST');
    return undefined;
  }
  const variables = typeof given['variables'] === 'string' ? parsed(given['variables']) : given['variables'];
  const { operationName } = given;
  if (
    (typeof given['query'] === 'string' || namesOperation(given)) &&
    (variables === undefined || variables === null || isRecord(variables))
  ) {
    return {
      asked: given,
      operationName: typeof operationName === 'string' && operationName !== '' ? operationName : undefined,
      variables: variables ?? undefined,
    };
  }
  sendProblem(response, 400, { title: '`query` must be text, or `id` given, and `variables` be an object.' });
  return undefined;
}

function namesOperation({ id, documentId, extensions }: Asked): boolean {
  return id !== undefined || documentId !== undefined || (isRecord(extensions) && 'persistedQuery' in extensions);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type AdmittedStream =
  | {
      readonly kind: OperationTypeNode;
      readonly operation: Pick<OperationRequest, 'source' | 'document' | 'operationName' | 'variables'>;
    }
  | { readonly status: number; readonly errors: readonly GraphQLError[] };

/** A GET changes nothing: it carries no mutation, so that no link or image of another site can. */
function admitOperation(
  { documents }: EventStreamDependencies,
  asked: Parameters & { readonly source: string },
  method: string | undefined,
): AdmittedStream {
  const admission = documents.admit(asked.source);
  if (admission.kind === 'refused') return { status: 400, errors: admission.errors };
  const operation = getOperationAST(admission.document, asked.operationName);
  const refused = (status: number, message: string): AdmittedStream => ({
    status,
    errors: [new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })],
  });
  if (!operation) return refused(400, '`operationName` names no operation of the document.');
  if (method === 'GET' && operation.operation === OperationTypeNode.MUTATION)
    return refused(405, 'Send mutations by POST.');
  const { operationName, variables } = asked;
  return {
    kind: operation.operation,
    operation: { source: asked.source, document: admission.document, operationName, variables },
  };
}
