import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@greencity/platform/clock/port';
import type { Authenticate } from '@greencity/platform/graphql/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { OperationTypeNode } from 'graphql';
import { answerBytes } from '../answer.ts';
import { type Identity, tokenEnded } from '../bearer.ts';
import type { BudgetState } from '../cost/budgets.ts';
import type { OperationRequest } from '../engine.ts';
import { statusOf } from '../errors.ts';
import type { Graph } from '../graph.ts';
import { setBudgetHeaders } from '../http/budget-headers.ts';
import { clientAddress } from '../http/client-address.ts';
import { identityOf, refuse } from '../http/graphql-http.ts';
import { sendProblem } from '../http/problem.ts';
import type { ResolveOperation } from '../operations/asking.ts';
import type { GatewaySettings } from '../settings.ts';
import type { Turns } from '../turns.ts';
import { clientCounts } from './client-counts.ts';
import type { Subscriber } from './delivery.ts';
import type { Groups } from './groups.ts';
import { admitStream, streamParameters } from './http-stream-request.ts';
import { type Outbox, outboxes } from './outbox.ts';
import type { StreamStart } from './start.ts';
import type { StreamFormat } from './stream-format.ts';

export interface HttpStreamDependencies {
  /** The graph that is served now. */
  readonly graph: () => Graph;
  readonly groups: Groups;
  readonly resolve: ResolveOperation;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly settings: GatewaySettings;
  readonly turns: Turns;
}

/** GraphQL over a long HTTP response, one for each operation. */
export interface HttpStreams {
  handle(request: IncomingMessage, response: ServerResponse, format: StreamFormat): Promise<void>;
  /** Looks after slow clients; to be called now and then. */
  check(nowMs: number): void;
}

export function openHttpStreams(dependencies: HttpStreamDependencies): HttpStreams {
  const { settings, metrics, authenticate, resolve, turns } = dependencies;
  const reading = { bytesMax: settings.limits.bodyBytesMax, turns };
  let streams = 0;
  metrics.gauge('gateway_event_streams', 'Open event streams over HTTP.', () => streams);
  const conflated = metrics.counter('gateway_conflated_total', 'Messages that a newer one replaced for a slow client.');
  const slow = metrics.counter('gateway_slow_clients_total', 'Clients closed because they took nothing.');
  const outgoing = outboxes<Buffer>(settings.streams, () => conflated.add());
  const openStream = (response: ServerResponse): Outbox<Buffer> => {
    streams += 1;
    const outbox = outgoing.open({
      bufferedBytes: () => response.writableLength,
      write: (message) => void response.write(message),
      onDrain: (drained) => {
        if (response.writableNeedDrain) response.once('drain', drained);
        else setImmediate(drained);
      },
      giveUp: () => {
        slow.add();
        response.destroy();
      },
    });
    response.once('close', () => {
      streams -= 1;
      outbox.close();
    });
    return outbox;
  };
  const counts = clientCounts(settings.streams.eventStreamsPerClientMax, settings.streams.limitLocal);
  return {
    async handle(request, response, format) {
      const parameters = await streamParameters(request, response, reading);
      if (!parameters) return;
      const identity = await identityOf(authenticate, request, response);
      if (!identity) return;
      if (streams >= settings.streams.eventStreamsMax) {
        sendProblem(response, 503, { title: 'Too many streams are open.', headers: { 'retry-after': '30' } });
        return;
      }
      const leave = counts.enter(clientAddress(request));
      if (!leave) {
        sendProblem(response, 429, { title: 'Too many streams are open from this address.', code: 'RATE_LIMITED' });
        return;
      }
      response.once('close', leave);
      const graph = dependencies.graph();
      const admitted = await admitStream(parameters, request, { graph, resolve, viewer: identity.viewer });
      if ('errors' in admitted) return refuse(response, admitted.status, admitted.errors, request);
      const { start, kind } = admitted;
      const operation = { ...admitted.operation, onBudget: (state: BudgetState) => setBudgetHeaders(response, state) };
      const stream: Stream = { request, response, format, outbox: openStream(response), identity };
      if (kind === OperationTypeNode.SUBSCRIPTION) return await subscribe(dependencies, { operation, start }, stream);
      const payload = answerBytes(await graph.engine.execute(operation));
      begin(stream);
      response.end(Buffer.concat([format.next({ payload, cursor: undefined }), format.end(undefined)]));
    },
    check: (nowMs) => outgoing.check(nowMs),
  };
}

interface Stream {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly format: StreamFormat;
  readonly outbox: Outbox<Buffer>;
  readonly identity: Identity;
}

/** The head goes out when the upstream listens: a client that has seen it misses nothing. */
function begin({ response, format }: Stream): void {
  if (response.headersSent) return;
  response.writeHead(200, {
    'content-type': format.contentType,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(format.opening);
}

interface Wish {
  readonly operation: OperationRequest;
  readonly start: StreamStart;
}

async function subscribe(
  { groups, authenticate, clock, settings }: HttpStreamDependencies,
  { operation, start }: Wish,
  stream: Stream,
): Promise<void> {
  const { response, format, outbox, identity } = stream;
  const gone = new AbortController();
  const subscriber = httpSubscriber(stream);
  let leave = (): void => undefined;
  response.once('close', () => {
    gone.abort();
    leave();
  });
  const joined = await groups.join(operation, subscriber, start);
  if (joined.kind === 'refused') return refuse(response, statusOf(joined.errors), joined.errors, stream.request);
  leave = joined.leave;
  if (gone.signal.aborted) return leave();
  if (response.writableEnded) return;
  begin(stream);
  const alive = clock.every(settings.streams.pingEveryMs, () => outbox.send(format.heartbeat, () => 'alive'));
  gone.signal.addEventListener('abort', () => alive[Symbol.dispose]());
  if (identity.token === undefined) return;
  await tokenEnded(identity, { authenticate, clock, signal: gone.signal });
  if (gone.signal.aborted) return;
  leave();
  const errors = [{ message: 'The token has ended.', extensions: { code: 'UNAUTHENTICATED' } }];
  subscriber.end({ kind: 'failed', errors: JSON.stringify(errors) });
}

function httpSubscriber(stream: Stream): Subscriber {
  const { response, format, outbox } = stream;
  return {
    deliver(delivery) {
      begin(stream);
      outbox.send(format.next(delivery), delivery.conflationKey);
    },
    drained: () => outbox.drained(),
    end(end) {
      if (response.writableEnded) return;
      begin(stream);
      outbox.send(format.end(end.kind === 'failed' ? end.errors : undefined));
      response.end();
    },
  };
}
