import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticate } from '@greencity/platform/graphql/port';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { answerText } from '../engine.ts';
import { statusOf } from '../errors.ts';
import type { Graph } from '../graph.ts';
import { setBudgetHeaders } from '../http/budget-headers.ts';
import { cacheControlFor, sendRepresentation } from '../http/conditional.ts';
import { identityOf, refuse } from '../http/graphql-http.ts';
import type { ResolveOperation } from './asking.ts';
import { lifecycleHeaders } from './lifecycle-headers.ts';
import type { RegisteredOperation } from './registry.ts';

export interface PersistedGetDependencies {
  /** The graph that is served now. */
  readonly graph: () => Graph;
  readonly resolve: ResolveOperation;
  readonly authenticate: Authenticate;
}

const PATH = '/graphql/';

/** The id in `/graphql/{id}`, `/graphql?id=`, `?documentId=` or `?extensions=`; undefined when a request carries none. */
export function persistedParameters(url: string): Readonly<Record<string, unknown>> | undefined {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const given = Object.fromEntries(new URLSearchParams(query < 0 ? '' : url.slice(query + 1)));
  if (path.startsWith(PATH)) return { ...given, id: path.slice(PATH.length) };
  if (given['id'] !== undefined || given['documentId'] !== undefined) return given;
  const extensions = given['extensions'] === undefined ? undefined : parsed(given['extensions']);
  const automatic = (extensions as { persistedQuery?: unknown } | null | undefined)?.persistedQuery !== undefined;
  return automatic ? { ...given, extensions } : undefined;
}

/**
 * GET of a registered query by its id: needs no preflight header, for it can change nothing and its text is known, and tells caches how long they may keep it.
 */
export function persistedGet({ graph, resolve, authenticate }: PersistedGetDependencies) {
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    asked: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const identity = await identityOf(authenticate, request, response);
    if (!identity) return;
    const { viewer } = identity;
    const resolution = resolve(asked, viewer);
    if (resolution.kind === 'refused') return refuse(response, resolution.status, [resolution.error]);
    if (resolution.kind === 'nothing' || !resolution.registered)
      return refuse(response, 400, [wrong('Give the id of a registered operation.')]);
    const { registered } = resolution;
    const unfit = unfitForGet(registered);
    if (unfit) {
      response.setHeader('allow', 'POST');
      return refuse(response, 405, [wrong(unfit)]);
    }
    const variables = asked['variables'] === undefined ? {} : parsed(String(asked['variables']));
    if (typeof variables !== 'object' || Array.isArray(variables))
      return refuse(response, 400, [wrong('`variables` must be an object in JSON.')]);
    const { documents, engine } = graph();
    const admission = documents.admit(registered.source);
    if (admission.kind === 'refused') return refuse(response, 400, admission.errors);
    const answer = await engine.execute({
      source: registered.source,
      document: admission.document,
      operationName: undefined,
      variables: (variables ?? {}) as Readonly<Record<string, unknown>>,
      viewer,
      requestId: crypto.randomUUID(),
      onBudget: (state) => setBudgetHeaders(response, state),
    });
    if (answer.data === undefined) return refuse(response, statusOf(answer.errors), answer.errors);
    sendRepresentation(request, response, {
      type: typeFor(request),
      body: answerText(answer),
      cacheControl: answer.errors.length > 0 ? 'no-store' : cacheControlFor(viewer, registered.maxAgeS),
      headers: lifecycleHeaders(registered),
    });
  };
}

function unfitForGet({ operation, name }: RegisteredOperation): string | undefined {
  switch (operation.operation) {
    case OperationTypeNode.QUERY:
      return undefined;
    case OperationTypeNode.MUTATION:
      return `${name} is a mutation: send its id by POST.`;
    case OperationTypeNode.SUBSCRIPTION:
      return `${name} is a subscription: ask for text/event-stream, or use a WebSocket.`;
  }
}

/** Both types of GraphQL over HTTP; the newer one to who names it. */
function typeFor(request: IncomingMessage): string {
  return (request.headers.accept ?? '').includes('application/graphql-response+json')
    ? 'application/graphql-response+json; charset=utf-8'
    : 'application/json; charset=utf-8';
}

function wrong(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
