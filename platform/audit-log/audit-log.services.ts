/** The audit log where several processes append to it: on a real MongoDB. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Mongo, startMongo } from '../../tools/engines/mongo.ts';
import { manualClock } from '../clock/manual-clock.ts';
import { openMongoDocuments } from '../documents/mongo/store.ts';
import { memoryLog } from '../log/memory-log.ts';
import { ANCHOR_FILE, fileAnchor } from './anchor.ts';
import { AUDIT_LOG, auditId, openAuditLog } from './audit-log.ts';
import { type AuditEntry, verifyChain } from './chain.ts';

const WRITERS = 12;
const EACH = 20;

let mongo: Mongo;
const folder = mkdtempSync(join(tmpdir(), 'greencity-audit-mongo-'));
beforeAll(async () => {
  mongo = await startMongo();
});
afterAll(async () => {
  await mongo.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('stays one chain however many append at once, and tells of a row that was moved and of an end that was cut off', async () => {
  await using stack = new AsyncDisposableStack();
  const uri = mongo.uri('audit');
  const log = memoryLog();
  const open = async (name: string) => {
    const documents = stack.use(await openMongoDocuments({ uri, log }));
    const anchor = fileAnchor(join(folder, `${name}-${ANCHOR_FILE}`));
    return { documents, audit: await openAuditLog({ documents, clock: manualClock(0), log, anchor }) };
  };
  const writers = await Promise.all(Array.from({ length: WRITERS }, (_, index) => open(String(index))));
  await Promise.all(
    writers.flatMap(({ audit }, writer) =>
      Array.from({ length: EACH }, (_, index) =>
        audit.record({ action: 'retireDevice', subject: `${writer}-${index}`, outcome: 'DONE' }),
      ),
    ),
  );
  const { documents } = await open('0');
  const entries = await documents.collection<AuditEntry>(AUDIT_LOG);
  const all = async () => (await entries.find({ first: 10_000 })).items.map(({ document }) => document);
  expect(new Set((await all()).map(({ subject }) => subject)).size).toBe(WRITERS * EACH);
  expect(await verifyChain(await all())).toMatchObject({ kind: 'intact', entries: WRITERS * EACH });
  expect(log.entries).toEqual([]);

  const [fifth, sixth] = (await all()).slice(4, 6);
  if (!fifth || !sixth) throw new Error('too few entries');
  await entries.putMany([
    { id: auditId(5), document: { ...sixth, seq: 5 } },
    { id: auditId(6), document: { ...fifth, seq: 6 } },
  ]);
  expect(await verifyChain(await all())).toMatchObject({ kind: 'broken', seq: 5 });
  await entries.putMany([
    { id: auditId(5), document: fifth },
    { id: auditId(6), document: sixth },
  ]);

  const newest = await Promise.all(
    writers.map((_, index) => fileAnchor(join(folder, `${index}-${ANCHOR_FILE}`)).read()),
  );
  const writer = newest.findIndex((entry) => entry?.seq === WRITERS * EACH);
  await entries.delete(auditId(WRITERS * EACH));
  expect((await verifyChain(await all())).kind).toBe('intact');
  expect(await verifyChain(await all(), [newest[writer]?.hash ?? ''])).toMatchObject({ kind: 'broken' });
  await open(String(writer));
  expect(log.entries).toMatchObject([{ level: 'error', attributes: { seq: WRITERS * EACH } }]);
});
