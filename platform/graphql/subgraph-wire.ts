/**
 * What the gateway and a subgraph in another process say to each other, over `POST /{name}/graphql` and, for subscriptions, over one WebSocket.
 *
 * A fetch is a JSON object with the hash of its document, which is sent itself only when the subgraph does not know it yet (as automatic persisted
 * queries do), and its variables. Several fetches are an array; each answer then is a line of its own, `[index, result]`, as soon as it is there, so
 * that a slow one holds up nobody. A subscription speaks graphql-transport-ws; its first `next` has no data but says `extensions.listening`: what
 * happens from then on is not missed. Where an event stands in its stream is its `extensions.cursor`; where a live stream begins is the cursor beside
 * `listening`, when it was asked for.
 */
import { hash } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import { AppError, ERRORS, type ErrorCode } from '../errors.ts';
import type { StreamPart } from './port.ts';

/** Where a process serves one of its subgraphs. */
export function subgraphPath(name: string): string {
  return `/${name}/graphql`;
}

/** Where the subgraph of devices tells who a token speaks for. */
export const AUTHENTICATE_PATH = '/devices/authenticate';
export const JSON_TYPE = 'application/json';
/** Content type of the answers to an array of fetches. */
export const LINES_TYPE = 'application/x-ndjson';
/** Fetches of one request. */
export const FETCHES_MAX = 64;

/** One fetch, as it is sent. */
export interface FetchMessage {
  readonly query?: string | undefined;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly extensions?: {
    readonly persistedQuery?: { readonly version: 1; readonly sha256Hash: string };
    /** Of a subscription: its token, which covers `signedText`. */
    readonly authorization?: string;
    /** Of a subscription: which part of its stream is wanted; live when missing. */
    readonly part?: StreamPart;
    /** Of a part that ends by itself: how many of its events this request wants at most; whoever has so many asks again after the last. */
    readonly most?: number;
  };
}

/** The name by which a document is known at both ends. */
export function documentHash(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The text of a subscription that its token is made over; JSON of JSON is the same text at both ends. */
export function signedText({ query, variables, extensions }: FetchMessage): string {
  const { authorization: _, ...rest } = extensions ?? {};
  return JSON.stringify([query ?? null, variables ?? null, rest]);
}

/** The answer for a hash that the subgraph does not know. */
export const UNKNOWN_DOCUMENT = 'PERSISTED_QUERY_NOT_FOUND';
export const UNKNOWN_DOCUMENT_ANSWER = `{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"${UNKNOWN_DOCUMENT}"}}]}`;

/** An error as it is sent. With a code of ours, `extensions.subject` says what it is about. */
export interface ErrorMessage {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Tells the log of an error that nobody foresaw, and gives the id by which it is found there. */
export type ReportUnexpected = (error: unknown) => string;

/** The JSON text of a result. What nobody foresaw stays here, in the log. */
export function resultText(result: ExecutionResult, report: ReportUnexpected): string {
  if (!result.errors || result.errors.length === 0) return JSON.stringify({ data: result.data });
  const errors = result.errors.map((error) => errorMessage(error, report));
  return JSON.stringify(result.data === undefined ? { errors } : { data: result.data, errors });
}

/** The text of a result with the place of its event in the stream. */
export function withCursor(text: string, cursor: string | undefined): string {
  return cursor === undefined ? text : `${text.slice(0, -1)},"extensions":{"cursor":${JSON.stringify(cursor)}}}`;
}

/** The text of an event that has no result: the end of a snapshot of nothing. */
export function placeText(cursor: string | undefined): string {
  return JSON.stringify({ extensions: { cursor } });
}

/** An error for the gateway. */
export function errorMessage(error: unknown, report: ReportUnexpected): ErrorMessage {
  const { message, path, extensions } = error as ErrorMessage;
  const cause = causeOf(error);
  if (cause instanceof AppError) {
    return { message: cause.message, path, extensions: { code: cause.code, subject: cause.subject } };
  }
  const code = extensions?.['code'] ?? (cause as ErrorMessage).extensions?.['code'];
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) return { message, path, extensions: { code } };
  const refusedBeforeExecution = path === undefined && cause === error;
  if (refusedBeforeExecution) return { message, extensions: { code: 'BAD_USER_INPUT' } };
  return { message: 'failed unexpectedly', path, extensions: { code: 'INTERNAL_SERVER_ERROR', id: report(cause) } };
}

/** The AppError that an error message stands for, if it does. */
export function appErrorOf({ extensions }: ErrorMessage): AppError | undefined {
  const { code, subject } = extensions ?? {};
  if (typeof code !== 'string' || typeof subject !== 'string' || !Object.hasOwn(ERRORS, code)) return undefined;
  return new AppError(code as ErrorCode, subject);
}

/** The error that a resolver threw, below what GraphQL wrapped around it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const inner = (cause as { originalError?: unknown } | null | undefined)?.originalError;
    if (inner === undefined || inner === null) return cause;
    cause = inner;
  }
  return cause;
}
