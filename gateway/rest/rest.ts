import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Authenticate, Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import { identityIn } from '../bearer.ts';
import type { Answers } from '../cache/answers.ts';
import type { BudgetState, Budgets } from '../cost/budgets.ts';
import type { CheckedGraph } from '../graph.ts';
import type { BodyReading } from '../http/body.ts';
import { setBudgetHeaders } from '../http/budget-headers.ts';
import { etagOf, sendRepresentation } from '../http/conditional.ts';
import type { HttpAnswer } from '../http/http-answer.ts';
import { preferredType } from '../http/negotiation.ts';
import { sendProblem } from '../http/problem.ts';
import { lifecycleHeaders } from '../operations/lifecycle-headers.ts';
import type { Registry } from '../operations/registry.ts';
import { answerOnce } from './answer-once.ts';
import { bodyIn, type Given, givenIn, settled, variablesOf } from './asked.ts';
import { type Call, CSV_TYPE } from './call.ts';
import { endpointOf, FORMAT, type Routing, routing, type ServedEndpoint } from './endpoint.ts';
import { openApiDocument } from './open-api.ts';
import { openRangeLanes, type RangeLanes } from './range-lanes.ts';
import { isRefusal, type Refusal, refusal, refusedIdentity } from './refusal.ts';
import { sendExport } from './send-export.ts';

export interface RestDependencies {
  readonly registry: Registry;
  /** The graph that is served now. */
  readonly graph: () => CheckedGraph;
  readonly authenticate: Authenticate;
  readonly budgets: Budgets;
  readonly answers: Answers<HttpAnswer>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reading: BodyReading;
}

/** Where the endpoints are; the version counts what clients rely on, not releases. */
export const REST_PATH = '/api/v1';
const OPEN_API_PATH = '/openapi.json';
const JSON_TYPE = 'application/json';
/** The document changes with the registry alone. */
const OPEN_API_MAX_AGE_S = 60;

/** REST v1: an endpoint for each registered operation that asks for one with `@rest`, and the OpenAPI document of them all. */
export function restApi(dependencies: RestDependencies) {
  const table = currentRouting(dependencies);
  const ranges = openRangeLanes();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = await answer({ ...dependencies, ranges }, table(), { request, response });
    if (!refused) return;
    sendProblem(response, refused.status, refused.problem);
  };
}

interface Served {
  readonly routes: Routing;
  readonly openApi: { readonly body: Buffer; readonly etag: string };
}

/** The endpoints of the registry as it is now. */
function currentRouting({ registry, graph, log }: RestDependencies): () => Served {
  let revision = -1;
  let served: Served = { routes: routing([]), openApi: representation('') };
  return () => {
    if (registry.revision === revision) return served;
    revision = registry.revision;
    const { schema } = graph().checker;
    const endpoints = new Map<string, ServedEndpoint>();
    for (const operation of registry.served()) {
      const endpoint = endpointOf(schema, operation);
      if (!endpoint || 'mistakes' in endpoint) continue;
      const place = `${endpoint.rest.method} ${endpoint.rest.path}`;
      const other = endpoints.get(place);
      const { app, version } = operation.release;
      if (other && !(other.operation.release.app === app && other.operation.state === 'deprecated')) {
        log.warn({ app, version, operation: operation.name, place }, 'an endpoint is taken by another operation');
        continue;
      }
      endpoints.set(place, { ...endpoint, operation });
    }
    const all = [...endpoints.values()];
    served = { routes: routing(all), openApi: representation(JSON.stringify(openApiDocument(all))) };
    return served;
  };
}

