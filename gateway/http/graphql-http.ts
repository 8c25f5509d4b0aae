import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ERRORS } from '@greencity/platform/errors';
import type { Authenticate } from '@greencity/platform/graphql/port';
import { type DocumentNode, type GraphQLError, OperationTypeNode } from 'graphql';
import type { RequestContext } from '../apollo-server.ts';
import { type Identity, identityIn } from '../bearer.ts';
import type { Answers, Question } from '../cache/answers.ts';
import type { BudgetState, Budgets } from '../cost/budgets.ts';
import { payForKept } from '../cost/kept-answers.ts';
import { explainAppError, refusal, statusOf } from '../errors.ts';
import { operationOf } from '../executor/operation-of.ts';
import { type Admission, named } from '../limits.ts';
import type { ResolveOperation } from '../operations/asking.ts';
import type { OperationLimits } from '../settings.ts';
import type { Turns } from '../turns.ts';
import { type Answering, answerer, type PostedBody } from './answerer.ts';
import { type BodyReading, bodyLimit, readBody } from './body.ts';
import { setBudgetHeaders } from './budget-headers.ts';
import { type HttpAnswer, OK, sendAnswer } from './http-answer.ts';
import { isTooDeep, parseJson } from './json.ts';
import { graphqlType } from './negotiation.ts';
import { operationParameters, queryStringOf } from './operation-parameters.ts';
import { isRecord } from './posted-operation.ts';
import { methodNotAllowed, sendProblem } from './problem.ts';

export interface GraphqlHttpDependencies {
  readonly serving: Answering;
  readonly resolve: ResolveOperation;
  readonly authenticate: Authenticate;
  readonly limits: OperationLimits;
  readonly answers: Answers<HttpAnswer>;
  readonly budgets: Budgets;
  readonly turns: Turns;
}

/** Queries and mutations over HTTP: Apollo Server behind node:http, and past it where it would add nothing. */
export function graphqlHttp(dependencies: GraphqlHttpDependencies) {
  const { serving, resolve, authenticate, limits, turns } = dependencies;
  const answering = answerer(serving);
  const reading = { bytesMax: limits.bodyBytesMax, turns };
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST' && request.method !== 'GET') return methodNotAllowed(response, 'GET, POST');
    const body = request.method === 'POST' ? await bodyOf(request, response, reading) : { value: undefined };
    if (!body) return;
    const identity = await identityOf(authenticate, request, response);
    if (!identity) return;
    const { viewer } = identity;
    const asked = request.method === 'GET' ? operationParameters(queryStringOf(request.url)) : body.value;
    if (request.method === 'GET' && hasDeepJson(asked)) return refuseBody(response, 'is nested too deeply');
    const resolution = isRecord(asked) ? resolve(asked, viewer) : undefined;
    if (resolution?.kind === 'refused') return refuse(response, resolution.status, [resolution.error], request);
    const source = resolution?.kind === 'source' ? resolution.source : undefined;
    const admission = source === undefined ? undefined : await admitFor(dependencies, viewer.from, { source, asked });
    if (admission?.kind === 'refused') return refuse(response, statusOf(admission.errors), admission.errors, request);
    const make: Question<HttpAnswer>['make'] = async (record) => {
      let spent = false;
      const onBudget = (state: BudgetState): void => {
        spent = !state.allowed;
        setBudgetHeaders(response, state);
      };
      const contextValue: RequestContext = { viewer, requestId: crypto.randomUUID(), record, onBudget };
      const given = await answering({ request, body, source, document: admission?.document }, contextValue);
      // A budget that is spent is this client's alone, whoever asks the same.
      const value = spent ? { ...given, status: ERRORS.RATE_LIMITED.status } : given;
      return { value, keep: value.status === OK, alone: spent };
    };
    const key = admission && source !== undefined ? sharedKey(request, { source, body, ...admission }) : undefined;
    const pay = () => payForKept(dependencies.budgets, viewer, response);
    // Of those who signed in, only registered operations are shared.
    const question = key === undefined ? undefined : { key, viewer, takesKept: false, make, pay };
    await sendAnswer(response, question ? await dependencies.answers.answer(question) : (await make(undefined)).value);
  };
}

