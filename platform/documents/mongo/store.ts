/** The document store on MongoDB. */
import type { Logger } from '../../log/port.ts';
import type { CollectionOptions, Documents } from '../port.ts';
import { createCollection } from './collection.ts';
import { type MongoConnection, type MongoOptions, openMongo } from './connection.ts';
import { layoutOf } from './layout.ts';
import { checkVersion, settle } from './settle.ts';

export interface MongoDocumentsOptions extends MongoOptions {
  readonly log: Logger;
}

/**
 * Documents in a database of MongoDB: a collection for each collection, made with its indexes and its validation when it is first asked for.
 * @throws AppError UNAVAILABLE, STORE_REFUSED, STORE_NEWER, BAD_SETTING
 */
export async function openMongoDocuments({ log, ...options }: MongoDocumentsOptions): Promise<Documents> {
  const connection = await openMongo(options);
  try {
    await checkVersion(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return documentsOn(connection, log);
}

/** Documents over a connection, which they close. */
export function documentsOn(connection: MongoConnection, log: Logger): Documents {
  const opened = new Map<string, { readonly fingerprint: string; readonly ready: Promise<void> }>();
  return {
    async collection<T>(options: CollectionOptions<T>) {
      const layout = layoutOf(options);
      let known = opened.get(layout.name);
      if (known && known.fingerprint !== layout.fingerprint) {
        throw new Error(`the collection ${layout.name} is already open with another definition`);
      }
      if (!known) {
        known = { fingerprint: layout.fingerprint, ready: settle(connection, layout, log) };
        opened.set(layout.name, known);
      }
      try {
        await known.ready;
      } catch (error) {
        opened.delete(layout.name);
        throw error;
      }
      return createCollection(connection, layout);
    },
    ping: connection.ping,
    close: connection.close,
    [Symbol.asyncDispose]: connection.close,
  };
}
