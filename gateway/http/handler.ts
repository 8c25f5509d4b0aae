import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@greencity/platform/log/port';
import { methodNotAllowed, sendProblem } from './problem.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** The path of a request, without its query. */
export function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? '/';
}

/** Answers what a handler throws with a problem that gives its id, and tells the log. */
export function guarded(log: Logger, handler: Handler): Handler {
  return async (request, response) => {
    try {
      await handler(request, response);
    } catch (error) {
      const requestId = crypto.randomUUID();
      log.error({ requestId, path: pathOf(request), error }, 'a request failed unexpectedly');
      if (response.headersSent) response.destroy();
      else
        sendProblem(response, 500, { title: 'Something went wrong on our side.', detail: `Request id ${requestId}.` });
    }
  };
}

/** A handler for GET and HEAD alone. */
export function onlyGet(handler: Handler): Handler {
  return (request, response) =>
    request.method === 'GET' || request.method === 'HEAD'
      ? handler(request, response)
      : methodNotAllowed(response, 'GET, HEAD');
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  { cacheControl = 'no-store' }: { readonly cacheControl?: string } = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': cacheControl });
  response.end(JSON.stringify(value));
}

/** The keys that tokens are verified with may be kept for half a minute: one that is taken back is known to nobody for longer. */
export function sendKeySet(response: ServerResponse, keySet: unknown): void {
  sendJson(response, 200, keySet, { cacheControl: 'public, max-age=30' });
}
