import { IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { BudgetState } from '../cost/budgets.ts';
import { headText } from './head-text.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

declare module 'node:http' {
  interface ServerResponse {
    /** Node's own, not in its documents: makes the text of the head, which begins with `firstLine`. Every final head passes here; 1xx do not. */
    _storeHeader(firstLine: string, headers: unknown): void;
  }
}

const SECURITY_TEXT = headText(SECURITY_HEADERS);

/**
 * A response whose head says what every answer's does: headers for the client's safety, and what is left of its budget. They are put behind the first line as
 * text that is known to be right: Node checks, notes and writes each of its own apart, which cost a small query more than its price
 * (docs/decisions/0032-limits-next-to-free.md). Nobody else may set these headers.
 */
export class ToldResponse extends ServerResponse<IncomingMessage> {
  /** What is left to the client, where a budget is kept. */
  budget: BudgetState | undefined = undefined;
  /** Headers that say which pages of other sites may read the answer, as text. */
  readBy = '';
  /** Is told when the answer says that the request was wrong. */
  wrong: (() => void) | undefined = undefined;

  override writeHead(status: number, ...given: readonly (string | Headers | undefined)[]): this {
    if (this.wrong !== undefined && isWrong(status)) this.wrong();
    return super.writeHead(status, ...(given as [string, Headers]));
  }

  override _storeHeader(firstLine: string, headers: unknown): void {
    const { budget, readBy } = this;
    super._storeHeader(firstLine + SECURITY_TEXT + readBy + (budget === undefined ? '' : budgetText(budget)), headers);
  }
}

/** Fails where Node makes heads another way: no answer must go out without what keeps its receiver safe. @throws Error */
export function assertHeadsAreTold(
  response: ServerResponse = new ToldResponse(new IncomingMessage(new Socket())),
): void {
  const { _header: head } = response.writeHead(200) as { readonly _header?: unknown };
  if (typeof head !== 'string' || !head.includes(SECURITY_TEXT))
    throw new Error(`Node ${process.version} makes the heads of answers in another way than told-response.ts expects`);
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

/** Numbers alone, so that nothing else can come into the head. */
function budgetText({ allowed, limit, remaining, resetS, retryAfterS }: BudgetState): string {
  const text = `RateLimit-Limit: ${limit}\r\nRateLimit-Policy: ${limit};w=60\r\nRateLimit-Remaining: ${remaining}\r\nRateLimit-Reset: ${resetS}\r\n`;
  return allowed ? text : `${text}Retry-After: ${retryAfterS}\r\n`;
}
