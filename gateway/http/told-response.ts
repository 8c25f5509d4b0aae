import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { BudgetState } from '../cost/budgets.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * A response whose head says what every answer's does: headers for the client's safety, and what is left of its budget. They are written with the others as
 * one list, which takes a third of the time that Node needs to note each, find it and write it.
 */
export class ToldResponse extends ServerResponse<IncomingMessage> {
  /** What is left to the client, where a budget is kept. */
  budget: BudgetState | undefined = undefined;
  /** Is told when the answer says that the request was wrong. */
  wrong: (() => void) | undefined = undefined;

  override writeHead(status: number, ...given: readonly (string | Headers | undefined)[]): this {
    if (this.wrong !== undefined && isWrong(status)) this.wrong();
    const [headers, ...more] = given;
    const isPlain = typeof headers !== 'string' && !Array.isArray(headers) && more.length === 0;
    const always = this.budget === undefined ? SECURITY_HEADERS : [...SECURITY_HEADERS, ...budgetHeaders(this.budget)];
    if (isPlain && this.getHeaderNames().length === 0) return super.writeHead(status, withOthers(always, headers));
    for (let index = 0; index < always.length; index += 2) this.setHeader(always[index] ?? '', always[index + 1] ?? '');
    return super.writeHead(status, ...(given as [string, Headers]));
  }
}

/** Tells, before the head of an answer is written, that it says that the request was wrong. */
export function whenWrong(response: ServerResponse, wrong: () => void): void {
  told(response).wrong = wrong;
}

/** The response as it is: whoever tells its head something must be heard. */
export function told(response: ServerResponse): ToldResponse {
  if (response instanceof ToldResponse) return response;
  throw new Error('a response of openHttpServer was expected');
}

function isWrong(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

function withOthers(always: readonly string[], headers: OutgoingHttpHeaders | undefined): OutgoingHttpHeader[] {
  const list: OutgoingHttpHeader[] = [...always];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) list.push(name, value);
  }
  return list;
}

function budgetHeaders({ allowed, limit, remaining, resetS, retryAfterS }: BudgetState): readonly string[] {
  const headers = [
    ...['RateLimit-Limit', String(limit), 'RateLimit-Remaining', String(remaining)],
    ...['RateLimit-Reset', String(resetS), 'RateLimit-Policy', `${limit};w=60`],
  ];
  return allowed ? headers : [...headers, 'Retry-After', String(retryAfterS)];
}
