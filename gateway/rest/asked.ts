import type { IncomingMessage } from 'node:http';
import { HOUR_MS, parseDurationMs } from '@greencity/air/time';
import { type BodyReading, bodyLimit, readBody } from '../http/body.ts';
import { parseJson } from '../http/json.ts';
import { type Endpoint, FORMAT } from './endpoint.ts';
import { type Refusal, refusal, refusedTurn, wrongParameter } from './refusal.ts';
import { readText } from './values.ts';

/** What a client gave in an address, decoded, each name once. */
export type Given = ReadonlyMap<string, string>;

/** No address has as many. */
const PARAMETERS_MAX = 100;

/** The parameters of a query string. */
export function givenIn(search: string): Given | Refusal {
  const given = new Map<string, string>();
  const pairs = search.split('&', PARAMETERS_MAX + 1);
  if (pairs.length > PARAMETERS_MAX)
    return refusal(400, 'The address has too many parameters.', {
      detail: `At most ${PARAMETERS_MAX}.`,
      code: 'BAD_USER_INPUT',
    });
  for (const pair of pairs) {
    if (pair === '') continue;
    const [name, text] = [pair.split('=', 1)[0] ?? '', pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : ''].map(
      decoded,
    );
    if (name === undefined || text === undefined)
      return refusal(400, 'The address cannot be read.', {
        detail: `"${pair.slice(0, 80)}" is not percent-encoded UTF-8.`,
      });
    if (given.has(name)) return wrongParameter(name, 'stands twice: give it once, lists with commas');
    given.set(name, text);
  }
  return given;
}

/** Percent-decoded; undefined for what is no such encoding. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

export interface Values {
  readonly path: Readonly<Record<string, string>>;
  readonly given: Given;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The variables of an endpoint's operation, read from its parameters; refuses what is unknown, missing or wrong by its name. */
export function variablesOf(endpoint: Endpoint, { path, given, body }: Values): Record<string, unknown> | Refusal {
  const { parameters } = endpoint;
  const known = (place: string) => new Set(parameters.filter((one) => one.in === place).map(({ name }) => name));
  const queryNames = known('query');
  for (const name of given.keys()) {
    if (queryNames.has(name) || (name === FORMAT && endpoint.table)) continue;
    return wrongParameter(name, `is no parameter of this address; there are: ${listed(queryNames, endpoint)}`);
  }
  const bodyNames = known('body');
  for (const name of Object.keys(body))
    if (!bodyNames.has(name))
      return wrongParameter(name, `is no field of the body; there are: ${[...bodyNames].join(', ')}`);
  const variables: Record<string, unknown> = {};
  for (const parameter of parameters) {
    const { name, variable, required } = parameter;
    if (parameter.in === 'body') {
      if (body[name] !== undefined) variables[variable] = body[name];
      else if (required) return wrongParameter(name, 'is missing in the body');
      continue;
    }
    const text = parameter.in === 'path' ? decodedSegment(path[name] ?? '') : given.get(name);
    if (text === undefined) {
      if (parameter.in === 'path') return wrongParameter(name, 'is not percent-encoded UTF-8');
      if (required) return wrongParameter(name, 'is missing');
      continue;
    }
    const reading = readText(parameter, text);
    if (reading.kind === 'wrong') return wrongParameter(name, reading.must);
    variables[variable] = reading.value;
  }
  return variables;
}

function decodedSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function listed(names: ReadonlySet<string>, { table }: Endpoint): string {
  const all = table ? [...names, FORMAT] : [...names];
  return all.length === 0 ? 'none' : all.join(', ');
}

/** The JSON object in a body; empty where the endpoint takes none. */
export async function bodyIn(
  request: IncomingMessage,
  endpoint: Endpoint,
  reading: BodyReading,
): Promise<Readonly<Record<string, unknown>> | Refusal> {
  if (!endpoint.parameters.some((parameter) => parameter.in === 'body')) return {};
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type))
    return refusal(415, 'The body must be application/json.', { headers: { accept: 'application/json' } });
  const body = await readBody(request, reading);
  if (body.kind === 'too-large')
    return refusal(413, 'The body is too large.', {
      detail: bodyLimit(reading),
      code: 'TOO_COSTLY',
      headers: { connection: 'close' },
    });
  if (body.kind === 'refused') return refusedTurn(body.error);
  const json = body.kind === 'text' ? parseJson(body.text) : undefined;
  const value = json && 'value' in json ? json.value : undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return refusal(400, 'The body must be an object in JSON.', { code: 'BAD_USER_INPUT' });
}

/** Buckets that one answer holds; a longer range is answered in parts. */
export const BUCKETS_PER_PART = 5_000;
/** Ranges that end now end at a whole minute, so that equal questions are equal. */
const NOW_STEP_MS = 60_000;

/** Variables made whole: ranges filled in, pairs in order, and a range cut to what one answer holds. */
export interface Settled {
  readonly variables: Readonly<Record<string, unknown>>;
  /** What is left of the range. */
  readonly rest: { readonly from: string; readonly to: string } | undefined;
}

export function settled(endpoint: Endpoint, read: Readonly<Record<string, unknown>>, nowMs: number): Settled | Refusal {
  const { rest, parameters } = endpoint;
  for (const { name, variable, past } of parameters) {
    const moment = read[variable];
    if (past && typeof moment === 'string' && Date.parse(moment) > nowMs)
      return refusal(404, 'Nothing was measured then.', { detail: `\`${name}\` is in the future.`, field: name });
  }
  const variables: Record<string, unknown> = { ...read };
  if (rest.range) {
    const { from, to, span } = rest.range;
    const toMs = variables[to] === undefined ? Math.ceil(nowMs / NOW_STEP_MS) * NOW_STEP_MS : momentOf(variables[to]);
    variables[to] = new Date(toMs).toISOString();
    variables[from] ??= new Date(Math.max(0, toMs - (parseDurationMs(span) ?? 24 * HOUR_MS))).toISOString();
  }
  for (const [low = '', high = ''] of [
    ...(rest.range ? [[rest.range.from, rest.range.to]] : []),
    ...(rest.either ?? []),
  ]) {
    const [a, b] = [variables[low], variables[high]];
    if (a === undefined || b === undefined || !isAfter(a, b)) continue;
    variables[low] = b;
    variables[high] = a;
  }
  return cut(endpoint, variables);
}

function isAfter(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a > b : momentOf(a) > momentOf(b);
}

function momentOf(value: unknown): number {
  return Date.parse(String(value));
}

function cut({ rest, parameters }: Endpoint, variables: Record<string, unknown>): Settled {
  const interval = parameters.find(({ variable }) => variable === rest.range?.interval);
  if (!rest.range || !interval) return { variables, rest: undefined };
  const intervalMs = parseDurationMs(String(variables[interval.variable] ?? interval.fallback ?? ''));
  if (intervalMs === undefined || intervalMs <= 0) return { variables, rest: undefined };
  const endMs = momentOf(variables[rest.range.from]) + BUCKETS_PER_PART * intervalMs;
  if (endMs >= momentOf(variables[rest.range.to])) return { variables, rest: undefined };
  const { to } = rest.range;
  const from = new Date(endMs).toISOString();
  return { variables: { ...variables, [to]: from }, rest: { from, to: String(variables[to]) } };
}
