import { AppError } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Collection, CollectionOptions, Find, Page, Stored } from './port.ts';
import type { Engine } from './sqlite-engine.ts';
import type { Reader } from './sqlite-reader.ts';
import { type FoundRow, rowMaker, type TableDefinition } from './sqlite-table.ts';

/** Asks the thread. */
export type AskEngine = <M extends keyof Engine>(
  method: M,
  ...args: Parameters<Engine[M]>
) => Promise<Awaited<ReturnType<Engine[M]>>>;

/** Writes of one table that were asked for and not answered yet, by whoever opened it. */
export interface Writes {
  waiting: number;
}

/** A table of the thread. */
export interface Table {
  readonly definition: TableDefinition;
  readonly writes: Writes;
  readonly reader: Reader;
  readonly ask: AskEngine;
}

/** A collection over its table: documents on this side, rows on the other. */
export function createCollection<T>(options: CollectionOptions<T>, table: Table): Collection<T> {
  const { definition, writes, reader, ask } = table;
  const { name } = definition;
  const rowOf = rowMaker(options);
  const stored = ({ id, version, json }: FoundRow): Stored<T> => ({ id, version, document: JSON.parse(json) as T });

  const written = async <V>(write: Promise<V>): Promise<V> => {
    writes.waiting += 1;
    try {
      return await write;
    } finally {
      writes.waiting -= 1;
    }
  };

  return {
    async get(id) {
      // What is read is what was asked for before: a write that waits comes first, in the thread.
      const here = writes.waiting > 0 ? 'elsewhere' : reader.get(name, id);
      const row = here === 'elsewhere' ? await ask('get', name, id) : here;
      return row && stored(row);
    },
    async getMany(ids) {
      if (ids.length === 0) return [];
      const found = new Map((await ask('getMany', name, ids)).map((row) => [row.id, row]));
      return ids.map((id) => {
        const row = found.get(id);
        return row && stored(row);
      });
    },
    async getBy(index, value) {
      if (!definition.unique.includes(index)) throw new Error(`${name} has no unique index ${index}`);
      const row = await ask('getBy', name, index, value);
      return row && stored(row);
    },
    async insert(id, document) {
      const row = rowOf(id, document);
      await written(ask('insert', definition, row));
      return { id, version: 1, document };
    },
    async replace(id, version, document) {
      const row = rowOf(id, document);
      const outcome = await written(ask('replace', definition, row, version));
      switch (outcome) {
        case 'replaced':
          return { id, version: version + 1, document };
        case 'other-version':
          throw new AppError('CONFLICT', `${name} ${id} was changed since it was read`);
        case 'absent':
          throw new AppError('NOT_FOUND', `${name} ${id}`);
      }
    },
    async putMany(documents, deletions = []) {
      if (documents.length === 0 && deletions.length === 0) return;
      const rows = documents.map(({ id, document }) => rowOf(id, document));
      await written(ask('putMany', definition, rows, deletions));
    },
    delete: (id) => written(ask('delete', name, id)),
    async find(query): Promise<Page<T>> {
      checkFind(query, options);
      const { after, ...question } = query;
      const position = after === undefined ? undefined : decodeCursor(query.orderBy, after);
      const page = await ask('find', name, { ...question, after: position });
      const last = page.rows.at(-1);
      return {
        items: page.rows.map(stored),
        totalCount: page.totalCount,
        endCursor: last && encodeCursor(query.orderBy, { value: page.endValue, id: last.id }),
        hasNextPage: page.hasNextPage,
      };
    },
    async nearest(place, first) {
      if (!options.place) throw new Error(`${name} has no place`);
      return (await ask('nearest', name, place, first)).map((row) => ({ ...stored(row), distanceM: row.distanceM }));
    },
  };
}

/** A question that the collection was not made for is a mistake of the caller's author, not of the user. */
function checkFind<T>(query: Find, { name, indexed = {}, place, searchText }: CollectionOptions<T>): void {
  const fields = [...Object.keys(query.where ?? {}), ...(query.orderBy ? [query.orderBy.field] : [])];
  for (const field of fields) if (!Object.hasOwn(indexed, field)) throw new Error(`${name} has no index ${field}`);
  if (query.within && !place) throw new Error(`${name} has no place`);
  if (query.search && !searchText) throw new Error(`${name} has no text to search`);
  if (!Number.isInteger(query.first) || query.first < 0) throw new Error(`first must be 0 or more, got ${query.first}`);
}
