/** Makes a collection's table, and makes it anew when its definition has changed since the file was written. */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import {
  type ColumnValue,
  columnsOf,
  type FoundRow,
  indexedColumn,
  type Row,
  type TableDefinition,
  tableName,
  uniqueColumn,
} from './sqlite-table.ts';
import { inTransaction } from './sqlite-transaction.ts';

const DEFINITIONS = 'CREATE TABLE IF NOT EXISTS definition (name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) STRICT';

/** The part of the engine that is used while a collection is opened. */
export function createRebuild(
  database: DatabaseSync,
  all: (sql: string, ...values: ColumnValue[]) => readonly FoundRow[],
) {
  database.exec(DEFINITIONS);
  const remember = (definition: TableDefinition) =>
    database
      .prepare('INSERT INTO definition VALUES (?, ?) ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint')
      .run(definition.name, definition.fingerprint);

  return {
    /** Makes the table where there is none. `outdated` means that the caller has to copy its rows through `stage`. */
    openTable(definition: TableDefinition): 'ready' | 'outdated' {
      const known = database.prepare('SELECT fingerprint FROM definition WHERE name = ?').get(definition.name);
      if (known) return known['fingerprint'] === definition.fingerprint ? 'ready' : 'outdated';
      inTransaction(database, () => {
        createTable(database, definition, tableName(definition.name));
        remember(definition);
      });
      return 'ready';
    },
    beginRebuild(definition: TableDefinition): void {
      // A crash may have left one behind.
      database.exec(`DROP TABLE IF EXISTS ${stagedName(definition)}`);
      createTable(database, definition, stagedName(definition));
    },
    rowsAfter: (name: string, id: string, first: number) =>
      all(`SELECT id, version, json FROM ${tableName(name)} WHERE id > ? ORDER BY id LIMIT ?`, id, first),
    stage(definition: TableDefinition, rows: readonly (Row & { readonly version: number })[]): void {
      const columns = ['id', 'version', 'json', ...columnsOf(definition)];
      const insert = database.prepare(
        `INSERT INTO ${stagedName(definition)} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      );
      inTransaction(database, () => {
        for (const row of rows) insert.run(row.id, row.version, row.json, ...row.columns);
      });
    },
    finishRebuild(definition: TableDefinition): void {
      inTransaction(database, () => {
        database.exec(`DROP TABLE ${tableName(definition.name)}`);
        database.exec(`ALTER TABLE ${stagedName(definition)} RENAME TO ${tableName(definition.name)}`);
        remember(definition);
      });
    },
  };
}

function stagedName({ name }: TableDefinition): string {
  return `"c_${name}~staged"`;
}

/** Columns of indexed fields have no type, so that a number stays a number and text stays text. */
function createTable(database: DatabaseSync, definition: TableDefinition, table: string): void {
  const columns = columnsOf(definition).map((column) => `, ${column}`);
  database.exec(
    `CREATE TABLE ${table} (id TEXT PRIMARY KEY, version INTEGER NOT NULL, json TEXT NOT NULL${columns.join('')})`,
  );
  // Index names are shared by the whole file and stay when a table is renamed: the digest keeps old and new apart.
  const digest = createHash('sha256').update(definition.fingerprint).digest('hex').slice(0, 12);
  const index = (name: string, kind: string, over: string) =>
    database.exec(`CREATE ${kind} "x_${definition.name}_${name}_${digest}" ON ${table} ${over}`);
  // What is missing stands in no index where no question asks for it; only an order has a place for it.
  for (const column of definition.unique.map(uniqueColumn))
    index(column, 'UNIQUE INDEX', `(${column}) WHERE ${column} IS NOT NULL`);
  for (const column of definition.indexed.map(indexedColumn)) index(column, 'INDEX', `(${column}, id)`);
  index('place', 'INDEX', '(latitude, longitude) WHERE latitude IS NOT NULL');
}