/** Longer questions are hardly asked twice: they are told from each other for nothing, and take the memory of kept answers. */
const SHARED_LENGTH_MAX = 16 * 1024;

/** Everything that the answer to a query depends on but who asks; undefined for what must not be shared: only what reads, sent as JSON, is. */
function sharedKey(
  { method, headers }: IncomingMessage,
  { source, document, body }: { readonly source: string; readonly document: DocumentNode; readonly body: PostedBody },
): string | undefined {
  if (method !== 'POST' || body.text === undefined || body.text.length > SHARED_LENGTH_MAX || !isRecord(body.value))
    return undefined;
  if (operationOf(document, nameIn(body.value)).operation !== OperationTypeNode.QUERY) return undefined;
  // The text in place of an id is part of it: what an id stands for may change.
  const registered = body.value['query'] === source ? '' : source;
  return `post ${headers.accept ?? ''}\n${headers['content-type'] ?? ''}\n${registered.length}:${registered}${body.text}`;
}

/** Admits what a client asks for, in its turn; the operation that it names must be there. */
async function admitFor(
  { serving: { documents } }: GraphqlHttpDependencies,
  from: string | undefined,
  { source, asked }: { readonly source: string; readonly asked: unknown },
): Promise<Admission> {
  try {
    const admission = await documents.admitInTurn(source, from);
    return isRecord(asked) ? named(admission, asked['operationName']) : admission;
  } catch (error) {
    if (error instanceof AppError) return { kind: 'refused', errors: [refusal(error)] };
    throw error;
  }
}

function nameIn({ operationName }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof operationName === 'string' && operationName !== '' ? operationName : undefined;
}

/** An answer of errors alone, as JSON, in the type that the client named. */
export function errorsAnswer(status: number, errors: readonly GraphQLError[], accept?: string): HttpAnswer {
  const headers = { 'content-type': graphqlType(accept), 'cache-control': 'no-store' };
  return { status, headers, body: Buffer.from(JSON.stringify({ errors })) };
}

/** Answers with errors alone. */
export function refuse(
  response: ServerResponse,
  status: number,
  errors: readonly GraphQLError[],
  { headers }: IncomingMessage,
): void {
  void sendAnswer(response, errorsAnswer(status, errors, headers.accept));
}

function refuseBody(response: ServerResponse, wrong: string): void {
  sendProblem(response, 400, { title: `What was sent ${wrong}.`, code: 'BAD_USER_INPUT' });
}

/** Whether a parameter of a URL, which may hold JSON, nests deeper than anything that is meant. */
function hasDeepJson(asked: unknown): boolean {
  return isRecord(asked) && Object.values(asked).some((value) => typeof value === 'string' && isTooDeep(value));
}

/** The JSON of a POST; undefined when the request has been answered already. A body that is not said to be JSON is left to Apollo's CSRF prevention. */
export async function bodyOf(
  request: IncomingMessage,
  response: ServerResponse,
  reading: BodyReading,
): Promise<PostedBody | undefined> {
  const body = await readBody(request, reading);
  switch (body.kind) {
    case 'broken':
      response.destroy();
      return undefined;
    case 'too-large':
      sendProblem(response, 413, {
        title: 'The request is too large.',
        detail: bodyLimit(reading),
        code: 'TOO_COSTLY',
        headers: { connection: 'close' },
      });
      return undefined;
    case 'no-text':
      refuseBody(response, 'is not UTF-8');
      return undefined;
    case 'refused':
      refuse(response, ERRORS[body.error.code].status, [refusal(body.error)], request);
      return undefined;
    case 'text': {
      if (!/^application\/([\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')) return { value: body.text };
      const parsed = parseJson(body.text);
      if ('value' in parsed) return { value: parsed.value, text: body.text };
      refuseBody(response, parsed.wrong);
      return undefined;
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
