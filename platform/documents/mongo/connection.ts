/** A connection to MongoDB, and what its failures mean. Shared by the document store and by stores that speak to MongoDB themselves. */
import { type ClientSession, type Db, MongoClient } from 'mongodb';
import { AppError } from '../../errors.ts';
import { failureOf } from './failure.ts';

export type { ClientSession, Collection as MongoCollection, Db, Document as MongoDocument, Filter } from 'mongodb';

const DATABASE = 'greencity';
const CALL_MS = 30_000;
const SELECTION_MS = 10_000;
const CONNECTIONS_MAX = 50;
/** Name of the database in a connection string. */
const DATABASE_IN_URI = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/;

export interface MongoOptions {
  /** A connection string; without a database in it, `greencity`. */
  readonly uri: string;
  /** How long a call may wait for a connection, and then for its answer. Default 30 s. */
  readonly callMs?: number;
}

export interface MongoConnection extends AsyncDisposable {
  readonly database: Db;
  /** True when it is the router of several shards. */
  readonly sharded: boolean;
  /** Hosts and database, without credentials. */
  readonly address: string;
  /** Runs a call. @throws AppError UNAVAILABLE, STORE_REFUSED, STORE_UNWRITABLE, CONFLICT */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** All that `work` does in its session, or nothing; it may be called again when others were in the way. */
  transaction(work: (session: ClientSession) => Promise<void>): Promise<void>;
  /** Runs a command on the whole deployment. @throws AppError as `run` */
  administer(command: object): Promise<void>;
  /** Resolves when the database answers. @throws AppError as `run` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, and reads and writes what a majority of the replica set holds on disk.
 * @throws AppError UNAVAILABLE when nobody answers; STORE_REFUSED when the credentials are not good; BAD_SETTING for a server that is no replica set
 */
export async function openMongo({ uri, callMs = CALL_MS }: MongoOptions): Promise<MongoConnection> {
  const client = mongoClient(uri, callMs);
  const database = client.db(DATABASE_IN_URI.exec(uri)?.[1] ?? DATABASE);
  const address = `${client.options.hosts.join(',')}/${database.databaseName}`;
  let closed = false;

  async function run<T>(call: () => Promise<T>): Promise<T> {
    if (closed) throw new AppError('UNAVAILABLE', 'the document store is closed');
    try {
      return await call();
    } catch (error) {
      throw failureOf(error, address);
    }
  }
  async function close(): Promise<void> {
    closed = true;
    await client.close();
  }
  try {
    const hello = await run(() => database.command({ hello: 1 }));
    const sharded = hello['msg'] === 'isdbgrid';
    if (!sharded && hello['setName'] === undefined) {
      if (hello['isreplicaset'] === true) throw new AppError('UNAVAILABLE', `${address}: its set is not initiated yet`);
      throw new AppError('BAD_SETTING', `MONGODB_URI: ${address} is no replica set, and a batch must be written whole`);
    }
    // The first call that needs rights: a wrong password is told at the start.
    await run(() => database.listCollections({}, { nameOnly: true }).toArray());
    return {
      ...{ database, sharded, address, run, close, [Symbol.asyncDispose]: close },
      administer: (command) => run(async () => void (await database.admin().command(command))),
      ping: () => run(async () => void (await database.command({ ping: 1 }))),
      transaction: (work) => run(() => client.withSession((session) => session.withTransaction(() => work(session)))),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A client that is not connected yet. @throws AppError BAD_SETTING */
export function mongoClient(uri: string, callMs = CALL_MS): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: 'greencity',
      ignoreUndefined: true,
      maxPoolSize: CONNECTIONS_MAX,
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      retryWrites: true,
      serverSelectionTimeoutMS: Math.min(SELECTION_MS, callMs),
      socketTimeoutMS: callMs,
      waitQueueTimeoutMS: callMs,
      writeConcern: { w: 'majority', journal: true },
    });
  } catch (cause) {
    // The parser repeats what it was given, password included.
    throw new AppError('BAD_SETTING', 'MONGODB_URI is not a connection string of MongoDB', {
      cause: new Error((cause as Error).name),
    });
  }
}
