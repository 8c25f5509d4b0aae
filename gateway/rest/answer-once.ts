import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answers, Shareable } from '../cache/answers.ts';
import type { AnswerRecord } from '../cache/record.ts';
import type { Budgets } from '../cost/budgets.ts';
import { payForKept } from '../cost/kept-answers.ts';
import type { Graph } from '../graph.ts';
import { cacheControlFor, etagOf, sendRepresentation } from '../http/conditional.ts';
import { type HttpAnswer, OK, sendAnswer } from '../http/http-answer.ts';
import { problemAnswer } from '../http/problem.ts';
import { ask, type Call, CSV_TYPE } from './call.ts';
import { csvHead, csvRows, valueAt } from './columns.ts';
import type { ServedEndpoint } from './endpoint.ts';
import { linkHeader, linksOf } from './links.ts';
import { type Refusal, refusal, refusalOf } from './refusal.ts';

export interface AnswerOnceDependencies {
  /** The graph that is served now. */
  readonly graph: () => Graph;
  readonly budgets: Budgets;
  readonly answers: Answers<HttpAnswer>;
}

/** One execution, one answer: a kept one where there is one. */
export async function answerOnce(
  { graph, budgets, answers }: AnswerOnceDependencies,
  call: Call,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { endpoint, viewer, type, path, search, variables } = call;
  const { rest, operation } = endpoint;
  const make = (record: AnswerRecord | undefined) => made(graph(), call, record);
  const answer =
    rest.method === 'GET'
      ? await answers.answer({
          // Links are made of the address as it was given.
          key: `rest ${operation.id} ${type} ${path}?${search} ${JSON.stringify(variables)}`,
          viewer,
          takesKept: true,
          make,
          pay: () => payForKept(budgets, viewer, response),
        })
      : (await make(undefined)).value;
  if (answer.status !== OK) return sendAnswer(response, answer);
  const { etag, link, 'cache-control': cacheControl, ...headers } = answer.headers;
  const links = [link, response.getHeader('link')].filter(Boolean).join(', ');
  await sendRepresentation(request, response, {
    type: `${type}; charset=utf-8${type === CSV_TYPE ? '; header=present' : ''}`,
    body: answer.body,
    cacheControl: cacheControl ?? cacheControlFor(viewer, operation.maxAgeS),
    ...(etag === undefined ? {} : { etag }),
    headers: links === '' ? headers : { ...headers, link: links },
  });
}

/**
 * Executes the operation. What everyone may be given of the answer is in its status, its own headers and its body; who may keep it is said to each.
 * What a part that failed took with it below the body is null there, and named in a header.
 */
async function made(graph: Graph, asked: Call, record: AnswerRecord | undefined): Promise<Shareable<HttpAnswer>> {
  const { endpoint, type, variables } = asked;
  let spent = false;
  const call: Call = {
    ...asked,
    onBudget(state) {
      spent = !state.allowed;
      asked.onBudget(state);
    },
  };
  const { data, errors } = await ask(graph, call, { variables, record });
  const value = valueAt(data, endpoint.result);
  if (value === undefined || value === null) {
    const [error] = errors;
    return refused(error ? refusalOf(endpoint, error) : NOT_THERE, spent);
  }
  const links = linksOf({ ...call, value });
  const link = linkHeader(links);
  const missing = errors.map(({ path }) => path?.slice(endpoint.result.length).join('.')).join(', ');
  const text =
    type === CSV_TYPE && endpoint.table ? csvOf(endpoint.table, data) : JSON.stringify(withLinks(value, links));
  const body = Buffer.from(text);
  const keep = errors.length === 0 && endpoint.rest.method === 'GET';
  const headers: Record<string, string> = {
    etag: etagOf(body),
    ...(link === '' ? {} : { link }),
    ...(missing === '' ? {} : { incomplete: missing }),
    ...(keep ? {} : { 'cache-control': 'no-store' }),
  };
  return { value: { status: OK, headers, body }, keep };
}

const NOT_THERE: Refusal = refusal(404, 'There is no such thing.', { code: 'NOT_FOUND' });

function refused({ status, problem }: Refusal, alone: boolean): Shareable<HttpAnswer> {
  const value = problemAnswer(status, problem);
  return { value, keep: false, alone };
}

function csvOf(table: NonNullable<ServedEndpoint['table']>, data: unknown): string {
  return csvHead(table) + [...csvRows(table, data)].join('');
}

function withLinks(value: unknown, links: Readonly<Record<string, string>> | undefined): unknown {
  return links && typeof value === 'object' && value !== null ? { ...value, links } : value;
}
