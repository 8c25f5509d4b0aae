import { AppError, ERRORS, type ErrorCode } from '@greencity/platform/errors';
import type { LogAttributes, Logger } from '@greencity/platform/log/port';
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import type { Fault } from './executor/run.ts';
import type { SubgraphError } from './subgraph/port.ts';

/** What an error says to the client: never more than its code, its subject and where it happened. */
export interface Explanation {
  readonly message: string;
  readonly extensions: GraphQLErrorExtensions;
}

/** Above this status the subject is about the platform's inside, as a file, and stays in the log. */
const INSIDE_FROM_STATUS = 500;
const UNEXPECTED = 'INTERNAL_SERVER_ERROR';

/** Explains an AppError: `field` is the path in front of the subject's first colon, as in `input.name: is empty`. */
export function explainAppError(error: AppError): Explanation {
  const { status, text } = ERRORS[error.code];
  const extensions: GraphQLErrorExtensions = { code: error.code };
  if (error.code === 'BAD_USER_INPUT') {
    const colon = error.subject.indexOf(':');
    if (colon > 0) extensions['field'] = error.subject.slice(0, colon);
  }
  return { message: status >= INSIDE_FROM_STATUS && error.code !== 'UNAVAILABLE' ? text : error.message, extensions };
}

/** An AppError as a client is told it, of an operation that is not executed. */
export function refusal(error: AppError): GraphQLError {
  const { message, extensions } = explainAppError(error);
  return new GraphQLError(message, { extensions });
}

/** The text that stands in for everything unexpected; the log knows more under the same id. */
export function masked(requestId: string): Explanation {
  return {
    message: `Something went wrong on our side. Tell us the request id ${requestId} if it stays.`,
    extensions: { code: UNEXPECTED, requestId },
  };
}

/** Explains errors of one request, and writes each that somebody must look at to the log, once. */
export interface Explainer {
  explain(error: unknown, attributes: LogAttributes): Explanation;
  /** Errors for the client, with the subgraph's name and the place in the response. */
  faults(faults: readonly Fault[]): GraphQLError[];
}

export function explainer(log: Logger, requestId: string): Explainer {
  const explained = new Map<unknown, Explanation>();
  const explain = (error: unknown, attributes: LogAttributes): Explanation => {
    const known = explained.get(error);
    if (known) return known;
    const explanation = explainAny(error, requestId);
    explained.set(error, explanation);
    const cause = causeOf(error);
    if (explanation.extensions['code'] === UNEXPECTED) {
      log.error({ requestId, ...attributes, error: cause }, 'a request failed unexpectedly');
    } else if (cause instanceof AppError && ERRORS[cause.code].status >= INSIDE_FROM_STATUS) {
      log.warn({ requestId, ...attributes, code: cause.code, error: cause }, 'a part that a request needs failed');
    }
    return explanation;
  };
  return {
    explain,
    faults: (faults) =>
      faults.map(({ subgraph, error, path }) => {
        const { message, extensions } = explain(error, { subgraph });
        const blamed = subgraph === undefined ? extensions : { ...extensions, serviceName: subgraph };
        return new GraphQLError(message, { ...(path ? { path } : {}), extensions: blamed });
      }),
  };
}

function explainAny(error: unknown, requestId: string): Explanation {
  const cause = causeOf(error);
  if (cause instanceof AppError) return explainAppError(cause);
  const { message, extensions, path } = error as SubgraphError;
  const code = extensions?.['code'] ?? (cause as { extensions?: Record<string, unknown> }).extensions?.['code'];
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) return { message, extensions: { code } };
  const refusedBeforeExecution = error instanceof GraphQLError && path === undefined && cause === error;
  if (refusedBeforeExecution) return { message, extensions: { code: 'BAD_USER_INPUT' } };
  return masked(requestId);
}

/** The error that a resolver threw, below what GraphQL wrapped around it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const inner = (cause as { originalError?: unknown } | null | undefined)?.originalError;
    if (inner === undefined || inner === null) return cause;
    cause = inner;
  }
  return cause;
}

/** HTTP statuses that an answer without data gets by its first error's code; every other fault of the client's is 400. */
const OWN_STATUS: ReadonlySet<string> = new Set(['CURSOR_EXPIRED', 'RATE_LIMITED'] satisfies ErrorCode[]);

/** The HTTP status of an answer that has errors only. */
export function statusOf([error]: readonly { readonly extensions: Readonly<Record<string, unknown>> }[]): number {
  const code = error?.extensions['code'];
  return typeof code === 'string' && OWN_STATUS.has(code) ? ERRORS[code as ErrorCode].status : 400;
}
