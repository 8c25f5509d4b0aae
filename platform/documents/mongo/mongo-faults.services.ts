import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mongo, startMongo } from '../../../tools/engines/mongo.ts';
import { memoryLog } from '../../log/memory-log.ts';
import type { CollectionOptions, Place } from '../port.ts';
import { openMongo } from './connection.ts';
import { openMongoDocuments } from './store.ts';

interface Tree {
  readonly kind: string;
  readonly zone: string;
  readonly place?: Place;
}

const TREES: CollectionOptions<Tree> = {
  name: 'trees',
  unique: { kind: (tree) => tree.kind },
  place: (tree) => tree.place,
};
const USER = { name: 'greencity', password: 'a pass/word: with @ in it' };
const CALL_MS = 4_000;

let mongo: Mongo;
beforeAll(async () => {
  mongo = await startMongo({ user: USER });
});
afterAll(() => mongo.stop());

const open = (uri: string) => openMongoDocuments({ uri, callMs: CALL_MS, log: memoryLog() });

describe('a MongoDB that cannot be used', () => {
  it('is told when it does not take the password, which is not repeated', async () => {
    const uri = mongo.uri('refused').replace('%40', 'x');
    const error = await open(uri).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'STORE_REFUSED', subject: expect.stringContaining('/refused') });
    expect(String(error)).not.toContain('word');
  });

  it('is told when the user may not do this', async () => {
    const reader = { name: 'reader', password: 'reader' };
    await using connection = await openMongo({ uri: mongo.uri('admin') });
    await connection.database.command({
      createUser: reader.name,
      pwd: reader.password,
      roles: [{ role: 'read', db: 'read-only' }],
    });
    const login = `${USER.name}:${encodeURIComponent(USER.password)}`;
    const uri = mongo.uri('read-only').replace(login, `${reader.name}:${reader.password}`);
    await expect(open(uri)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('is told when nobody answers', async () => {
    await expect(open('mongodb://127.0.0.1:1/x?replicaSet=rs0')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is told when it is not named by a connection string', async () => {
    const error = await open('mongodb://user:secret@/').catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'BAD_SETTING' });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('is told when a later version wrote to it', async () => {
    const uri = mongo.uri('later');
    await (await open(uri)).close();
    {
      await using connection = await openMongo({ uri });
      await connection.database
        .collection<{ _id: string }>('greencity-layout')
        .updateOne({ _id: 'layout' }, { $set: { version: 1_000 } });
    }
    await expect(open(uri)).rejects.toMatchObject({
      code: 'STORE_NEWER',
      subject: expect.stringContaining('layout 1000'),
    });
  });
});

describe('MongoDB itself', () => {
  it('refuses a document that is not of the layout, whoever writes it', async () => {
    const uri = mongo.uri('validated');
    await using documents = await open(uri);
    await documents.collection(TREES);
    await using connection = await openMongo({ uri });
    const rows = connection.database.collection<{ _id: string }>(TREES.name);
    await expect(rows.insertOne({ _id: 'oak' })).rejects.toMatchObject({ code: 121 });
    const placed = {
      version: 1,
      document: {},
      [await keysOf(rows)]: { place: { type: 'Point', coordinates: [0, 91] } },
    };
    await expect(rows.insertOne({ _id: 'oak', ...placed })).rejects.toThrow();
  });

  it('keeps the place of a document as GeoJSON under a 2dsphere index', async () => {
    const uri = mongo.uri('placed');
    await using documents = await open(uri);
    const trees = await documents.collection(TREES);
    await trees.insert('oak', { kind: 'oak', zone: 'a', place: { latitude: 57, longitude: -2 } });
    await using connection = await openMongo({ uri });
    const rows = connection.database.collection<{ _id: string }>(TREES.name);
    const polygon = [
      [
        [-3, 56],
        [-1, 56],
        [-1, 58],
        [-3, 58],
        [-3, 56],
      ],
    ];
    const inside = { $geoWithin: { $geometry: { type: 'Polygon', coordinates: polygon } } };
    const found = await rows.find({ [`${await keysOf(rows)}.place`]: inside } as object).toArray();
    expect(found.map(({ _id }) => _id)).toEqual(['oak']);
  });
});

/** Name of the field that holds the keys: the newest index ends with it. */
async function keysOf(rows: { indexes(): Promise<readonly { readonly name?: string }[]> }): Promise<string> {
  const names = (await rows.indexes()).map(({ name }) => name ?? '');
  return names.find((name) => name.startsWith('place.'))?.slice('place.'.length) ?? '';
}

describe('a MongoDB that goes away', () => {
  it('is UNAVAILABLE meanwhile, and serves the same documents when it is back, without being opened anew', async () => {
    await using documents = await open(mongo.uri('away'));
    const trees = await documents.collection(TREES);
    await trees.insert('oak', { kind: 'oak', zone: 'a' });
    await mongo.members[0]?.kill();
    await expect(trees.insert('ash', { kind: 'ash', zone: 'a' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await mongo.members[0]?.start();
    await expect.poll(() => trees.get('oak').catch(() => undefined), { timeout: 30_000 }).toMatchObject({ version: 1 });
    await trees.insert('elm', { kind: 'elm', zone: 'a' });
    await expect(trees.insert('other', { kind: 'elm', zone: 'a' })).rejects.toMatchObject({
      code: 'CONFLICT',
      subject: 'trees.kind is taken',
    });
  });
});
