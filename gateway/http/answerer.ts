import type { IncomingMessage } from 'node:http';
import { HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import { takeAnswerBytes } from '../answer.ts';
import type { RequestContext } from '../apollo-server.ts';
import { boundedCache } from '../planning/bounded-cache.ts';
import type { Serving } from '../serving.ts';
import { type HttpAnswer, OK } from './http-answer.ts';
import { isRecord, type PostedOperation, postedOperation } from './posted-operation.ts';

/** What a client sent, and the text that it means. */
export interface Sent {
  readonly request: IncomingMessage;
  readonly body: PostedBody;
  readonly source: string | undefined;
  /** What the text was parsed to, once it was admitted. */
  readonly document: DocumentNode | undefined;
}

/** The body of a POST: its value, and its text where it is JSON. */
export interface PostedBody {
  readonly value: unknown;
  readonly text?: string;
}

/** Everything of a graph that answers over HTTP. */
export type Answering = Pick<Serving, 'server' | 'documents' | 'engine'>;

export type Answerer = (sent: Sent, context: RequestContext) => Promise<HttpAnswer>;

/** Different `Accept` headers whose answers' heads are known. */
const HEADS_MAX = 100;
/** Longer ones are no client's that comes again and again. */
const ACCEPT_LENGTH_MAX = 256;

/**
 * Answers as Apollo Server does. Where the operation is known to be good it is executed past it, and only what has errors is given to Apollo Server, which
 * formats them and chooses the status. What else it says in the head of an answer depends on `Accept` alone, and is learnt from its own answers.
 */
export function answerer({ server, engine }: Answering): Answerer {
  const heads = boundedCache<HttpAnswer['headers']>(HEADS_MAX);
  const byApollo = async ({ request, body, source }: Sent, contextValue: RequestContext): Promise<HttpAnswer> => {
    const httpGraphQLRequest: HTTPGraphQLRequest = {
      ...{ method: request.method ?? '', headers: headersOf(request), search: searchOf(request) },
      body: source === undefined ? body.value : withText(body.value, source),
    };
    const answer = await server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => contextValue });
    return await httpAnswer(answer);
  };
  const straight = async (source: string, posted: PostedOperation, context: RequestContext) => {
    const answer = await engine.execute({ ...posted, source, ...context });
    if (answer.errors.length === 0 && answer.whole) return takeAnswerBytes(answer);
    context.answer = answer;
    return undefined;
  };
  return async (sent: Sent, context: RequestContext): Promise<HttpAnswer> => {
    const { request, body, source, document } = sent;
    const isJsonPost = request.method === 'POST' && body.text !== undefined;
    const posted = isJsonPost && document ? postedOperation(document, body.value) : undefined;
    if (!posted || source === undefined) return await byApollo(sent, context);
    const accept = request.headers.accept ?? '';
    const head = heads.get(accept);
    const bytes = head && (await straight(source, posted, context));
    if (bytes) return { status: OK, headers: { ...head, 'content-length': String(bytes.length) }, body: bytes };
    const given = await byApollo(sent, context);
    const isClean = given.status === OK && context.answer === undefined;
    if (isClean && accept.length <= ACCEPT_LENGTH_MAX) heads.set(accept, given.headers);
    return given;
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

/** A body with the text of its operation in the place of its id; a GET has none. */
function withText(body: unknown, query: string): unknown {
  if (!isRecord(body)) return body;
  const { id: _, documentId: __, extensions, ...rest } = body;
  if (!isRecord(extensions)) return { ...rest, query };
  const { persistedQuery: ___, ...others } = extensions;
  return { ...rest, query, extensions: others };
}

/** The query of a URL, with its question mark. */
function searchOf({ url = '/' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').search;
}

function headersOf(request: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}
