/** Brings a collection of MongoDB to its definition: validation, indexes, and keys for documents that were stored under another one. */
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { MongoCollection, MongoConnection, MongoDocument } from './connection.ts';
import { indexesOf, LAYOUT_VERSION, type Layout, type StoredRow, validatorOf } from './layout.ts';
import { shard } from './sharding.ts';
import { isSpread, type Taken, takenBy } from './taken.ts';

const ABOUT = 'greencity-layout';
const BATCH_DOCUMENTS = 1_000;
const NAMESPACE_EXISTS = 48;

interface About {
  readonly _id: string;
  readonly version?: number;
  readonly keys?: string;
}

/** @throws AppError STORE_NEWER when a later version of GreenCity wrote here */
export async function checkVersion({ database, run, address }: MongoConnection): Promise<void> {
  const about = database.collection<About>(ABOUT);
  const found = await run(() =>
    about.findOneAndUpdate(
      { _id: 'layout' },
      { $setOnInsert: { version: LAYOUT_VERSION } },
      { upsert: true, returnDocument: 'after' },
    ),
  );
  const version = found?.version ?? LAYOUT_VERSION;
  if (version > LAYOUT_VERSION) {
    throw new AppError('STORE_NEWER', `${address} has layout ${version}, this version knows ${LAYOUT_VERSION}`);
  }
}

/** @throws AppError CONFLICT when stored documents cannot hold a new unique key: everything stays as it was then */
export async function settle<T>(connection: MongoConnection, layout: Layout<T>, log: Logger): Promise<void> {
  const { database, run } = connection;
  const rows = database.collection<StoredRow>(layout.name);
  const about = database.collection<About>(ABOUT);
  const id = `collection:${layout.name}`;
  const taken = takenBy(connection, layout);
  await run(() => createWith(connection, layout));
  const known = await run(() => about.findOne({ _id: id }));
  try {
    await run(async () => await taken?.prepare());
    const made = await run(() => makeKeys(rows, layout, taken));
    if (made > 0) log.info({ collection: layout.name, documents: made }, 'keys of stored documents were made anew');
    await run(() => makeIndexes(rows, layout, isSpread(connection, layout)));
    await shard(connection, layout);
  } catch (error) {
    if (known?.keys !== layout.keys) await run(() => dropKeys(rows, layout.keys));
    throw error;
  }
  await run(() => about.updateOne({ _id: id }, { $set: { keys: layout.keys } }, { upsert: true }));
  if (known?.keys !== undefined && known.keys !== layout.keys) {
    const before = known.keys;
    await run(() => dropKeys(rows, before));
  }
}

async function createWith<T>({ database }: MongoConnection, layout: Layout<T>): Promise<void> {
  const validation = { validator: validatorOf(layout), validationLevel: 'strict', validationAction: 'error' };
  try {
    await database.createCollection(layout.name, validation);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    await database.command({ collMod: layout.name, ...validation });
  }
}

async function makeIndexes<T>(rows: MongoCollection<StoredRow>, layout: Layout<T>, spread: boolean): Promise<void> {
  const indexes = indexesOf(layout, spread);
  if (indexes.length > 0) await rows.createIndexes(indexes as Parameters<typeof rows.createIndexes>[0]);
}

/** Gives every document without keys of this layout its keys. A document that changes meanwhile is left for the next round. */
async function makeKeys<T>(
  rows: MongoCollection<StoredRow>,
  layout: Layout<T>,
  taken: Taken<T> | undefined,
): Promise<number> {
  const { region } = layout.options;
  let made = 0;
  for (;;) {
    const without = { [layout.keys]: { $exists: false } } as object;
    const found = await rows.find(without).limit(BATCH_DOCUMENTS).toArray();
    if (found.length === 0) return made;
    await taken?.take(found.map(({ _id, document }) => ({ id: _id, document: document as T })));
    const { modifiedCount } = await rows.bulkWrite(
      found.map(({ _id, version, document }) => ({
        updateOne: {
          filter: { _id, version },
          update: {
            $set: {
              [layout.keys]: layout.keysOf(document as T),
              ...(region && { region: region(document as T) }),
            } as MongoDocument,
          },
        },
      })),
      { ordered: false },
    );
    made += modifiedCount;
  }
}

async function dropKeys(rows: MongoCollection<StoredRow>, keys: string): Promise<void> {
  const indexes = await rows.indexes();
  for (const { name } of indexes) if (name?.endsWith(`.${keys}`)) await rows.dropIndex(name);
  await rows.updateMany({}, { $unset: { [keys]: '' } } as object);
}
