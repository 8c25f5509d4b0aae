import { AppError } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Context, ServerOptions, SubscribePayload } from 'graphql-ws';
import type { Documents } from '../documents.ts';
import { answerText, type Engine, type OperationRequest } from '../engine.ts';
import { explainAppError } from '../errors.ts';
import type { ResolveOperation } from '../operations/asking.ts';
import type { StreamLimits } from '../settings.ts';
import type { Subscriber } from './delivery.ts';
import type { Groups } from './groups.ts';
import type { Outbox } from './outbox.ts';

/** One WebSocket connection. */
export interface SocketClient {
  viewer: Viewer;
  readonly outbox: Outbox;
  /** Aborted when the connection is gone. */
  readonly ended: AbortController;
  close(code: number, reason: string): void;
}

interface OperationContext {
  readonly id: string;
  readonly request: OperationRequest;
  readonly client: SocketClient;
  /** Whether the client still wants answers. */
  wanted(): boolean;
  /** From now on graphql-ws says nothing more about this operation. */
  forget(): void;
}

export interface SocketDependencies {
  readonly engine: Engine;
  readonly documents: Documents;
  readonly groups: Groups;
  readonly resolve: ResolveOperation;
  readonly schema: GraphQLSchema;
  readonly limits: StreamLimits;
}

type Hooks = Pick<ServerOptions<Record<string, unknown>, SocketClient>, 'onSubscribe' | 'execute' | 'subscribe'>;

/**
 * What graphql-ws is to do with operations. It keeps the protocol; answers are written past it, as text that is the same
 * for every client of a group but for its id.
 */
export function socketOperations(dependencies: SocketDependencies): Hooks {
  const { engine, documents, groups, resolve, schema, limits } = dependencies;
  return {
    onSubscribe(context, id, payload) {
      if (Object.keys(context.subscriptions).length > limits.subscriptionsPerSocketMax) {
        const most = `at most ${limits.subscriptionsPerSocketMax} operations at a time over one connection`;
        const { message, extensions } = explainAppError(new AppError('RATE_LIMITED', most));
        return [new GraphQLError(message, { extensions })];
      }
      const resolution = resolve(payload, context.extra.viewer);
      if (resolution.kind === 'refused') return [resolution.error];
      const source = resolution.kind === 'source' ? resolution.source : '';
      const admission = documents.admit(source);
      if (admission.kind === 'refused') return admission.errors;
      return {
        schema,
        document: admission.document,
        ...requested(context, id, payload, { source, document: admission.document }),
      };
    },
    async execute(args) {
      const { id, request, client, wanted } = args.contextValue as OperationContext;
      const answer = await engine.execute(request);
      if (wanted()) client.outbox.send(nextMessage(id, answerText(answer)));
      const stream = endless();
      stream.finish();
      return stream.iterator;
    },
    async subscribe(args) {
      const operation = args.contextValue as OperationContext;
      const stream = endless();
      const joined = await groups.join(operation.request, socketSubscriber(operation, stream.finish));
      if (joined.kind === 'refused') return { errors: [...joined.errors] };
      stream.onReturn(joined.leave);
      return stream.iterator;
    },
  };
}

function requested(
  context: Context<Record<string, unknown>, SocketClient>,
  id: string,
  payload: SubscribePayload,
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
    id,
    request,
    client: context.extra,
    wanted: () => id in context.subscriptions,
    forget: () => void delete context.subscriptions[id],
  };
  return { operationName: request.operationName ?? null, contextValue };
}

function nextMessage(id: string, payload: string): string {
  return `{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`;
}

function socketSubscriber({ id, client, wanted, forget }: OperationContext, finish: () => void): Subscriber {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  return {
    deliver(delivery) {
      client.outbox.send(`${head}${delivery.payload}}`, () =>
        delivery.conflationKey === undefined ? undefined : `${id} ${delivery.conflationKey}`,
      );
    },
    end(end) {
      if (end.kind === 'failed' && wanted()) {
        client.outbox.send(`{"id":${JSON.stringify(id)},"type":"error","payload":${end.errors}}`);
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
