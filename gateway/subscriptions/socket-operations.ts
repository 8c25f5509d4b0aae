import { AppError } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { GraphQLError } from 'graphql';
import type { Context, ServerOptions, SubscribePayload } from 'graphql-ws';
import { answerBytes } from '../answer.ts';
import type { Budgets } from '../cost/budgets.ts';
import type { OperationRequest } from '../engine.ts';
import { refusal } from '../errors.ts';
import type { Graph } from '../graph.ts';
import { named } from '../limits.ts';
import type { ResolveOperation } from '../operations/asking.ts';
import type { StreamLimits } from '../settings.ts';
import type { Subscriber } from './delivery.ts';
import type { Groups } from './groups.ts';
import type { Outbox } from './outbox.ts';
import { headOf, type SocketMessage, sharedFrame } from './socket-frames.ts';
import { readStart, type StreamStart } from './start.ts';
import { type Wire, writeFrame } from './wire.ts';

/** One WebSocket connection. */
export interface SocketClient {
  viewer: Viewer;
  /** What is written to it goes past the outbox: only frames, and only while it is clear. */
  readonly wire: Wire;
  readonly outbox: Outbox<SocketMessage>;
  /** Aborted when the connection is gone. */
  readonly ended: AbortController;
  close(code: number, reason: string): void;
}

interface OperationContext {
  readonly id: string;
  readonly request: OperationRequest;
  /** The graph that the operation was found valid on. */
  readonly graph: Graph;
  readonly start: StreamStart;
  readonly client: SocketClient;
  /** Whether the client still wants answers. */
  wanted(): boolean;
  /** From now on graphql-ws says nothing more about this operation. */
  forget(): void;
}

/** Of an operation's id, which stands in each of its answers. */
const ID_LENGTH_MAX = 1_024;

export interface SocketDependencies {
  /** The graph that is served now. */
  readonly graph: () => Graph;
  readonly groups: Groups;
  readonly resolve: ResolveOperation;
  readonly limits: StreamLimits;
  readonly budgets: Budgets;
}

type Hooks = Pick<ServerOptions<Record<string, unknown>, SocketClient>, 'onSubscribe' | 'execute' | 'subscribe'>;

/**
 * What graphql-ws is to do with operations. It keeps the protocol; answers are written past it, as text that is the same
 * for every client of a group but for its id.
 */
export function socketOperations(dependencies: SocketDependencies): Hooks {
  const { groups } = dependencies;
  return {
    async onSubscribe(context, id, payload) {
      const graph = dependencies.graph();
      try {
        if (id.length > ID_LENGTH_MAX) throw new AppError('BAD_USER_INPUT', `id: at most ${ID_LENGTH_MAX} characters`);
        const admitted = await admittedFor(dependencies, { context, payload, graph });
        if ('errors' in admitted) return admitted.errors;
        const start = readStart(payload.extensions);
        const operation = operationFor({ context, id, payload, graph, start }, admitted);
        return { schema: graph.schema, document: admitted.document, ...operation };
      } catch (error) {
        if (error instanceof AppError) return [refusal(error)];
        throw error;
      }
    },
    async execute(args) {
      const { id, request, graph, client, wanted } = args.contextValue as OperationContext;
      const answer = await graph.engine.execute(request);
      if (wanted()) client.outbox.send(textMessage(`${headOf(id)}${answerBytes(answer)}}`));
      const stream = endless();
      stream.finish();
      return stream.iterator;
    },
    async subscribe(args) {
      const operation = args.contextValue as OperationContext;
      const stream = endless();
      const subscriber = socketSubscriber(operation, stream.finish);
      const joined = await groups.join(operation.request, subscriber, operation.start);
      if (joined.kind === 'refused') return { errors: [...joined.errors] };
      stream.onReturn(joined.leave);
      return stream.iterator;
    },
  };
}

/** Counts what is asked for as a request over HTTP is counted, and finds its text and whether it is valid. @throws AppError */
async function admittedFor(
  { resolve, limits, budgets }: SocketDependencies,
  { context, payload, graph }: Pick<Subscribing, 'context' | 'payload' | 'graph'>,
): Promise<Pick<OperationRequest, 'source' | 'document'> | { readonly errors: readonly GraphQLError[] }> {
  const { viewer } = context.extra;
  const from = viewer.from ?? '';
  if (Object.keys(context.subscriptions).length > limits.subscriptionsPerSocketMax)
    throw new AppError(
      'RATE_LIMITED',
      `at most ${limits.subscriptionsPerSocketMax} operations at a time over one connection`,
    );
  const state = await budgets.knock(from);
  if (state && !state.allowed)
    throw new AppError('RATE_LIMITED', `${state.limit} a minute from one address: try again in ${state.retryAfterS} s`);
  const resolution = resolve(payload, viewer);
  const source = resolution.kind === 'source' ? resolution.source : '';
  const admission =
    resolution.kind === 'refused'
      ? { kind: resolution.kind, errors: [resolution.error] }
      : named(await graph.documents.admitInTurn(source, from), payload.operationName);
  if (admission.kind === 'admitted') return { source, document: admission.document };
  await budgets.fine(from);
  return { errors: admission.errors };
}

interface Subscribing {
  readonly context: Context<Record<string, unknown>, SocketClient>;
  readonly id: string;
  readonly payload: SubscribePayload;
  readonly graph: Graph;
  readonly start: StreamStart;
}

function operationFor(
  { context, id, payload, graph, start }: Subscribing,
  { source, document }: Pick<OperationRequest, 'source' | 'document'>,
) {
  const request: OperationRequest = {
    source,
    document,
    operationName: payload.operationName ?? undefined,
    variables: payload.variables ?? undefined,
    viewer: context.extra.viewer,
    requestId: crypto.randomUUID(),
  };
  const contextValue: OperationContext = {
    ...{ id, request, graph, start },
    client: context.extra,
    wanted: () => id in context.subscriptions,
    forget: () => void delete context.subscriptions[id],
  };
  return { operationName: request.operationName ?? null, contextValue };
}

function textMessage(text: string): SocketMessage {
  return { kind: 'text', text, length: text.length };
}

function socketSubscriber({ id, client, wanted, forget }: OperationContext, finish: () => void): Subscriber {
  const head = headOf(id);
  const { outbox, wire } = client;
  return {
    deliver(delivery) {
      if (wire.isClear) return writeFrame(wire, sharedFrame(head, delivery));
      outbox.send({ kind: 'shared', head, delivery, length: head.length + delivery.payload.length + 1 }, () => {
        const key = delivery.conflationKey();
        return key === undefined ? undefined : `${id} ${key}`;
      });
    },
    drained: () => outbox.drained(),
    end(end) {
      if (wanted()) {
        const how = end.kind === 'failed' ? `"error","payload":${end.errors}` : '"complete"';
        outbox.send(textMessage(`{"id":${JSON.stringify(id)},"type":${how}}`));
        forget();
      }
      finish();
    },
  };
}

/** An iterator that yields nothing: it is what graphql-ws holds on to while answers are written past it. */
function endless() {
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let left: (() => void) | undefined;
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    left?.();
    finish();
    return { done: true, value: undefined };
  };
  const iterator: AsyncGenerator<never, undefined> = {
    async next() {
      await done;
      return { done: true, value: undefined };
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => iterator,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
  return {
    iterator,
    finish: () => finish(),
    onReturn: (leave: () => void) => {
      left = leave;
    },
  };
}
