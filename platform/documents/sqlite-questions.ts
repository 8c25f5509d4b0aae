/** The questions of `find` in SQL. Values are always bound. */
import type { Box, Find } from './port.ts';
import { type ColumnValue, folded, indexedColumn } from './sqlite-table.ts';

/** Where a page ended: the value it is ordered by, and the id that breaks ties. */
export interface Position {
  readonly value: ColumnValue;
  readonly id: string;
}

export interface FindQuestion extends Omit<Find, 'after'> {
  readonly after: Position | undefined;
}

export interface Condition {
  readonly sql: string;
  readonly values: readonly ColumnValue[];
}

/** The conditions of a query without its cursor. */
export function filterOf({ where = {}, within, search }: FindQuestion): Condition {
  const all: Condition[] = Object.entries(where).map(([field, wanted]) =>
    typeof wanted === 'object'
      ? { sql: `${indexedColumn(field)} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(wanted)] }
      : { sql: `${indexedColumn(field)} = ?`, values: [wanted] },
  );
  if (within) all.push(inBox(within));
  // instr looks for the text as it is: no character of it has a meaning, unlike with LIKE.
  if (search) all.push({ sql: 'instr(search_text, ?) > 0', values: [folded(search)] });
  return every(all);
}

/** Documents in a box, its edges included. */
export function inBox({ west, south, east, north }: Box): Condition {
  const longitude = west <= east ? 'longitude BETWEEN ? AND ?' : '(longitude >= ? OR longitude <= ?)';
  return { sql: `latitude BETWEEN ? AND ? AND ${longitude}`, values: [south, north, west, east] };
}

/**
 * Documents behind a position in the query's order. A missing value comes before all others, and SQL compares nothing with it,
 * so that it needs its own words.
 */
export function behind({ after, orderBy }: FindQuestion): Condition {
  if (!after) return every([]);
  if (!orderBy) return { sql: 'id > ?', values: [after.id] };
  const column = indexedColumn(orderBy.field);
  if (orderBy.direction === 'ascending') {
    return after.value === null
      ? { sql: `(${column} IS NOT NULL OR id > ?)`, values: [after.id] }
      : { sql: `(${column}, id) > (?, ?)`, values: [after.value, after.id] };
  }
  return after.value === null
    ? { sql: `${column} IS NULL AND id < ?`, values: [after.id] }
    : { sql: `((${column}, id) < (?, ?) OR ${column} IS NULL)`, values: [after.value, after.id] };
}

/** The ORDER BY of a query. */
export function orderOf({ orderBy }: FindQuestion): string {
  if (!orderBy) return 'id';
  const direction = orderBy.direction === 'ascending' ? 'ASC' : 'DESC';
  return `${indexedColumn(orderBy.field)} ${direction}, id ${direction}`;
}

/** All of the conditions. */
export function every(conditions: readonly Condition[]): Condition {
  const sql = conditions.map((condition) => condition.sql).filter(Boolean);
  return { sql: sql.join(' AND ') || 'TRUE', values: conditions.flatMap((condition) => condition.values) };
}
