import { openMongo } from '@greencity/platform/documents/mongo/connection';
import { afterAll, beforeAll } from 'vitest';
import { type Mongo, startMongo } from '../../../tools/engines/mongo.ts';
import { predictionsStoreContract } from './contract.ts';
import { openMongoStore } from './mongo.ts';

let mongo: Mongo;
let opened = 0;

beforeAll(async () => {
  mongo = await startMongo();
});
afterAll(() => mongo.stop());

predictionsStoreContract('MongoDB', () => {
  const uri = mongo.uri(`predictions-${opened++}`);
  return {
    open: async () => openMongoStore(await openMongo({ uri })),
    async clear() {
      await using connection = await openMongo({ uri });
      await connection.database.dropDatabase();
    },
  };
});
