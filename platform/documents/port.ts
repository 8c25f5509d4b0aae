/**
 * The document store: devices, users, rules, alerts. Small records that change.
 *
 * Promises, tested by `contract.ts`: `insert` and `replace` are durable when they resolve; a unique index refuses the second (CONFLICT,
 * naming the index); `replace` succeeds only against the version that was read (CONFLICT otherwise); nearest and within are by place on the WGS 84 sphere.
 */

/** A stored document: `id` is unique in its collection, `version` counts its replacements from 1. */
export interface Stored<T> {
  readonly id: string;
  readonly version: number;
  readonly document: T;
}

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface CollectionOptions<T> {
  readonly name: string;
  /** Unique keys: index name to the value of it; undefined means the document has none. */
  readonly unique?: Readonly<Record<string, (document: T) => string | undefined>>;
  /** Fields that `find` can ask for by equality and order by. Numbers sort as numbers. */
  readonly indexed?: Readonly<Record<string, (document: T) => string | number | undefined>>;
  /** Where the document is, for `nearest` and `within`. */
  readonly place?: (document: T) => Place | undefined;
  /** Text that `find({ search })` looks into, case-insensitively. */
  readonly searchText?: (document: T) => string;
  /** Where documents that belong together lie together, in an engine that is spread over machines; it must not change while a document lives. Ids of a collection without unique keys must then be unique by how they are made. */
  readonly region?: (document: T) => string;
}

export interface Find {
  /** All must hold: an indexed field equals the value, or one of the values. */
  readonly where?: Readonly<Record<string, string | number | readonly (string | number)[]>>;
  readonly within?: Box;
  readonly search?: string;
  /** Indexed field to order by; ties by id in the same direction. A document without the field comes first, or last when descending. Default: by id. */
  readonly orderBy?: { readonly field: string; readonly direction: 'ascending' | 'descending' };
  readonly first: number;
  /** Opaque cursor of the last document of the page before. */
  readonly after?: string;
}

export interface Page<T> {
  readonly items: readonly Stored<T>[];
  readonly totalCount: number;
  /** Cursor of the last item, where there is one. */
  readonly endCursor: string | undefined;
  readonly hasNextPage: boolean;
}

export interface Nearby<T> extends Stored<T> {
  /** Metres along the great circle. */
  readonly distanceM: number;
}

export interface Collection<T> {
  get(id: string): Promise<Stored<T> | undefined>;
  /** In the order of `ids`; undefined where there is none. */
  getMany(ids: readonly string[]): Promise<readonly (Stored<T> | undefined)[]>;
  /** By a unique index. */
  getBy(index: string, value: string): Promise<Stored<T> | undefined>;
  /** @throws AppError CONFLICT when the id or a unique key is taken. */
  insert(id: string, document: T): Promise<Stored<T>>;
  /** @throws AppError CONFLICT when the stored version is not `version`, or a unique key is taken; NOT_FOUND. */
  replace(id: string, version: number, document: T): Promise<Stored<T>>;
  /**
   * Writes many at once, in one durable step, whatever their versions were; removes `deletions` first, in the same step. For projections that own
   * their documents. @throws AppError CONFLICT when a unique key is taken: nothing is written then.
   */
  putMany(
    documents: readonly { readonly id: string; readonly document: T }[],
    deletions?: readonly string[],
  ): Promise<void>;
  delete(id: string): Promise<boolean>;
  /** @throws AppError BAD_CURSOR for a cursor that is not one of ours. */
  find(query: Find): Promise<Page<T>>;
  /** Nearest first. */
  nearest(place: Place, first: number): Promise<readonly Nearby<T>[]>;
}

export interface Documents extends AsyncDisposable {
  collection<T>(options: CollectionOptions<T>): Promise<Collection<T>>;
  /** Resolves when the engine answers, soon or never: whoever asks sets the deadline. @throws AppError that says why it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}
