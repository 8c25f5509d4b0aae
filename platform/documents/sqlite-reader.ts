import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type FoundRow, findById } from './sqlite-table.ts';

/**
 * Reads single rows of the file in this thread: by its id a row is a few pages of the file away, which takes 3 µs, where the way to the other thread and back
 * takes 60. What was committed is seen at once, whoever wrote it.
 */
export interface Reader {
  /** The row with this id; `elsewhere` where it cannot be read here now, so that the other thread is asked and says why. */
  get(table: string, id: string): FoundRow | undefined | 'elsewhere';
  close(): void;
}

/** A second connection to a file that is open in the other thread. It never writes. */
export function openReader(path: string): Reader {
  let database: DatabaseSync | undefined = connected(path);
  const statements = new Map<string, StatementSync>();
  const prepared = (from: DatabaseSync, table: string): StatementSync => {
    const known = statements.get(table);
    if (known) return known;
    const made = from.prepare(findById(table));
    statements.set(table, made);
    return made;
  };
  return {
    get(table, id) {
      if (!database) return 'elsewhere';
      try {
        return prepared(database, table).get(id) as FoundRow | undefined;
      } catch {
        // A damaged page, or a file that another program has locked.
        return 'elsewhere';
      }
    },
    close() {
      statements.clear();
      database?.close();
      database = undefined;
    },
  };
}

function connected(path: string): DatabaseSync | undefined {
  try {
    return new DatabaseSync(path, { readOnly: true });
  } catch {
    return undefined;
  }
}
