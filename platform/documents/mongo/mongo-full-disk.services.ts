import { expect, it } from 'vitest';
import { startMongo } from '../../../tools/engines/mongo.ts';
import { mountSmallDisk } from '../../../tools/engines/small-disk.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { openMongoDocuments } from './store.ts';

const LONG_MS = 240_000;
const PATIENT_MS = 90_000;
/** MongoDB keeps two files of its journal of 100 MiB ahead. */
const DISK_MIB = 400;
const CALL_MS = 5_000;
/** So much that no file has room for it that was made before. */
const LEAVES = 'leaf '.repeat(200_000);

it('a disk of MongoDB that is full ends it; with room it is started, everything acknowledged is there, once, and who had it open goes on', {
  timeout: LONG_MS,
}, async (context) => {
  using disk = mountSmallDisk(undefined, DISK_MIB);
  if (!disk) return context.skip('this machine does not let us mount a small disk');
  await using mongo = await startMongo({ dataFolder: disk.folder });
  const [server] = mongo.members;
  if (!server) throw new Error('MongoDB was started without a member');
  await using documents = await openMongoDocuments({ uri: mongo.uri('small'), callMs: CALL_MS, log: memoryLog() });
  const trees = await documents.collection<{ readonly leaves: string }>({ name: 'trees' });
  const acknowledged = new Set<string>();
  const insert = async (id: string) => {
    await trees.insert(id, { leaves: LEAVES });
    acknowledged.add(id);
  };
  await insert('before');
  disk.fill();
  let refusal: unknown;
  for (let next = 0; refusal === undefined; next += 1)
    refusal = await insert(`t${next}`).then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(['UNAVAILABLE', 'STORE_UNWRITABLE']).toContain((refusal as { readonly code?: string }).code);
  disk.free();
  // What ends a server whose disk is full starts it again: here we do.
  await server.kill();
  await server.start();
  await expect
    .poll(
      () =>
        insert('after').then(
          () => 'inserted',
          (error: Error) => error.message,
        ),
      { timeout: PATIENT_MS },
    )
    .toMatch(/inserted|after|id is taken/);
  const found = await trees.find({ first: 1_000 });
  const ids = found.items.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([...acknowledged, 'after']));
  expect(new Set(ids).size).toBe(found.totalCount);
});
