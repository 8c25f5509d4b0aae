import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS } from '@greencity/platform/errors';
import type { Gateway } from '../gateway.ts';
import { guarded, type Handler, onlyGet, pathOf, sendKeySet } from './handler.ts';
import { type HealthDependencies, healthRoutes } from './health.ts';
import { notFound, sendProblem } from './problem.ts';
import { staticFiles } from './static-files.ts';

export interface RouteDependencies extends HealthDependencies {
  readonly gateway: Gateway;
  /** Folder of the web client's build. */
  readonly webFolder: string;
  /** The public keys of tokens, as a JSON Web Key Set. */
  readonly keySet?: () => unknown | Promise<unknown>;
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
    '/api/v1': (request: IncomingMessage, response: ServerResponse) => gateway.rest(request, response),
    '/api/v1/': (request: IncomingMessage, response: ServerResponse) => gateway.rest(request, response),
    '/graphiql': (_: IncomingMessage, response: ServerResponse) => redirect(response, '/graphiql/'),
    '/docs': (_: IncomingMessage, response: ServerResponse) => redirect(response, '/docs/'),
    ...healthRoutes({ ...dependencies, supergraph: gateway.supergraph }),
    '/.well-known/jwks.json': onlyGet((_, response) => keySet(dependencies, response)),
    ...dependencies.more,
  });
  const prefixes = Object.keys(exact).filter((path) => path.endsWith('/'));
  const files = staticFiles(dependencies.webFolder);
  return guarded(log, (request, response) => {
    if (isCoded(request)) return refuseCoded(response);
    const path = pathOf(request);
    const prefix = prefixes.find((candidate) => path.startsWith(candidate));
    const handler = exact[path] ?? (prefix === undefined ? files : exact[prefix]) ?? files;
    return handler(request, response);
  });
}

/** Whether the body comes compressed: unpacking it would cost more than it says. */
function isCoded({ headers }: IncomingMessage): boolean {
  const coding = headers['content-encoding'];
  return coding !== undefined && coding.toLowerCase() !== 'identity';
}

/** RFC 9110, section 15.5.16: `Accept-Encoding` says what would be taken. */
function refuseCoded(response: ServerResponse): void {
  sendProblem(response, 415, {
    title: 'The body must come as it is.',
    detail: 'Send it without `Content-Encoding`.',
    headers: { 'accept-encoding': 'identity' },
  });
}

async function keySet({ keySet: known, log }: RouteDependencies, response: ServerResponse): Promise<void> {
  if (!known) return notFound(response);
  let keys: unknown;
  try {
    keys = await known();
  } catch (error) {
    log.warn({ error }, 'the keys of tokens could not be asked for');
    const { status, text } = ERRORS.UNAVAILABLE;
    return sendProblem(response, status, { title: text, detail: 'the keys of tokens', code: 'UNAVAILABLE' });
  }
  sendKeySet(response, keys);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { location });
  response.end();
}
