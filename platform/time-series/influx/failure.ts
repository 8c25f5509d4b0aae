import { HttpError } from '@influxdata/influxdb-client';
import { AppError, type ErrorCode } from '../../errors.ts';

export interface FailedCall {
  readonly address: string;
  readonly kind: 'read' | 'write';
}

const UNAUTHORISED = 401;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const BAD_REQUEST = 400;
const UNPROCESSABLE = 422;
const TOO_MANY = 429;
const OVERLOADED = 503;

/** What a failure of a call means. A Flux that is wrong is our mistake, and stays as it is. */
export function failureOf(error: unknown, { address, kind }: FailedCall): unknown {
  if (error instanceof AppError || error instanceof RangeError) return error;
  if (!(error instanceof HttpError)) return new AppError('UNAVAILABLE', address, { cause: error });
  const code = codeOf(error, kind);
  if (!code) return error;
  const detail = code === 'STORE_MISSING' || code === 'STORE_UNWRITABLE' ? `${address}: ${error.message}` : address;
  return new AppError(code, detail, { cause: error });
}

function codeOf({ statusCode, message }: HttpError, kind: FailedCall['kind']): ErrorCode | undefined {
  if (statusCode === UNAUTHORISED || statusCode === FORBIDDEN) return 'STORE_REFUSED';
  if (statusCode === NOT_FOUND) return 'STORE_MISSING';
  if (statusCode === BAD_REQUEST && kind === 'read') return undefined;
  if (statusCode === TOO_MANY || statusCode === OVERLOADED) return 'UNAVAILABLE';
  if (kind === 'write') return 'STORE_UNWRITABLE';
  return statusCode === UNPROCESSABLE && !message.includes('timeout') ? undefined : 'UNAVAILABLE';
}

/** True for what may be otherwise in a moment: a server that starts, is busy, or was not reached. */
export function isPassing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAVAILABLE';
}

/** True for a bucket or an organisation that is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'STORE_MISSING';
}

/** What a busy server asks us to wait. */
export function retryAfterMs(error: unknown): number {
  const cause = error instanceof AppError ? error.cause : undefined;
  return cause instanceof HttpError ? cause.retryAfter() : 0;
}
