import { AppError } from '@greencity/platform/errors';

/** From where on a client wants events. */
export interface StreamStart {
  /** After the event of this cursor; undefined for from now on. */
  readonly cursor: string | undefined;
  /** The present state first. With a cursor: when that can no longer be gone on from. */
  readonly snapshot: boolean;
}

/** From now on. */
export const FROM_NOW: StreamStart = { cursor: undefined, snapshot: false };

/** Our cursors have some twenty characters; those of another subgraph may have more. */
const CURSOR_LENGTH_MAX = 1_024;

/** Reads the `extensions` of a request. @throws AppError BAD_USER_INPUT naming what is wrong */
export function readStart(extensions: unknown): StreamStart {
  if (extensions === undefined || extensions === null) return FROM_NOW;
  if (typeof extensions !== 'object' || Array.isArray(extensions)) {
    throw new AppError('BAD_USER_INPUT', 'extensions: must be an object');
  }
  const { snapshot = false, cursor } = extensions as { readonly snapshot?: unknown; readonly cursor?: unknown };
  if (typeof snapshot !== 'boolean') throw new AppError('BAD_USER_INPUT', 'extensions.snapshot: must be true or false');
  if (cursor === undefined || cursor === null) return { cursor: undefined, snapshot };
  if (typeof cursor !== 'string' || cursor === '' || cursor.length > CURSOR_LENGTH_MAX) {
    throw new AppError('BAD_USER_INPUT', 'extensions.cursor: must be the text that an event carried');
  }
  return { cursor, snapshot };
}
