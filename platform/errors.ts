/** Every failure of the world that GreenCity throws, in one table; `docs/errors.md` explains each, and a test holds the two together. */

/** What the caller sees: the codes of `extensions.code` in GraphQL, and the HTTP status they stand for. */
export const ERRORS = {
  BAD_USER_INPUT: { status: 400, text: 'The input is wrong.' },
  BAD_CURSOR: { status: 400, text: 'The cursor is not one of ours.' },
  CURSOR_EXPIRED: { status: 410, text: 'What came after this cursor can no longer be given.' },
  SERIES_TOO_LONG: { status: 400, text: 'More points than one call gives.' },
  STATISTIC_NOT_KEPT: { status: 400, text: 'This statistic is no longer kept for that range and interval.' },
  UNAUTHENTICATED: { status: 401, text: 'Sign in first.' },
  FORBIDDEN: { status: 403, text: 'You may not do this.' },
  NOT_FOUND: { status: 404, text: 'There is no such thing.' },
  PERSISTED_QUERY_NOT_FOUND: { status: 404, text: 'No registered operation has this id.' },
  OPERATION_RETIRED: { status: 410, text: 'This operation is no longer served.' },
  UNREGISTERED_OPERATION: { status: 403, text: 'Only registered operations are taken here.' },
  CONFLICT: { status: 409, text: 'Something else has this name, or changed this first.' },
  TOO_COSTLY: { status: 400, text: 'The operation asks for more than one call gives.' },
  RATE_LIMITED: { status: 429, text: 'Too many calls.' },
  UNAVAILABLE: { status: 503, text: 'A part that this needs does not answer.' },
  LOG_UNWRITABLE: { status: 503, text: 'The event log cannot be written.' },
  LOG_FULL: { status: 503, text: 'The disk of the event log is full.' },
  LOG_CORRUPT: { status: 500, text: 'The event log holds a record that does not check, before its end.' },
  STORE_UNWRITABLE: { status: 503, text: 'The store cannot be written.' },
  STORE_CORRUPT: { status: 500, text: 'A file of the store does not check.' },
  STORE_REFUSED: { status: 503, text: 'The store does not take our credentials, or they may not do this.' },
  STORE_MISSING: { status: 503, text: 'The store has lost a part that GreenCity made in it.' },
  STORE_NEWER: { status: 500, text: 'A later version of GreenCity wrote to this store.' },
  BAD_SUPERGRAPH: { status: 500, text: 'This supergraph cannot be served.' },
  ENGINE_REFUSED: { status: 503, text: 'An engine does not let this program in.' },
  ENGINE_UNTRUSTED: { status: 503, text: 'An engine shows a certificate that is not trusted.' },
  ENGINE_UNREACHABLE: { status: 503, text: 'An engine does not answer.' },
  PORT_IN_USE: { status: 500, text: 'Another program listens on this port.' },
  BAD_SETTING: { status: 500, text: 'A setting is wrong.' },
  DATA_DIR_IN_USE: { status: 500, text: 'Another GreenCity process uses this data folder.' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** A failure with a code from the table, the thing it is about, and what it was caused by. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** What it is about: an id, a field, a path, in words a user can act on. */
  readonly subject: string;

  constructor(code: ErrorCode, subject: string, options?: { readonly cause?: unknown }) {
    super(`${ERRORS[code].text} (${subject})`, options);
    this.name = 'AppError';
    this.code = code;
    this.subject = subject;
  }
}
