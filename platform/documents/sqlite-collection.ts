import { AppError } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Collection, CollectionOptions, Find, Page, Stored } from './port.ts';
import type { Engine } from './sqlite-engine.ts';
import type { KeptRows } from './sqlite-kept-rows.ts';
import { type FoundRow, rowMaker, type TableDefinition } from './sqlite-table.ts';

/** Asks the thread. */
export type AskEngine = <M extends keyof Engine>(
  method: M,
  ...args: Parameters<Engine[M]>
) => Promise<Awaited<ReturnType<Engine[M]>>>;

/** A table of the thread, and what is kept of it here. */
export interface Table {
  readonly definition: TableDefinition;
  readonly kept: KeptRows;
  readonly ask: AskEngine;
}

/** A collection over its table: documents on this side, rows on the other. */
export function createCollection<T>(options: CollectionOptions<T>, { definition, kept, ask }: Table): Collection<T> {
  const { name } = definition;
  const rowOf = rowMaker(options);
  const stored = ({ id, version, json }: FoundRow): Stored<T> => ({ id, version, document: JSON.parse(json) as T });

  return {
    async get(id) {
      const row = await kept.read(id, () => ask('get', name, id));
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
      const keep = kept.writing([id]);
      await ask('insert', definition, row);
      keep({ id, version: 1, json: row.json });
      return { id, version: 1, document };
    },
    async replace(id, version, document) {
      const row = rowOf(id, document);
      const keep = kept.writing([id]);
      const outcome = await ask('replace', definition, row, version);
      switch (outcome) {
        case 'replaced':
          keep({ id, version: version + 1, json: row.json });
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
      kept.writing([...rows.map(({ id }) => id), ...deletions]);
      await ask('putMany', definition, rows, deletions);
    },
    delete(id) {
      kept.writing([id]);
      return ask('delete', name, id);
    },
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
