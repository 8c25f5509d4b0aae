import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { Gateway } from '../gateway.ts';
import { methodNotAllowed, notFound, sendProblem } from './problem.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { staticFiles } from './static-files.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Whether a part is ready to serve: resolves when it is, rejects with the reason when it is not. */
export type ReadinessCheck = () => void | Promise<void>;

export interface RouteDependencies {
  readonly gateway: Gateway;
  /** Folder of the web client's build. */
  readonly webFolder: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Checks behind `/ready`, by the name of the part. */
  readonly ready: Readonly<Record<string, ReadinessCheck>>;
  /** The public keys of tokens, as a JSON Web Key Set. */
  readonly keySet?: () => unknown;
  /** Further handlers by path, as `/api/v1/readings`; a path that ends in `/` answers for everything below it. */
  readonly more?: Readonly<Record<string, Handler>>;
}

/** The whole HTTP surface of one port. */
export function routes(dependencies: RouteDependencies): Handler {
  const { gateway, log } = dependencies;
  const exact: Record<string, Handler> = Object.assign(Object.create(null), {
    '/graphql': (request: IncomingMessage, response: ServerResponse) => gateway.handle(request, response),
    '/graphql/': (request: IncomingMessage, response: ServerResponse) => gateway.handle(request, response),
    '/api/operations': (request: IncomingMessage, response: ServerResponse) =>
      gateway.manageOperations(request, response),
    '/api/operations/': (request: IncomingMessage, response: ServerResponse) =>
      gateway.manageOperations(request, response),
    '/api/v1/': (request: IncomingMessage, response: ServerResponse) => gateway.rest(request, response),
    '/graphiql': (_: IncomingMessage, response: ServerResponse) => redirect(response, '/graphiql/'),
    '/docs': (_: IncomingMessage, response: ServerResponse) => redirect(response, '/docs/'),
    '/live': onlyGet((_, response) => sendJson(response, 200, { status: 'live' })),
    '/ready': onlyGet((_, response) => ready(dependencies, response)),
    '/metrics': onlyGet((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(dependencies.metrics.exposition());
    }),
    '/.well-known/jwks.json': onlyGet((_, response) =>
      dependencies.keySet ? sendJson(response, 200, dependencies.keySet()) : notFound(response),
    ),
    ...dependencies.more,
  });
  const prefixes = Object.keys(exact).filter((path) => path.endsWith('/'));
  const files = staticFiles(dependencies.webFolder);
  return async (request, response) => {
    setSecurityHeaders(response);
    const path = request.url?.split('?', 1)[0] ?? '/';
    const prefix = prefixes.find((candidate) => path.startsWith(candidate));
    const handler = exact[path] ?? (prefix === undefined ? files : exact[prefix]) ?? files;
    try {
      await handler(request, response);
    } catch (error) {
      const requestId = crypto.randomUUID();
      log.error({ requestId, path, error }, 'a request failed unexpectedly');
      if (response.headersSent) response.destroy();
      else
        sendProblem(response, 500, { title: 'Something went wrong on our side.', detail: `Request id ${requestId}.` });
    }
  };
}

function onlyGet(handler: Handler): Handler {
  return (request, response) =>
    request.method === 'GET' || request.method === 'HEAD'
      ? handler(request, response)
      : methodNotAllowed(response, 'GET, HEAD');
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { location });
  response.end();
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

async function ready(dependencies: RouteDependencies, response: ServerResponse): Promise<void> {
  const checks = await Promise.all(
    Object.entries(dependencies.ready).map(async ([name, check]) => {
      try {
        await check();
        return [name, 'ready'] as const;
      } catch (error) {
        dependencies.log.warn({ part: name, error }, 'a part is not ready');
        return [name, 'not ready'] as const;
      }
    }),
  );
  const all = checks.every(([, state]) => state === 'ready');
  sendJson(response, all ? 200 : 503, { status: all ? 'ready' : 'not ready', checks: Object.fromEntries(checks) });
}
