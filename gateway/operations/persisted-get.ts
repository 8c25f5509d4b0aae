import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS } from '@greencity/platform/errors';
import type { Authenticate, Viewer } from '@greencity/platform/graphql/port';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { answerBytes } from '../answer.ts';
import type { Answers, Shareable } from '../cache/answers.ts';
import type { AnswerRecord } from '../cache/record.ts';
import type { Budgets } from '../cost/budgets.ts';
import { payForKept } from '../cost/kept-answers.ts';
import { refusal, statusOf } from '../errors.ts';
import type { Graph } from '../graph.ts';
import { turnToRead } from '../http/body.ts';
import { setBudgetHeaders } from '../http/budget-headers.ts';
import { cacheControlFor, etagOf, sendRepresentation } from '../http/conditional.ts';
import { errorsAnswer, identityOf, refuse } from '../http/graphql-http.ts';
import { type HttpAnswer, OK, sendAnswer } from '../http/http-answer.ts';
import { parseJson } from '../http/json.ts';
import { graphqlType } from '../http/negotiation.ts';
import { operationParameters, queryStringOf } from '../http/operation-parameters.ts';
import type { Turns } from '../turns.ts';
import type { ResolveOperation } from './asking.ts';
import { lifecycleHeaders } from './lifecycle-headers.ts';
import type { RegisteredOperation } from './registry.ts';

export interface PersistedGetDependencies {
  /** The graph that is served now. */
  readonly graph: () => Graph;
  readonly resolve: ResolveOperation;
  readonly authenticate: Authenticate;
  readonly budgets: Budgets;
  readonly answers: Answers<HttpAnswer>;
  readonly turns: Turns;
}

const PATH = '/graphql/';

/** The id in `/graphql/{id}`, `/graphql?id=`, `?documentId=` or `?extensions=`; undefined when a request carries none. */
export function persistedParameters(url: string): Readonly<Record<string, unknown>> | undefined {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const given = operationParameters(queryStringOf(url));
  if (path.startsWith(PATH)) return { ...given, id: path.slice(PATH.length) };
  if (given['id'] !== undefined || given['documentId'] !== undefined) return given;
  const json = given['extensions'] === undefined ? undefined : parseJson(given['extensions']);
  const extensions = json && 'value' in json ? json.value : undefined;
  const automatic = (extensions as { persistedQuery?: unknown } | null | undefined)?.persistedQuery !== undefined;
  return automatic ? { ...given, extensions } : undefined;
}

/**
 * GET of a registered query by its id: needs no preflight header, for it can change nothing and its text is known, and tells caches how long they may keep it.
 */
export function persistedGet(dependencies: PersistedGetDependencies) {
  const { resolve, authenticate, budgets, answers, turns } = dependencies;
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    asked: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const late = await turnToRead(request, request.url?.length ?? 0, turns);
    if (late) return refuse(response, ERRORS[late.code].status, [refusal(late)], request);
    const identity = await identityOf(authenticate, request, response);
    if (!identity) return;
    const { viewer } = identity;
    const resolution = resolve(asked, viewer);
    if (resolution.kind === 'refused') return refuse(response, resolution.status, [resolution.error], request);
    if (resolution.kind === 'nothing' || !resolution.registered)
      return refuse(response, 400, [wrong('Give the id of a registered operation.')], request);
    const { registered } = resolution;
    const unfit = unfitForGet(registered);
    if (unfit) {
      response.setHeader('allow', 'POST');
      return refuse(response, 405, [wrong(unfit)], request);
    }
    const given = parseJson(String(asked['variables'] ?? '{}'));
    const variables = 'value' in given ? given.value : undefined;
    if (typeof variables !== 'object' || Array.isArray(variables))
      return refuse(response, 400, [wrong('`variables` must be an object in JSON.')], request);
    const call = { source: registered.source, variables: (variables ?? {}) as Variables, viewer };
    const answer = await answers.answer({
      key: `id ${registered.id} ${String(asked['variables'] ?? '')}`,
      viewer,
      takesKept: true,
      make: (record) => made(dependencies.graph(), call, { response, record }),
      pay: () => payForKept(budgets, viewer, response),
    });
    if (answer.status !== OK) return sendAnswer(response, answer);
    const { etag, 'cache-control': cacheControl = cacheControlFor(viewer, registered.maxAgeS) } = answer.headers;
    await sendRepresentation(request, response, {
      type: graphqlType(request.headers.accept),
      body: answer.body,
      cacheControl,
      ...(etag === undefined ? {} : { etag }),
      headers: lifecycleHeaders(registered),
    });
  };
}

type Variables = Readonly<Record<string, unknown>>;

interface Call {
  readonly source: string;
  readonly variables: Variables;
  readonly viewer: Viewer;
}

/** Executes the operation. What everyone may be given of the answer is in its status, its ETag and its body; who may keep it is said to each. */
async function made(
  { documents, engine }: Graph,
  { source, variables, viewer }: Call,
  { response, record }: { readonly response: ServerResponse; readonly record: AnswerRecord | undefined },
): Promise<Shareable<HttpAnswer>> {
  const admission = documents.admit(source);
  if (admission.kind === 'refused') return unkept(errorsAnswer(BAD_REQUEST, admission.errors));
  let spent = false;
  const { document } = admission;
  const answer = await engine.execute({
    ...{ source, document, operationName: undefined, variables, viewer, record },
    requestId: crypto.randomUUID(),
    onBudget(state) {
      spent = !state.allowed;
      setBudgetHeaders(response, state);
    },
  });
  if (answer.whole === undefined)
    return { ...unkept(errorsAnswer(statusOf(answer.errors), answer.errors)), alone: spent };
  const body = answerBytes(answer);
  const keep = answer.errors.length === 0;
  const headers: Record<string, string> = { etag: etagOf(body), ...(keep ? {} : { 'cache-control': 'no-store' }) };
  return { value: { status: OK, headers, body }, keep };
}

const BAD_REQUEST = 400;

function unkept(value: HttpAnswer): Shareable<HttpAnswer> {
  return { value, keep: false };
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

function wrong(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
