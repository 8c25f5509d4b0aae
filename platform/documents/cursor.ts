import { AppError } from '../errors.ts';
import type { Find } from './port.ts';
import type { Position } from './sqlite-questions.ts';

const CURSOR_LENGTH_MAX = 4_000;

function orderName(orderBy: Find['orderBy']): string {
  return orderBy ? `${orderBy.field} ${orderBy.direction}` : 'id';
}

/** The opaque cursor of a position in one order of a collection. */
export function encodeCursor(orderBy: Find['orderBy'], { value, id }: Position): string {
  return Buffer.from(JSON.stringify([orderName(orderBy), value, id])).toString('base64url');
}

/** The position that a cursor names. @throws AppError BAD_CURSOR for anything else, and for a cursor of another order. */
export function decodeCursor(orderBy: Find['orderBy'], cursor: string): Position {
  const [order, value, id, ...rest] = parse(cursor);
  const valid = order === orderName(orderBy) && typeof id === 'string' && rest.length === 0;
  if (valid && (value === null || typeof value === 'string' || typeof value === 'number')) return { value, id };
  throw new AppError('BAD_CURSOR', 'after: give the `endCursor` of the page before');
}

function parse(cursor: string): readonly unknown[] {
  if (cursor.length > CURSOR_LENGTH_MAX) return [];
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
