import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A whole answer, and what a client may do with it. */
export interface Representation {
  readonly type: string;
  readonly body: string | Buffer;
  /** Who may keep the answer, and for how long. */
  readonly cacheControl: string;
  /** Known already where the body was kept. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A strong ETag of a body. */
export function etagOf(body: string | Buffer): string {
  return `"${hash('sha1', body, 'base64url')}"`;
}

/** Answers GET or HEAD with 200, or with 304 when the client holds the same already. */
export function sendRepresentation(
  request: IncomingMessage,
  response: ServerResponse,
  { type, body, cacheControl, etag = etagOf(body), headers = {} }: Representation,
): void {
  const told = { ...headers, etag, 'cache-control': cacheControl, vary: 'Accept, Authorization, X-API-Key' };
  if (holds(request.headers['if-none-match'], etag)) {
    response.writeHead(304, told);
    response.end();
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(200, { ...told, 'content-type': type, 'content-length': bytes });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** RFC 9110: `If-None-Match` compares weakly, and `*` means anything. */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag) return true;
  return ifNoneMatch
    .split(',')
    .map((listed) => listed.trim().replace(/^W\//, ''))
    .some((listed) => listed === '*' || listed === etag);
}

/** Seconds that an answer for everyone may be kept where the operation does not say. */
const MAX_AGE_S = 5;

/** What everyone may see can be kept by everyone; what somebody signed in was given is theirs alone. */
export function cacheControlFor(viewer: { readonly kind: string }, maxAgeS: number | undefined): string {
  return viewer.kind === 'anonymous' ? `public, max-age=${maxAgeS ?? MAX_AGE_S}` : 'private, no-cache';
}
