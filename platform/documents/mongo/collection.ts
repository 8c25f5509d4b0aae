import { distanceM } from '@greencity/air/place';
import { AppError } from '../../errors.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Collection, Find, Nearby, Page, Place, Stored } from '../port.ts';
import type { MongoCollection, MongoConnection, MongoDocument } from './connection.ts';
import type { Keys, KeyValue, Layout, StoredRow } from './layout.ts';
import { behind, checkFind, filterOf, orderOf } from './questions.ts';
import { isSpread, type Taken, takenBy } from './taken.ts';

/** Places as far away as the last one asked for, which `nearest` puts in order of id: more than these are in any order. */
const TIES_MAX = 100;

type Row = StoredRow & { readonly [keys: string]: unknown };

interface Work<T> {
  readonly connection: MongoConnection;
  readonly layout: Layout<T>;
  readonly rows: MongoCollection<Row>;
  /** Where the server itself does not hold the collection to its unique keys. */
  readonly taken: Taken<T> | undefined;
}

function storedOf<T>({ _id, version, document }: StoredRow): Stored<T> {
  return { id: _id, version, document: document as T };
}

/** What of a document is written, its version aside. */
function written<T>({ keys, keysOf, options }: Layout<T>, document: T): Omit<Row, '_id' | 'version'> {
  const region = options.region?.(document);
  return {
    document: document as MongoDocument,
    [keys]: keysOf(document),
    ...(region !== undefined && { region }),
  };
}

async function insert<T>({ connection, layout, rows, taken }: Work<T>, id: string, document: T): Promise<void> {
  const row = { _id: id, version: 1, ...written(layout, document) } as Row;
  if (!taken) return void (await connection.run(() => rows.insertOne(row)));
  await connection.transaction(async (session) => {
    // Taken first: it is what others wait for who want the same. What it had is nothing, or the id is taken.
    if (await rows.findOne({ _id: id }, { session, projection: { _id: 1 } }))
      throw new AppError('CONFLICT', `${layout.name}.id is taken`);
    await taken.take([{ id, document }], session);
    await rows.insertOne({ ...row }, { session });
  });
}

async function remove<T>({ connection, rows, taken }: Work<T>, id: string): Promise<boolean> {
  if (!taken) return (await connection.run(() => rows.deleteOne({ _id: id }))).deletedCount === 1;
  let removed = false;
  await connection.transaction(async (session) => {
    await taken.give([id], session);
    removed = (await rows.deleteOne({ _id: id }, { session })).deletedCount === 1;
  });
  return removed;
}

async function replaced<T>(
  { connection, layout, rows, taken }: Work<T>,
  id: string,
  { version, document }: { readonly version: number; readonly document: T },
): Promise<boolean> {
  const update = { $set: { ...written(layout, document), version: version + 1 } };
  if (!taken) return (await connection.run(() => rows.updateOne({ _id: id, version }, update))).matchedCount === 1;
  let matched = false;
  await connection.transaction(async (session) => {
    matched = (await rows.updateOne({ _id: id, version }, update, { session })).matchedCount === 1;
    if (matched) await taken.take([{ id, document }], session);
  });
  return matched;
}

async function replace<T>(work: Work<T>, id: string, change: { version: number; document: T }) {
  const { connection, layout, rows } = work;
  const { version, document } = change;
  if (await replaced(work, id, change)) return { id, version: version + 1, document };
  const found = await connection.run(() => rows.findOne({ _id: id }, { projection: { _id: 1 } }));
  if (found) throw new AppError('CONFLICT', `${layout.name} ${id} was changed since it was read`);
  throw new AppError('NOT_FOUND', `${layout.name} ${id}`);
}

