/** Spreads a collection over the shards of a sharded deployment. */
import type { MongoConnection } from './connection.ts';
import { type Layout, SHARD_KEY } from './layout.ts';
import { isSpread } from './taken.ts';

/** The command that spreads a collection. */
export function shardCommand<T>(database: string, { name }: Layout<T>): object {
  return { shardCollection: `${database}.${name}`, key: SHARD_KEY };
}

/** Spreads a collection with a region if the deployment is sharded; one that is spread already stays as it is. The index of its shard key must be there. */
export async function shard<T>(connection: MongoConnection, layout: Layout<T>): Promise<void> {
  if (!isSpread(connection, layout)) return;
  const { database, administer } = connection;
  await administer(shardCommand(database.databaseName, layout));
}
