import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import { type GraphQLError, OperationTypeNode } from 'graphql';
import type { OperationRequest } from '../engine.ts';
import { refusal, statusOf } from '../errors.ts';
import { operationOf } from '../executor/operation-of.ts';
import type { Graph } from '../graph.ts';
import type { BodyReading } from '../http/body.ts';
import { bodyOf } from '../http/graphql-http.ts';
import { parseJson } from '../http/json.ts';
import { operationParameters, queryStringOf } from '../http/operation-parameters.ts';
import { methodNotAllowed, sendProblem } from '../http/problem.ts';
import { named } from '../limits.ts';
import type { Asked, ResolveOperation } from '../operations/asking.ts';
import { persistedParameters } from '../operations/persisted-get.ts';
import { readStart, type StreamStart } from './start.ts';

/** What a client asked for in the URL, the head or the body. */
export interface StreamParameters {
  readonly asked: Asked;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/** Reads what a client asks for; undefined when the request has been answered already. */
export async function streamParameters(
  request: IncomingMessage,
  response: ServerResponse,
  reading: BodyReading,
): Promise<StreamParameters | undefined> {
  const given = await parametersOf(request, response, reading);
  if (!given) return undefined;
  const variables = parsed(given['variables']);
  const extensions = parsed(given['extensions']);
  const { operationName } = given;
  const asked = { ...given, extensions };
  const isNamed = typeof given['query'] === 'string' || namesOperation(asked);
  if (isNamed && (variables === undefined || variables === null || isRecord(variables))) {
    return {
      asked,
      operationName: typeof operationName === 'string' && operationName !== '' ? operationName : undefined,
      variables: variables ?? undefined,
    };
  }
  sendProblem(response, 400, { title: '`query` must be text, or `id` given, and `variables` be an object.' });
  return undefined;
}

async function parametersOf(
  request: IncomingMessage,
  response: ServerResponse,
  reading: BodyReading,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (request.method === 'GET') {
    const url = request.url ?? '/';
    return persistedParameters(url) ?? operationParameters(queryStringOf(url));
  }
  if (request.method !== 'POST') {
    methodNotAllowed(response, 'GET, POST');
    return undefined;
  }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    sendProblem(response, 415, { title: 'The body must be application/json.' });
    return undefined;
  }
  const body = await bodyOf(request, response, reading);
  return body && (isRecord(body.value) ? body.value : {});
}

function namesOperation({ id, documentId, extensions }: Asked): boolean {
  return id !== undefined || documentId !== undefined || (isRecord(extensions) && 'persistedQuery' in extensions);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a URL carries as JSON text; what is none stays as it is, and is refused as that. */
function parsed(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  const json = parseJson(given);
  return 'value' in json ? json.value : given;
}

export type AdmittedStream =
  | { readonly kind: OperationTypeNode; readonly operation: OperationRequest; readonly start: StreamStart }
  | { readonly status: number; readonly errors: readonly GraphQLError[] };

export interface Admitting {
  readonly graph: Graph;
  readonly resolve: ResolveOperation;
  readonly viewer: Viewer;
}

/** A GET changes nothing: it carries no mutation, so that no link or image of another site can. */
export async function admitStream(
  { asked, operationName, variables }: StreamParameters,
  request: IncomingMessage,
  { graph, resolve, viewer }: Admitting,
): Promise<AdmittedStream> {
  const resolution = resolve(asked, viewer);
  if (resolution.kind === 'refused') return { status: resolution.status, errors: [resolution.error] };
  const source = resolution.kind === 'source' ? resolution.source : '';
  try {
    const admission = named(await graph.documents.admitInTurn(source, viewer.from), operationName);
    if (admission.kind === 'refused') return { status: 400, errors: admission.errors };
    const { document } = admission;
    const kind = operationOf(document, operationName).operation;
    if (request.method === 'GET' && kind === OperationTypeNode.MUTATION)
      return { status: 405, errors: [refusal(new AppError('BAD_USER_INPUT', 'Send mutations by POST.'))] };
    return {
      kind,
      operation: { source, document, operationName, variables, viewer, requestId: crypto.randomUUID() },
      start: startOf(asked.extensions, request.headers['last-event-id']),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const errors = [refusal(error)];
    return { status: statusOf(errors), errors };
  }
}

/** A browser that connects again sends the same URL and, in this header, how far it came: that counts for more. */
function startOf(extensions: unknown, lastEventId: string | readonly string[] | undefined): StreamStart {
  const start = readStart(extensions);
  return typeof lastEventId === 'string' && lastEventId !== ''
    ? readStart({ snapshot: start.snapshot, cursor: lastEventId })
    : start;
}
