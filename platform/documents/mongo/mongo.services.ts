import { memoryLog } from '@greencity/platform/log/memory-log';
import { afterAll, beforeAll } from 'vitest';
import { type Mongo, startMongo } from '../../../tools/engines/mongo.ts';
import { documentsContract } from '../contract.ts';
import { openMongo } from './connection.ts';
import { openMongoDocuments } from './store.ts';

let mongo: Mongo;
let opened = 0;

beforeAll(async () => {
  mongo = await startMongo();
});
afterAll(() => mongo.stop());

documentsContract('MongoDB', async () => {
  const uri = mongo.uri(`contract-${opened++}`);
  return {
    reopen: () => openMongoDocuments({ uri, log: memoryLog() }),
    async dispose() {
      await using connection = await openMongo({ uri });
      await connection.database.dropDatabase();
    },
  };
});
