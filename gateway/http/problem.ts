import type { ServerResponse } from 'node:http';
import { type HttpAnswer, sendAnswer } from './http-answer.ts';

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

/** An RFC 9457 problem as an answer. */
export function problemAnswer(status: number, { headers = {}, ...said }: Problem): HttpAnswer {
  const body = Buffer.from(JSON.stringify({ type: 'about:blank', status, ...said }));
  const told = {
    ...headers,
    'content-type': 'application/problem+json',
    'content-length': String(body.length),
    'cache-control': 'no-store',
  };
  return { status, headers: told, body };
}

/** Answers with an RFC 9457 problem. */
export function sendProblem(response: ServerResponse, status: number, problem: Problem): void {
  void sendAnswer(response, problemAnswer(status, problem));
}

export function notFound(response: ServerResponse): void {
  sendProblem(response, 404, { title: 'There is nothing here.' });
}

export function methodNotAllowed(response: ServerResponse, allow: string): void {
  sendProblem(response, 405, { title: 'Not with this method.', headers: { allow } });
}
