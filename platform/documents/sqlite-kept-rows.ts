import type { FoundRow } from './sqlite-table.ts';

/**
 * Rows of one table that were read or written lately: to ask the thread for one costs as much as checking half a signature. This process alone writes the
 * file and the thread does one call after the other, so that a row is kept only when no write was asked for after it.
 */
export interface KeptRows {
  /** The row that is kept, or the one that is found in the thread, which is kept unless a write was asked for meanwhile. */
  read(id: string, find: () => Promise<FoundRow | undefined>): Promise<FoundRow | undefined>;
  /** To be called before the thread is asked to write these: from now on they are found there. What it gives keeps a row that was written, as `read` does. */
  writing(ids: Iterable<string>): (row: FoundRow) => void;
  /** Keeps nothing of what was there. */
  clear(): void;
}

const ROWS_MAX = 1_000;
/** Longer documents are read for what is in them, and not at every request. */
const ROW_CHARACTERS_MAX = 4_096;

/** Rows by their id; the one unused for longest leaves first. */
export function keptRows(): KeptRows {
  const rows = new Map<string, FoundRow>();
  let writes = 0;
  const keep = (row: FoundRow): void => {
    rows.delete(row.id);
    rows.set(row.id, row);
    if (rows.size > ROWS_MAX) rows.delete(rows.keys().next().value ?? '');
  };
  const keeping = (): ((row: FoundRow) => void) => {
    const before = writes;
    return (row) => {
      if (before === writes && row.json.length <= ROW_CHARACTERS_MAX) keep(row);
    };
  };
  return {
    async read(id, find) {
      const known = rows.get(id);
      if (known) {
        keep(known);
        return known;
      }
      const keepFound = keeping();
      const found = await find();
      if (found) keepFound(found);
      return found;
    },
    writing(ids) {
      writes += 1;
      for (const id of ids) rows.delete(id);
      return keeping();
    },
    clear() {
      writes += 1;
      rows.clear();
    },
  };
}
