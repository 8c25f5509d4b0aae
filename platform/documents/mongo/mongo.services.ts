import { memoryLog } from '@greencity/platform/log/memory-log';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mongo, startMongo } from '../../../tools/engines/mongo.ts';
import { documentsContract } from '../contract.ts';
import type { Collection, CollectionOptions, Documents } from '../port.ts';
import { type MongoConnection, openMongo } from './connection.ts';
import { documentsOn, openMongoDocuments } from './store.ts';

let mongo: Mongo;
let opened = 0;

beforeAll(async () => {
  mongo = await startMongo();
});
afterAll(() => mongo.stop());

const newUri = () => mongo.uri(`contract-${opened++}`);

async function dropDatabase(uri: string): Promise<void> {
  await using connection = await openMongo({ uri });
  await connection.database.dropDatabase();
}

documentsContract('MongoDB', async () => {
  const uri = newUri();
  return {
    reopen: () => openMongoDocuments({ uri, log: memoryLog() }),
    dispose: () => dropDatabase(uri),
  };
});

/**
 * The documents as on a router of shards, which no package has: this server is asked what a router would be asked, in the same transactions and with the
 * same filters. What only a router can do, it is told and does not do.
 */
async function asIfSharded(uri: string, told: object[] = []): Promise<Documents> {
  const connection = await openMongo({ uri });
  const administer = async (command: object) => void told.push(command);
  return documentsOn({ ...connection, sharded: true, administer }, memoryLog());
}

documentsContract(
  'MongoDB as if it were sharded',
  async () => {
    const uri = newUri();
    return { reopen: () => asIfSharded(uri), dispose: () => dropDatabase(uri) };
  },
  { region: ({ country }) => (country === 'GB' ? 'islands' : 'mainland') },
);

interface Tree {
  readonly kind: string;
  readonly zone: string;
}

const WHOLE: CollectionOptions<Tree> = { name: 'trees', unique: { kind: (tree) => tree.kind } };
const SPREAD: CollectionOptions<Tree> = { ...WHOLE, region: (tree) => tree.zone };

describe('a collection with a region and unique keys, as if sharded', () => {
  let uri: string;
  let connection: MongoConnection;
  let told: object[];
  const trees = async (): Promise<Collection<Tree>> => await (await asIfSharded(uri, told)).collection(SPREAD);

  beforeAll(async () => {
    uri = newUri();
    told = [];
    connection = await openMongo({ uri });
  });
  afterAll(() => connection.close());

  it('asks for shardCollection by a key that an index of it begins with', async () => {
    await trees();
    const { databaseName } = connection.database;
    expect(told).toEqual([{ shardCollection: `${databaseName}.trees`, key: { region: 1, _id: 1 } }]);
    // What a router asks the shard before it takes such a key.
    const check = { checkShardingIndex: `${databaseName}.trees`, keyPattern: { region: 1, _id: 1 } };
    expect(await connection.database.command(check)).toMatchObject({ ok: 1 });
    const indexes = await connection.database.collection('trees').indexes();
    expect(indexes.filter(({ unique }) => unique)).toEqual([]);
  });

  it('refuses an id and a unique key that a document of another region has, and gives them back with it', async () => {
    const all = await trees();
    await all.insert('one', { kind: 'ash', zone: 'north' });
    const taken = (field: string) => ({ code: 'CONFLICT', subject: `trees.${field} is taken` });
    await expect(all.insert('one', { kind: 'oak', zone: 'south' })).rejects.toMatchObject(taken('id'));
    await expect(all.insert('two', { kind: 'ash', zone: 'south' })).rejects.toMatchObject(taken('kind'));
    await all.replace('one', 1, { kind: 'elm', zone: 'north' });
    await all.insert('two', { kind: 'ash', zone: 'south' });
    await expect(all.putMany([{ id: 'six', document: { kind: 'elm', zone: 'south' } }])).rejects.toMatchObject(
      taken('kind'),
    );
    await all.delete('one');
    await all.insert('three', { kind: 'elm', zone: 'south' });
    expect((await all.getBy('kind', 'elm'))?.id).toBe('three');
  });

  it('lets one of two have a key that both want at the same moment', async () => {
    const all = await trees();
    const both = await Promise.allSettled(
      ['north', 'south'].map((zone) => all.insert(`yew-${zone}`, { kind: 'yew', zone })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await all.find({ first: 99 })).items.filter(({ document }) => document.kind === 'yew')).toHaveLength(1);
  });
});

describe('a collection that was whole, on a deployment that is sharded now', () => {
  it('gets the regions and takes the keys of its documents before it is spread', async () => {
    const uri = newUri();
    await using whole = await openMongoDocuments({ uri, log: memoryLog() });
    await (await whole.collection(WHOLE)).insert('one', { kind: 'ash', zone: 'north' });
    await using documents = await asIfSharded(uri);
    const all = await documents.collection(SPREAD);
    await expect(all.insert('two', { kind: 'ash', zone: 'south' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await all.putMany([{ id: 'one', document: { kind: 'oak', zone: 'north' } }]);
    expect(await all.find({ first: 9 })).toMatchObject({ totalCount: 1, items: [{ id: 'one', version: 2 }] });
  });
});
