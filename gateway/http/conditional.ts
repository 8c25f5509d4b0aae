import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ContentCoding, coded, codingFor, KEPT_BYTES_MIN } from './content-coding.ts';

/** A whole answer, and what a client may do with it. */
export interface Representation {
  readonly type: string;
  readonly body: Buffer;
  /** Who may keep the answer, and for how long. */
  readonly cacheControl: string;
  /** Known already where the body was kept. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A strong ETag of a body. */
export function etagOf(body: Buffer): string {
  return `"${hash('sha1', body, 'base64url')}"`;
}

/** What an answer depends on beside its address. */
const VARY = 'Accept, Accept-Encoding, Authorization, X-API-Key';

/** Answers GET or HEAD with 200, or with 304 when the client holds the same already; in the coding that the client would rather have. */
export function sendRepresentation(
  request: IncomingMessage,
  response: ServerResponse,
  representation: Representation,
): void | Promise<void> {
  const { body, etag = etagOf(body) } = representation;
  const coding = body.length < KEPT_BYTES_MIN ? undefined : codingFor(request.headers['accept-encoding']);
  const exchange = { request, response };
  if (coding === undefined || holds(request.headers['if-none-match'], etag))
    return send(exchange, representation, { etag: coding === undefined ? etag : weak(etag), bytes: body });
  const told = { etag: weak(etag), coding };
  const form = coded(body, coding);
  if (form instanceof Promise)
    return form.then((bytes) => send(exchange, representation, bytes ? { ...told, bytes } : { etag, bytes: body }));
  return send(exchange, representation, form === undefined ? { etag, bytes: body } : { ...told, bytes: form });
}

/** The ETag of a body in a coding: the same content in other bytes (RFC 9110, section 8.8.1). */
export function weak(etag: string): string {
  return `W/${etag}`;
}

interface Form {
  readonly etag: string;
  readonly bytes: Buffer;
  readonly coding?: ContentCoding;
}

function send(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { type, cacheControl, headers = {} }: Representation,
  { etag, bytes, coding }: Form,
): void {
  const told = { ...headers, etag, 'cache-control': cacheControl, vary: VARY };
  if (holds(request.headers['if-none-match'], etag)) {
    response.writeHead(304, told);
    response.end();
    return;
  }
  const form = coding === undefined ? {} : { 'content-encoding': coding };
  response.writeHead(200, { ...told, ...form, 'content-type': type, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** RFC 9110: `If-None-Match` compares weakly, and `*` means anything. */
export function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag) return true;
  const opaque = strong(etag);
  return ifNoneMatch
    .split(',')
    .map((listed) => strong(listed.trim()))
    .some((listed) => listed === '*' || listed === opaque);
}

function strong(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}

/** Seconds that an answer for everyone may be kept where the operation does not say. */
const MAX_AGE_S = 5;

/** What everyone may see can be kept by everyone; what somebody signed in was given is theirs alone. */
export function cacheControlFor(viewer: { readonly kind: string }, maxAgeS: number | undefined): string {
  return viewer.kind === 'anonymous' ? `public, max-age=${maxAgeS ?? MAX_AGE_S}` : 'private, no-cache';
}
