import { AppError } from '@greencity/platform/errors';
import type { PagePosition } from './domain/roster.ts';

const CURSOR_LENGTH_MAX = 2_000;

/** The cursor of a place in the list of devices. Opaque to clients. */
export function encodeCursor(position: PagePosition): string {
  return Buffer.from(JSON.stringify([position.name, position.id])).toString('base64url');
}

/** The place that a cursor names. @throws AppError BAD_CURSOR */
export function decodeCursor(cursor: string): PagePosition {
  const [name, id, ...rest] = cursor.length > CURSOR_LENGTH_MAX ? [] : parse(cursor);
  if (typeof name === 'string' && typeof id === 'string' && rest.length === 0) return { name, id };
  throw new AppError('BAD_CURSOR', 'after: give the `endCursor` of the page before');
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
