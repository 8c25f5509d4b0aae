/** What a collection is in SQLite: one table with a column for each thing that can be asked for. Shared by both sides of the thread. */
import type { CollectionOptions, Place } from './port.ts';

/** The columns of a collection, as data: its functions stay on the caller's side of the thread. */
export interface TableDefinition {
  readonly name: string;
  readonly unique: readonly string[];
  readonly indexed: readonly string[];
  /** Changes when the definition does, the text of its functions included, so that columns are computed anew. */
  readonly fingerprint: string;
}

export type ColumnValue = string | number | null;

/** A document on its way into a table. */
export interface Row {
  readonly id: string;
  readonly json: string;
  /** In the order of `columnsOf`. */
  readonly columns: readonly ColumnValue[];
}

/** A document on its way out. */
export interface FoundRow {
  readonly id: string;
  readonly version: number;
  readonly json: string;
}

/** The columns of a `FoundRow`. */
export const FOUND = 'id, version, json';
const COLLECTION_NAME = /^[a-z][a-z0-9-]{0,50}$/;
/** Goes up when the same definition makes other columns or indexes, so that older files are brought up to it. */
const LAYOUT_VERSION = 1;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9]{0,50}$/;

/** The definition of a collection's table. */
export function definitionOf<T>(options: CollectionOptions<T>): TableDefinition {
  const unique = Object.keys(options.unique ?? {});
  const indexed = Object.keys(options.indexed ?? {});
  if (!COLLECTION_NAME.test(options.name)) throw new Error(`a collection's name matches ${COLLECTION_NAME}`);
  for (const field of [...unique, ...indexed]) {
    if (!FIELD_NAME.test(field)) throw new Error(`a field's name matches ${FIELD_NAME}, got ${field}`);
  }
  const sources = [options.unique, options.indexed].map((group) =>
    Object.entries(group ?? {}).map(([field, value]) => `${field}=${value}`),
  );
  const fingerprint = JSON.stringify([LAYOUT_VERSION, ...sources, String(options.place), String(options.searchText)]);
  return { name: options.name, unique, indexed, fingerprint };
}

/** Names of the columns beside id, version and JSON. */
export function columnsOf({ unique, indexed }: TableDefinition): readonly string[] {
  return [...unique.map(uniqueColumn), ...indexed.map(indexedColumn), 'latitude', 'longitude', 'search_text'];
}

/** Name of a collection's table, quoted. */
export function tableName(collection: string): string {
  return `"c_${collection}"`;
}

/** The question for one row of a table. */
export function findById(collection: string): string {
  return `SELECT ${FOUND} FROM ${tableName(collection)} WHERE id = ?`;
}

/** Column of a unique key. */
export function uniqueColumn(index: string): string {
  return `u_${index}`;
}

/** Column of an indexed field. */
export function indexedColumn(field: string): string {
  return `i_${field}`;
}

/** Makes the rows of a collection. */
export function rowMaker<T>(options: CollectionOptions<T>): (id: string, document: T) => Row {
  const extractors = [...Object.values(options.unique ?? {}), ...Object.values(options.indexed ?? {})];
  return (id, document) => {
    const place: Place | undefined = options.place?.(document);
    const columns: ColumnValue[] = extractors.map((extract) => extract(document) ?? null);
    columns.push(place?.latitude ?? null, place?.longitude ?? null);
    columns.push(options.searchText ? folded(options.searchText(document)) : null);
    return { id, json: JSON.stringify(document), columns };
  };
}

/** Text as it is searched: neither case nor the way an accent is encoded matters. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
