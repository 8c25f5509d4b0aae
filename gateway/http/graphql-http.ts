import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import { AppError, ERRORS } from '@greencity/platform/errors';
import type { Authenticate } from '@greencity/platform/graphql/port';
import type { GraphQLError } from 'graphql';
import type { RequestContext } from '../apollo-server.ts';
import { type Identity, identityIn } from '../bearer.ts';
import type { Answers, Question } from '../cache/answers.ts';
import { newRecord } from '../cache/record.ts';
import type { BudgetState, Budgets } from '../cost/budgets.ts';
import { payForKept } from '../cost/kept-answers.ts';
import { explainAppError } from '../errors.ts';
import type { ResolveOperation } from '../operations/asking.ts';
import type { OperationLimits } from '../settings.ts';
import { readBody } from './body.ts';
import { setBudgetHeaders } from './budget-headers.ts';
import { type HttpAnswer, OK, sendAnswer } from './http-answer.ts';
import { methodNotAllowed, sendProblem } from './problem.ts';

export interface GraphqlHttpDependencies {
  readonly server: ApolloServer<RequestContext>;
  readonly resolve: ResolveOperation;
  readonly authenticate: Authenticate;
  readonly limits: OperationLimits;
  readonly answers: Answers<HttpAnswer>;
  readonly budgets: Budgets;
  /** Whether an operation that was found only reads. */
  readonly isQuery: (source: string, operationName: unknown) => boolean;
}

/** Queries and mutations over HTTP: Apollo Server behind node:http. */
export function graphqlHttp(dependencies: GraphqlHttpDependencies) {
  const { server, resolve, authenticate, limits } = dependencies;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST' && request.method !== 'GET') return methodNotAllowed(response, 'GET, POST');
    const body =
      request.method === 'POST' ? await bodyOf(request, response, limits.bodyBytesMax) : { value: undefined };
    if (!body) return;
    const identity = await identityOf(authenticate, request, response);
    if (!identity) return;
    const { viewer } = identity;
    const { search } = new URL(request.url ?? '/', 'http://localhost');
    const asked = request.method === 'GET' ? Object.fromEntries(new URLSearchParams(search)) : body.value;
    const resolution = isRecord(asked) ? resolve(asked, viewer) : undefined;
    if (resolution?.kind === 'refused') return refuse(response, resolution.status, [resolution.error]);
    const { method } = request;
    const httpGraphQLRequest = {
      ...{ method, headers: headersOf(request), search },
      body: resolution?.kind === 'source' ? withText(body.value, resolution.source) : body.value,
    };
    const make: Question<HttpAnswer>['make'] = async (record) => {
      let spent = false;
      const onBudget = (state: BudgetState): void => {
        spent = !state.allowed;
        setBudgetHeaders(response, state);
      };
      const contextValue: RequestContext = { viewer, requestId: crypto.randomUUID(), record, onBudget };
      const answer = await server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => contextValue });
      const given = await httpAnswer(answer);
      // A budget that is spent is this client's alone, whoever asks the same.
      const value = spent ? { ...given, status: ERRORS.RATE_LIMITED.status } : given;
      return { value, bytes: value.body.length, keep: value.status === OK, alone: spent };
    };
    const source = resolution?.kind === 'source' ? resolution.source : undefined;
    const key = source === undefined ? undefined : sharedKey(dependencies, request, { source, body });
    const pay = () => payForKept(dependencies.budgets, viewer, response);
    // Of those who signed in, only registered operations are shared.
    const question = key === undefined ? undefined : { key, viewer, takesKept: false, make, pay };
    sendAnswer(response, question ? await dependencies.answers.answer(question) : (await make(newRecord())).value);
  };
}

async function httpAnswer({ status, headers, body }: HTTPGraphQLResponse): Promise<HttpAnswer> {
  const parts: string[] = [];
  if (body.kind === 'complete') parts.push(body.string);
  else for await (const part of body.asyncIterator) parts.push(part);
  const bytes = Buffer.from(parts.join(''));
  const sent = { ...Object.fromEntries(headers), 'cache-control': 'no-store', 'content-length': String(bytes.length) };
  return { status: status ?? OK, headers: sent, body: bytes };
}

/** Everything that the answer to a query depends on but who asks; undefined for what must not be shared: only what reads, sent as JSON, is. */
function sharedKey(
  { isQuery }: GraphqlHttpDependencies,
  { method, headers }: IncomingMessage,
  { source, body }: { readonly source: string; readonly body: { readonly value: unknown; readonly text?: string } },
): string | undefined {
  if (method !== 'POST' || body.text === undefined || !isRecord(body.value)) return undefined;
  if (!isQuery(source, body.value['operationName'])) return undefined;
  // The text in place of an id is part of it: what an id stands for may change.
  const registered = body.value['query'] === source ? '' : source;
  return `post ${headers.accept ?? ''}\n${headers['content-type'] ?? ''}\n${registered.length}:${registered}${body.text}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A body with the text of its operation in the place of its id; a GET has none. */
function withText(body: unknown, query: string): unknown {
  if (!isRecord(body)) return body;
  const { id: _, documentId: __, extensions, ...rest } = body;
  if (!isRecord(extensions)) return { ...rest, query };
  const { persistedQuery: ___, ...others } = extensions;
  return { ...rest, query, extensions: others };
}

/** An answer of errors alone, as JSON. */
export function errorsAnswer(status: number, errors: readonly GraphQLError[]): HttpAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body: Buffer.from(JSON.stringify({ errors })) };
}

/** Answers with errors alone. */
export function refuse(response: ServerResponse, status: number, errors: readonly GraphQLError[]): void {
  sendAnswer(response, errorsAnswer(status, errors));
}

function headersOf(request: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** The JSON of a POST; undefined when the request has been answered already. A body that is not said to be JSON is left to Apollo's CSRF prevention. */
export async function bodyOf(
  request: IncomingMessage,
  response: ServerResponse,
  bytesMax: number,
): Promise<{ readonly value: unknown; readonly text?: string } | undefined> {
  const body = await readBody(request, bytesMax);
  switch (body.kind) {
    case 'broken':
      response.destroy();
      return undefined;
    case 'too-large':
      sendProblem(response, 413, {
        title: 'The request is too large.',
        detail: `At most ${bytesMax} bytes.`,
        headers: { connection: 'close' },
      });
      return undefined;
    case 'text': {
      if (!/^application\/([\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')) return { value: body.text };
      try {
        return { value: JSON.parse(body.text) as unknown, text: body.text };
      } catch {
        sendProblem(response, 400, { title: 'The body is not JSON.' });
        return undefined;
      }
    }
  }
}

/** Who asks; undefined when the token was refused and the request answered. */
export async function identityOf(
  authenticate: Authenticate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Identity | undefined> {
  try {
    return await identityIn(authenticate, request);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    response.writeHead(ERRORS[error.code].status, {
      'content-type': 'application/json; charset=utf-8',
      'www-authenticate': 'Bearer',
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify({ errors: [explainAppError(error)] }));
    return undefined;
  }
}
