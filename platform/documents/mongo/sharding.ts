/** Spreads a collection over the shards of a sharded deployment. */
import type { MongoConnection } from './connection.ts';
import type { Layout } from './layout.ts';

/** Documents of one region lie together, in order of id. */
export const SHARD_KEY = { region: 1, _id: 1 } as const;

/**
 * The command that spreads a collection, or undefined for one that stays whole. A shard holds only its own documents to a unique index,
 * so that a collection with unique keys stays on one shard; those are users and devices, which are few.
 */
export function shardCommand<T>(database: string, { name, options }: Layout<T>): object | undefined {
  if (!options.region || Object.keys(options.unique ?? {}).length > 0) return undefined;
  return { shardCollection: `${database}.${name}`, key: SHARD_KEY };
}

/** Spreads a collection if the deployment is sharded; one that is spread already stays as it is. */
export async function shard<T>({ database, sharded, run }: MongoConnection, layout: Layout<T>): Promise<void> {
  const command = shardCommand(database.databaseName, layout);
  if (!sharded || !command) return;
  await run(() => database.admin().command(command));
}
