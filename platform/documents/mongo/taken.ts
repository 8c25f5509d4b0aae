/**
 * Ids and unique keys of a collection that is spread over shards. A shard holds only its own documents to a unique index that does not begin with
 * the shard key; so each id and key is taken in a collection beside, which stays whole, in one transaction with its document.
 */
import { AppError } from '../../errors.ts';
import type { ClientSession, MongoConnection } from './connection.ts';
import type { Layout } from './layout.ts';

const DUPLICATE_KEY = 11_000;
const SEPARATOR = ':';
const DUPLICATE = /dup key: \{ _id: "([^":]+):/;

interface TakenRow {
  /** Field and value. */
  readonly _id: string;
  /** Id of the document that has it. */
  readonly owner: string;
}

export interface Owner<T> {
  readonly id: string;
  readonly document: T;
}

export interface Taken<T> {
  /** Makes what it needs; takes nothing. */
  prepare(): Promise<void>;
  /** Takes what these documents need, in place of what they had. @throws AppError CONFLICT when another document has some of it */
  take(owners: readonly Owner<T>[], session?: ClientSession): Promise<void>;
  /** Gives back what these documents had. */
  give(ids: readonly string[], session?: ClientSession): Promise<void>;
}

/** Whether the documents of a collection may lie on several shards. */
export function isSpread<T>({ sharded }: Pick<MongoConnection, 'sharded'>, { options }: Layout<T>): boolean {
  return sharded && options.region !== undefined;
}

/** What a collection has to take; undefined where the server itself holds it to its unique keys. Ids of a collection without keys are unique by how they are made. */
export function takenBy<T>(connection: MongoConnection, layout: Layout<T>): Taken<T> | undefined {
  if (!isSpread(connection, layout) || Object.keys(layout.options.unique ?? {}).length === 0) return undefined;
  const rows = connection.database.collection<TakenRow>(`${layout.name}-taken`);
  const give = async (ids: readonly string[], session?: ClientSession) =>
    void (await rows.deleteMany({ owner: { $in: [...ids] } }, { ...(session && { session }) }));
  return {
    async prepare() {
      await rows.createIndex({ owner: 1 });
    },
    async take(owners, session) {
      if (owners.length === 0) return;
      await give(
        owners.map(({ id }) => id),
        session,
      );
      try {
        await rows.insertMany(
          owners.flatMap((owner) => rowsOf(layout, owner)),
          { ...(session && { session }) },
        );
      } catch (error) {
        throw takenError(layout, error);
      }
    },
    give,
  };
}

function rowsOf<T>({ keysOf }: Layout<T>, { id, document }: Owner<T>): readonly TakenRow[] {
  const keys = Object.entries(keysOf(document).unique ?? {});
  return [['id', id], ...keys].map(([field, value]) => ({ _id: `${field}${SEPARATOR}${value}`, owner: id }));
}

function takenError<T>({ name }: Layout<T>, error: unknown): unknown {
  const { code, message } = error as Error & { readonly code?: unknown };
  if (code !== DUPLICATE_KEY) return error;
  const [, field = 'a key'] = DUPLICATE.exec(message) ?? [];
  return new AppError('CONFLICT', `${name}.${field} is taken`, { cause: error });
}
