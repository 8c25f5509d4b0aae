import type { IncomingMessage, ServerResponse } from 'node:http';
import { headText } from './head-text.ts';
import { told } from './told-response.ts';

/** Sites whose pages may read what the API answers: any, or those listed as `https://example.org`. */
export type Origins = 'any' | ReadonlySet<string>;

/** The API alone: what is for operators, and the pages of this host, are not for other sites. */
const OPEN = /^\/(?:graphql|api\/v1|\.well-known\/jwks\.json)(?:[/?]|$)/;

const ANY = headText(['Access-Control-Allow-Origin', '*', 'Access-Control-Expose-Headers', '*']);
const BY_ORIGIN = headText(['Vary', 'Origin']);

/** What a page may send. `*` is every header but `Authorization`, and nothing to older browsers. */
const ALLOWED_HEADERS =
  'Authorization, Content-Type, X-API-Key, If-None-Match, Last-Event-ID, Apollo-Require-Preflight, *';
/** The longest that Chromium keeps what it was told. */
const PREFLIGHT_MAX_AGE_S = '7200';

/**
 * Lets pages of other sites read the API, as its clients that are no browsers do. Nothing here is signed in by a cookie, so a page can only use a token that
 * it was given. Without a list the headers are on every answer, whoever asks: a cache in between gives one site what it kept for another.
 */
export function openTo(origins: Origins, request: IncomingMessage, response: ServerResponse): void {
  if (!OPEN.test(request.url ?? '')) return;
  told(response).readBy = origins === 'any' ? ANY : listed(origins, request.headers.origin);
}

function listed(origins: ReadonlySet<string>, origin: string | undefined): string {
  if (origin === undefined || !origins.has(origin)) return BY_ORIGIN;
  return BY_ORIGIN + headText(['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', '*']);
}

/** Whether a browser asks if a page of another site may send a request, which it will not send otherwise. */
export function isPreflight({ method, url, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined && OPEN.test(url ?? '');
}

/** Says what pages of other sites may send. */
export function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers': ALLOWED_HEADERS,
    'access-control-max-age': PREFLIGHT_MAX_AGE_S,
  });
  response.end();
}

/** The sites in a list of them, and what of it is none. `*` is any site; an empty list is none. */
export function originsOf(entries: readonly string[]): {
  readonly origins: Origins;
  readonly wrong: readonly string[];
} {
  if (entries.length === 1 && entries[0] === '*') return { origins: 'any', wrong: [] };
  return { origins: new Set(entries), wrong: entries.filter((entry) => !isOrigin(entry)) };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
