import type { KnownErrorCode } from './generated/error-codes.ts';

/** What went wrong: a code of the platform (docs/errors.md explains each), or `UNREACHABLE` when it did not answer; `UNKNOWN` when something in between spoke. */
export type ErrorCode = KnownErrorCode | 'GRAPHQL_VALIDATION_FAILED' | 'UNREACHABLE' | 'UNKNOWN' | (string & {});

/** An error of an answer. */
export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: ErrorCode; readonly field?: string; readonly requestId?: string };
}

/** A call that was refused, that nobody answered, or that only a part of the platform could answer. */
export class GreenCityError extends Error {
  /** `extensions.code` of the first error. */
  readonly code: ErrorCode;
  readonly errors: readonly GraphError[];
  /** What could be answered; undefined when nothing was. */
  readonly data: unknown;
  /** How long to wait before calling again, where the platform said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    errors: readonly GraphError[],
    given: { readonly data?: unknown; readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(errors.map(({ message }) => message).join(' '), given.cause === undefined ? {} : { cause: given.cause });
    this.name = 'GreenCityError';
    this.code = errors[0]?.extensions?.code ?? 'UNKNOWN';
    this.errors = errors;
    this.data = given.data;
    this.retryAfterMs = given.retryAfterMs;
  }
}