async function putMany<T>(
  { connection, layout, rows, taken }: Work<T>,
  documents: readonly { readonly id: string; readonly document: T }[],
  deletions: readonly string[],
): Promise<void> {
  if (documents.length === 0 && deletions.length === 0) return;
  const removal = deletions.length > 0 ? [{ deleteMany: { filter: { _id: { $in: deletions } } } }] : [];
  const region = isSpread(connection, layout) ? layout.options.region : undefined;
  const upserts = documents.map(({ id, document }) => ({
    updateOne: {
      // What is not there yet is put where its region is; a router has to be told.
      filter: { _id: id, ...(region && { region: region(document) }) },
      update: { $set: written(layout, document), $inc: { version: 1 } },
      upsert: true,
    },
  }));
  await connection.transaction(async (session) => {
    await taken?.give(deletions, session);
    // Of documents that come twice, the last stays.
    await taken?.take([...new Map(documents.map((each) => [each.id, each])).values()], session);
    await rows.bulkWrite([...removal, ...upserts] as Parameters<typeof rows.bulkWrite>[0], { session });
  });
}

async function find<T>({ connection, layout, rows }: Work<T>, query: Find): Promise<Page<T>> {
  checkFind(query, layout.options);
  const position = query.after === undefined ? undefined : decodeCursor(query.orderBy, query.after);
  const filter = filterOf(layout, query);
  const page = { $and: [filter, behind(layout, query, position)] };
  const [totalCount, found] = await connection.run(() =>
    Promise.all([
      rows.countDocuments(filter as object),
      rows
        .find(page as object)
        .sort(orderOf(layout, query))
        .limit(query.first + 1)
        .toArray(),
    ]),
  );
  const items = found.slice(0, query.first);
  const last = items.at(-1);
  const endValue = last && query.orderBy ? (sortValueOf(layout, last, query.orderBy.field) ?? null) : null;
  return {
    items: items.map((row) => storedOf<T>(row)),
    totalCount,
    endCursor: last && encodeCursor(query.orderBy, { value: endValue, id: last._id }),
    hasNextPage: found.length > query.first,
  };
}

function sortValueOf<T>({ keys }: Layout<T>, row: Row, field: string): KeyValue | undefined {
  return (row[keys] as Keys | undefined)?.indexed?.[field];
}

async function nearest<T>(work: Work<T>, place: Place, first: number): Promise<readonly Nearby<T>[]> {
  const { connection, layout, rows } = work;
  if (!layout.options.place) throw new Error(`${layout.name} has no place`);
  const near = { type: 'Point', coordinates: [place.longitude, place.latitude] } as const;
  const steps = [
    { $geoNear: { near, key: layout.place, distanceField: 'away', spherical: true } },
    { $limit: first + TIES_MAX },
  ];
  const found = await connection.run(() => rows.aggregate<Row>(steps).toArray());
  return found
    .map((row) => {
      const [longitude = 0, latitude = 0] = (row[layout.keys] as Keys).place?.coordinates ?? [];
      // MongoDB takes the equator's radius for the earth's; the order is the same, the metres are not.
      return { ...storedOf<T>(row), distanceM: distanceM(place, { latitude, longitude }) };
    })
    .sort((a, b) => a.distanceM - b.distanceM || (a.id < b.id ? -1 : 1))
    .slice(0, first);
}

/** A collection over its layout. */
export function createCollection<T>(connection: MongoConnection, layout: Layout<T>): Collection<T> {
  const rows = connection.database.collection<Row>(layout.name);
  const work: Work<T> = { connection, layout, rows, taken: takenBy(connection, layout) };
  return {
    async get(id) {
      const row = await connection.run(() => rows.findOne({ _id: id }));
      return row ? storedOf(row) : undefined;
    },
    async getMany(ids) {
      if (ids.length === 0) return [];
      const all = await connection.run(() => rows.find({ _id: { $in: [...ids] } }).toArray());
      const found = new Map(all.map((row) => [row._id, storedOf<T>(row)]));
      return ids.map((id) => found.get(id));
    },
    async getBy(index, value) {
      if (!Object.hasOwn(layout.options.unique ?? {}, index))
        throw new Error(`${layout.name} has no unique index ${index}`);
      const row = await connection.run(() => rows.findOne({ [layout.path('unique', index)]: value } as object));
      return row ? storedOf(row) : undefined;
    },
    async insert(id, document) {
      await insert(work, id, document);
      return { id, version: 1, document };
    },
    replace: (id, version, document) => replace(work, id, { version, document }),
    putMany: (documents, deletions = []) => putMany(work, documents, deletions),
    delete: (id) => remove(work, id),
    find: (query) => find(work, query),
    nearest: (place, first) => nearest(work, place, first),
  };
}
