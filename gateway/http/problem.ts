import type { ServerResponse } from 'node:http';

/** What an RFC 9457 problem says beside its status. */
export interface Problem {
  readonly title: string;
  readonly detail?: string;
  /** A code of docs/errors.md. */
  readonly code?: string;
  /** The parameter or field at fault. */
  readonly field?: string;
  readonly requestId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with an RFC 9457 problem. */
export function sendProblem(response: ServerResponse, status: number, problem: Problem): void {
  const { headers: given = {}, ...said } = problem;
  // What a budget said of the time to wait is more exact.
  const headers = response.hasHeader('retry-after') ? without(given, 'retry-after') : given;
  const body = JSON.stringify({ type: 'about:blank', status, ...said });
  response.writeHead(status, { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  response.end(body);
}

function without(headers: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

export function notFound(response: ServerResponse): void {
  sendProblem(response, 404, { title: 'There is nothing here.' });
}

export function methodNotAllowed(response: ServerResponse, allow: string): void {
  sendProblem(response, 405, { title: 'Not with this method.', headers: { allow } });
}
