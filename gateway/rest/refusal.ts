import { type AppError, ERRORS, type ErrorCode } from '@greencity/platform/errors';
import type { GraphQLError } from 'graphql';
import type { Problem } from '../http/problem.ts';
import type { Endpoint } from './endpoint.ts';

/** An answer that is a problem. */
export interface Refusal {
  readonly status: number;
  readonly problem: Problem;
}

export function refusal(status: number, title: string, more: Partial<Problem> = {}): Refusal {
  return { status, problem: { title, ...more } };
}

/** A parameter that cannot be used: the sentence names it. */
export function wrongParameter(name: string, must: string): Refusal {
  return refusal(400, 'A parameter is wrong.', { detail: `\`${name}\` ${must}.`, code: 'BAD_USER_INPUT', field: name });
}

/** Why somebody was not let in. */
export function refusedIdentity(error: AppError): Refusal {
  const { status, text } = ERRORS[error.code];
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return refusal(status, text, { detail: besides(error.message, text), code: error.code, headers });
}

/** Too much of somebody waits already. */
export function refusedTurn(error: AppError): Refusal {
  const { status, text } = ERRORS[error.code];
  return refusal(status, text, {
    detail: besides(error.message, text),
    code: error.code,
    headers: { 'retry-after': RETRY_AFTER_S },
  });
}

/** What a message says beside the sentence of its code, which is the title already: `Sentence. (this time)`. */
function besides(message: string, text: string): string {
  return message.startsWith(`${text} (`) && message.endsWith(')') ? message.slice(text.length + 2, -1) : message;
}

/** Codes that mean something else of an address than of an operation: what the address names is not there. */
const NOT_THERE: ReadonlySet<string> = new Set(['BAD_CURSOR', 'STATISTIC_NOT_KEPT']);
const RETRY_AFTER_S = '5';

/** An operation's error as a problem, in the words of the endpoint's parameters. */
export function refusalOf({ parameters }: Endpoint, error: GraphQLError): Refusal {
  const code = String(error.extensions['code'] ?? 'BAD_USER_INPUT');
  const known = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
  if (!known) {
    const requestId = error.extensions['requestId'];
    return refusal(500, 'Something went wrong on our side.', {
      detail: error.message,
      ...(typeof requestId === 'string' ? { requestId } : {}),
    });
  }
  const status = NOT_THERE.has(code) ? 404 : known.status;
  const headers: Record<string, string> = {
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(status === 429 || status === 503 ? { 'retry-after': RETRY_AFTER_S } : {}),
  };
  const field = fieldOf(parameters, error.extensions['field']);
  return refusal(status, known.text, {
    detail: besides(error.message, known.text),
    code,
    ...(field ? { field } : {}),
    headers,
  });
}

function fieldOf(parameters: Endpoint['parameters'], field: unknown): string | undefined {
  if (typeof field !== 'string') return undefined;
  const parts = field.split('.');
  const named = parameters.find(({ variable }) => variable === field || parts.includes(variable));
  return named?.name ?? field;
}

export function isRefusal(value: object): value is Refusal {
  return 'problem' in value;
}