/** Bytes and ETag, made once for all who ask. */
function representation(text: string): Served['openApi'] {
  const body = Buffer.from(text);
  return { body, etag: etagOf(body) };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers, or says why not. */
async function answer(
  dependencies: RestDependencies & { readonly ranges: RangeLanes },
  { routes, openApi }: Served,
  exchange: Exchange,
): Promise<Refusal | undefined> {
  const { request, response } = exchange;
  const [full = '', search = ''] = splitOnce(request.url ?? '/', '?');
  const path = full.slice(REST_PATH.length);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (path === OPEN_API_PATH) {
    if (method !== 'GET') return unlessAsked(exchange, ['GET']);
    const cacheControl = `public, max-age=${OPEN_API_MAX_AGE_S}`;
    await sendRepresentation(request, response, { type: 'application/json; charset=utf-8', ...openApi, cacheControl });
    return undefined;
  }
  const found = routes.find(path);
  if (!found) return noSuchAddress(routes, path);
  const endpoint = found.endpoints.find(({ rest }) => rest.method === method);
  if (!endpoint)
    return unlessAsked(
      exchange,
      found.endpoints.map(({ rest }) => rest.method),
    );
  for (const [name, value] of Object.entries(lifecycleHeaders(endpoint.operation))) response.setHeader(name, value);
  const given = givenIn(search);
  if (isRefusal(given)) return given;
  const type = typeFor(endpoint, given, request.headers.accept);
  if (typeof type !== 'string') return type;
  const viewer = await viewerIn(dependencies.authenticate, request);
  if ('problem' in viewer) return viewer;
  const body = await bodyIn(request, endpoint, dependencies.reading);
  if (isRefusal(body)) return body;
  const read = variablesOf(endpoint, { path: found.values, given, body });
  if (isRefusal(read)) return read;
  const asked = settled(endpoint, read, dependencies.clock.nowMs());
  if (isRefusal(asked)) return asked;
  const onBudget = (state: BudgetState): void => setBudgetHeaders(exchange.response, state);
  const { ranges } = dependencies;
  const call: Call = { endpoint, given, viewer, type, path: full, search, onBudget, ranges, ...asked };
  if (endpoint.rest.stream) return await sendExport(dependencies, call, exchange);
  await answerOnce(dependencies, call, exchange);
  return undefined;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Refuses a method that an address does not have, and says which it has; OPTIONS asks for nothing else. */
function unlessAsked({ request, response }: Exchange, methods: readonly string[]): Refusal | undefined {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  if (request.method !== 'OPTIONS')
    return refusal(405, 'Not with this method.', { detail: `There is: ${allow}.`, headers: { allow } });
  response.writeHead(204, { allow });
  response.end();
  return undefined;
}

function noSuchAddress(routes: Routing, path: string): Refusal {
  const slashless = path.replace(/\/+$/, '');
  const detail =
    slashless !== path && routes.find(slashless)
      ? `Without the slash at its end there is ${REST_PATH}${slashless}.`
      : `See ${REST_PATH}${OPEN_API_PATH} or /docs.`;
  return refusal(404, 'There is no such address.', { detail });
}

/** JSON or CSV: by `format`, else by what the client would rather have. */
function typeFor({ table, rest }: ServedEndpoint, given: Given, accept: string | undefined): string | Refusal {
  const offered = rest.stream ? [CSV_TYPE] : table ? [JSON_TYPE, CSV_TYPE] : [JSON_TYPE];
  const format = table ? given.get(FORMAT) : undefined;
  if (format !== undefined) {
    const type = offered.find((one) => one.endsWith(`/${format}`));
    const formats = offered.map((one) => one.split('/')[1]).join(' or ');
    if (type) return type;
    return refusal(400, 'A parameter is wrong.', {
      detail: `\`${FORMAT}\` must be ${formats}.`,
      code: 'BAD_USER_INPUT',
      field: FORMAT,
    });
  }
  return (
    preferredType(accept, offered) ?? refusal(406, 'Not in that form.', { detail: `There is: ${offered.join(', ')}.` })
  );
}

async function viewerIn(authenticate: Authenticate, request: IncomingMessage): Promise<Viewer | Refusal> {
  try {
    return (await identityIn(authenticate, request)).viewer;
  } catch (error) {
    if (error instanceof AppError) return refusedIdentity(error);
    throw error;
  }
}
