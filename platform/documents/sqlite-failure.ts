import { AppError, type ErrorCode } from '../errors.ts';

/** A failure as it crosses the thread. */
export interface Failure {
  /** Undefined for a mistake of ours. */
  readonly code: ErrorCode | undefined;
  readonly subject: string;
  readonly detail: string;
}

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const PERMISSION = 3;
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const CONSTRAINT = 19;
const NOT_A_DATABASE = 26;

const CODES: Readonly<Record<number, ErrorCode>> = {
  [PERMISSION]: 'STORE_UNWRITABLE',
  [BUSY]: 'STORE_UNWRITABLE',
  [LOCKED]: 'STORE_UNWRITABLE',
  [READ_ONLY]: 'STORE_UNWRITABLE',
  [IO_ERROR]: 'STORE_UNWRITABLE',
  [FULL]: 'STORE_UNWRITABLE',
  [CANNOT_OPEN]: 'STORE_UNWRITABLE',
  [CORRUPT]: 'STORE_CORRUPT',
  [NOT_A_DATABASE]: 'STORE_CORRUPT',
  [CONSTRAINT]: 'CONFLICT',
};

/** What a failure of SQLite means. A constraint names the index: `UNIQUE constraint failed: c_users.u_email` is `users.email`. */
export function failureOf(error: unknown, path: string): Failure {
  const { errcode, message, stack } = error as { errcode?: number; message?: string; stack?: string };
  const code = errcode === undefined ? undefined : CODES[errcode & 0xff];
  if (code === undefined) return { code, subject: path, detail: stack ?? String(error) };
  const [, table, column] = /failed: c_([^.]+?)(?:~staged)?\.(?:u_)?(\w+)/.exec(message ?? '') ?? [];
  const subject = code === 'CONFLICT' ? `${table}.${column} is taken` : path;
  return { code, subject, detail: message ?? String(error) };
}

/** The error to throw for a failure. */
export function errorOf({ code, subject, detail }: Failure): Error {
  return code ? new AppError(code, subject, { cause: new Error(detail) }) : new Error(`the document store: ${detail}`);
}
