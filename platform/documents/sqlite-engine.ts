/** The tables behind the collections. Synchronous: it runs in a thread of its own (sqlite-thread.ts), so that no disk holds up the platform. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Place } from './port.ts';
import { nearestIds } from './sqlite-nearest.ts';
import { behind, every, type FindQuestion, filterOf, orderOf } from './sqlite-questions.ts';
import { createRebuild } from './sqlite-rebuild.ts';
import {
  type ColumnValue,
  columnsOf,
  FOUND,
  type FoundRow,
  findById,
  type Row,
  type TableDefinition,
  tableName,
  uniqueColumn,
} from './sqlite-table.ts';
import { inTransaction } from './sqlite-transaction.ts';

export interface EngineOptions {
  readonly path: string;
  /** Most bytes of the file; a write beyond it is refused. */
  readonly bytesMax: number | undefined;
}

export interface FoundPage {
  readonly rows: readonly FoundRow[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  /** What the last row is ordered by. */
  readonly endValue: ColumnValue;
}

export interface NearbyRow extends FoundRow {
  readonly distanceM: number;
}

export type Replaced = 'replaced' | 'other-version' | 'absent';

/** SQL text of questions is made of few shapes; this many prepared ones are kept. */
const STATEMENTS_MAX = 500;

export type Engine = ReturnType<typeof openEngine>;

/** Opens the file, or makes it. */
export function openEngine({ path, bytesMax }: EngineOptions) {
  const database = new DatabaseSync(path);
  // FULL makes a commit survive a power cut, not only the end of the process.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
  if (bytesMax !== undefined) limitSize(database, bytesMax);
  const prepared = statementCache(database);
  const one = (sql: string, ...values: ColumnValue[]) => prepared(sql).get(...values);
  const all = (sql: string, ...values: ColumnValue[]) => prepared(sql).all(...values) as unknown as FoundRow[];

  const get = (name: string, id: string) => one(findById(name), id) as FoundRow | undefined;

  function write(definition: TableDefinition, onTaken: string): StatementSync {
    const columns = ['id', 'json', ...columnsOf(definition)];
    const places = columns.map(() => '?').join(', ');
    return prepared(
      `INSERT INTO ${tableName(definition.name)} (${columns.join(', ')}, version) VALUES (${places}, 1) ${onTaken}`,
    );
  }

  function upsert(definition: TableDefinition): StatementSync {
    const updates = ['json', ...columnsOf(definition)].map((column) => `${column} = excluded.${column}`);
    return write(definition, `ON CONFLICT (id) DO UPDATE SET version = version + 1, ${updates.join(', ')}`);
  }

  return {
    ...createRebuild(database, all),
    get,
    getMany: (name: string, ids: readonly string[]) =>
      all(`SELECT ${FOUND} FROM ${tableName(name)} WHERE id IN (SELECT value FROM json_each(?))`, JSON.stringify(ids)),
    getBy: (name: string, index: string, value: string) =>
      one(`SELECT ${FOUND} FROM ${tableName(name)} WHERE ${uniqueColumn(index)} = ?`, value) as FoundRow | undefined,
    insert(definition: TableDefinition, row: Row): void {
      write(definition, '').run(row.id, row.json, ...row.columns);
    },
    replace(definition: TableDefinition, row: Row, version: number): Replaced {
      const table = tableName(definition.name);
      const updates = ['json', ...columnsOf(definition)].map((column) => `${column} = ?`).join(', ');
      const update = prepared(`UPDATE ${table} SET version = version + 1, ${updates} WHERE id = ? AND version = ?`);
      if (update.run(row.json, ...row.columns, row.id, version).changes > 0) return 'replaced';
      return one(`SELECT 1 FROM ${table} WHERE id = ?`, row.id) ? 'other-version' : 'absent';
    },
    putMany(definition: TableDefinition, rows: readonly Row[], deletions: readonly string[]): void {
      const statement = upsert(definition);
      const remove = prepared(`DELETE FROM ${tableName(definition.name)} WHERE id = ?`);
      inTransaction(database, () => {
        for (const id of deletions) remove.run(id);
        for (const row of rows) statement.run(row.id, row.json, ...row.columns);
      });
    },
    delete: (name: string, id: string) => prepared(`DELETE FROM ${tableName(name)} WHERE id = ?`).run(id).changes > 0,
    find: (name: string, question: FindQuestion) => findPage(name, question, { one, all }),
    nearest(name: string, place: Place, first: number): readonly NearbyRow[] {
      const near = nearestIds(place, first, (box) =>
        all(`SELECT id, latitude, longitude FROM ${tableName(name)} WHERE ${box.sql}`, ...box.values),
      );
      return near.flatMap(({ id, distanceM }) => {
        const row = get(name, id);
        return row ? [{ ...row, distanceM }] : [];
      });
    },
    close: () => database.close(),
  };
}

interface Ask {
  readonly one: (sql: string, ...values: ColumnValue[]) => unknown;
  readonly all: (sql: string, ...values: ColumnValue[]) => FoundRow[];
}

function findPage(name: string, question: FindQuestion, { one, all }: Ask): FoundPage {
  const filter = filterOf(question);
  const page = every([filter, behind(question)]);
  const order = question.orderBy ? `i_${question.orderBy.field}` : 'NULL';
  const rows = all(
    `SELECT ${FOUND}, ${order} AS value FROM ${tableName(name)} WHERE ${page.sql} ORDER BY ${orderOf(question)} LIMIT ?`,
    ...page.values,
    question.first + 1,
  ) as (FoundRow & { readonly value: ColumnValue })[];
  const counted = one(`SELECT count(*) AS count FROM ${tableName(name)} WHERE ${filter.sql}`, ...filter.values);
  const shown = rows.slice(0, question.first);
  return {
    rows: shown.map(({ id, version, json }) => ({ id, version, json })),
    totalCount: (counted as { readonly count: number }).count,
    hasNextPage: rows.length > shown.length,
    endValue: shown.at(-1)?.value ?? null,
  };
}

function limitSize(database: DatabaseSync, bytesMax: number): void {
  const { page_size: pageBytes } = database.prepare('PRAGMA page_size').get() as { readonly page_size: number };
  database.exec(`PRAGMA max_page_count = ${Math.floor(bytesMax / pageBytes)}`);
}

function statementCache(database: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    const made = database.prepare(sql);
    statements.set(sql, made);
    return made;
  };
}
