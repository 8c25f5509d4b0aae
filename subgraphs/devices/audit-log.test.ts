import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANCHOR_FILE, fileAnchor } from '@greencity/platform/audit-log/anchor';
import { AUDIT_LOG, auditId, openAuditLog } from '@greencity/platform/audit-log/audit-log';
import { type AuditEntry, auditHash, GENESIS, verifyChain } from '@greencity/platform/audit-log/chain';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import type { Collection } from '@greencity/platform/documents/port';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { describe, expect, it } from 'vitest';
import { aFolder } from './fixtures/folder.ts';
import { aRegistration, REGISTER, RETIRE, SIGN_IN } from './fixtures/operations.ts';
import { ADMIN, ANONYMOUS, openWorld, START_MS } from './fixtures/platform.ts';
import { everyDocument } from './store/collections.ts';

async function withLog(
  use: (world: {
    entries: Collection<AuditEntry>;
    record(subject: string): Promise<void>;
    head(): string;
  }) => Promise<void>,
) {
  using folder = aFolder();
  await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
  const entries = await documents.collection<AuditEntry>(AUDIT_LOG);
  const audit = await openAuditLog({ documents, clock: manualClock(START_MS), log: memoryLog() });
  const viewer = userViewer('user-1', 'ADMIN', { from: '192.0.2.7' });
  await use({
    entries,
    head: audit.head,
    record: (subject) => audit.record({ action: 'retireDevice', subject, outcome: 'DONE', viewer }),
  });
}

const verdict = async (entries: Collection<AuditEntry>, ...noted: readonly string[]) =>
  await verifyChain(await everyDocument(entries), noted);

async function change(entries: Collection<AuditEntry>, seq: number, changes: Partial<AuditEntry>): Promise<void> {
  const stored = await entries.get(auditId(seq));
  if (!stored) throw new Error(`no entry ${seq}`);
  await entries.replace(stored.id, stored.version, { ...stored.document, ...changes });
}

describe('the audit log', () => {
  it('chains who did what to what, when and from where', async () => {
    await withLog(async ({ entries, record, head }) => {
      await Promise.all(['a', 'b', 'c'].map(record));
      const all = await everyDocument(entries);
      expect(all.map(({ seq, subject }) => [seq, subject])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ]);
      expect(all[0]).toMatchObject({
        atMs: START_MS,
        actor: 'user:user-1',
        action: 'retireDevice',
        from: '192.0.2.7',
        previous: GENESIS,
      });
      expect(await verdict(entries)).toEqual({ kind: 'intact', entries: 3, head: head() });
    });
  });

  it.each([
    ['what', { action: 'updateDevice' }],
    ['who', { actor: 'user:user-2' }],
    ['when', { atMs: START_MS + 1 }],
    ['from where', { from: null }],
    ['the outcome', { outcome: 'REFUSED' }],
  ] as const)('names the row of which %s was changed', async (_, changes) => {
    await withLog(async ({ entries, record }) => {
      for (const subject of ['a', 'b', 'c']) await record(subject);
      await change(entries, 2, changes);
      expect(await verdict(entries)).toEqual({ kind: 'broken', seq: 2, reason: 'entry 2 was changed' });
    });
  });

  it('finds a row whose hash was made anew, a row that was taken out, and an end that was cut off', async () => {
    await withLog(async ({ entries, record, head }) => {
      for (const subject of ['a', 'b', 'c']) await record(subject);
      const noted = head();
      const second = (await entries.get(auditId(2)))?.document;
      if (!second) throw new Error('no second entry');
      const forged = { ...second, subject: 'elsewhere' };
      await change(entries, 2, { ...forged, hash: auditHash(forged) });
      expect(await verdict(entries)).toMatchObject({ kind: 'broken', seq: 3 });
      await entries.delete(auditId(2));
      expect(await verdict(entries)).toEqual({ kind: 'broken', seq: 2, reason: 'entry 2 is missing' });
      await entries.delete(auditId(3));
      expect(await verdict(entries)).toMatchObject({ kind: 'intact', entries: 1 });
      expect(await verdict(entries, noted)).toMatchObject({ kind: 'broken', seq: 2 });
    });
  });

  it('goes on behind the entry of another process', async () => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const entries = await documents.collection<AuditEntry>(AUDIT_LOG);
    const options = { documents, clock: manualClock(START_MS), log: memoryLog() };
    const [one, other] = [await openAuditLog(options), await openAuditLog(options)];
    for (const audit of [one, other, one]) await audit.record({ action: 'tend', subject: '', outcome: 'DONE' });
    expect(await verdict(entries)).toMatchObject({ kind: 'intact', entries: 3 });
  });

  it.each([
    ['cut off', async (entries: Collection<AuditEntry>) => void (await entries.delete(auditId(3)))],
    [
      'written anew',
      async (entries: Collection<AuditEntry>) => {
        const third = (await entries.get(auditId(3)))?.document;
        if (!third) throw new Error('no third entry');
        const forged = { ...third, subject: 'elsewhere' };
        await change(entries, 3, { ...forged, hash: auditHash(forged) });
      },
    ],
  ])('finds at its next start that its end was %s, and says so in itself as well', async (_, tamper) => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const entries = await documents.collection<AuditEntry>(AUDIT_LOG);
    const log = memoryLog();
    const anchor = fileAnchor(join(folder.path, ANCHOR_FILE));
    const start = () => openAuditLog({ documents, clock: manualClock(START_MS), log, anchor });
    const audit = await start();
    for (const subject of ['a', 'b', 'c']) await audit.record({ action: 'retireDevice', subject, outcome: 'DONE' });
    const head = audit.head();
    await start();
    expect(log.entries).toEqual([]);
    await tamper(entries);
    await start();
    expect(log.entries).toMatchObject([{ level: 'error', attributes: { seq: 3, hash: head } }]);
    expect((await everyDocument(entries)).at(-1)).toMatchObject({
      actor: 'system',
      action: 'auditLogLacksItsEnd',
      subject: `3 ${head}`,
    });
    expect((await verdict(entries)).kind).toBe('intact');
    await start();
    expect(log.entries).toHaveLength(1);
  });

  it('goes on, and says why, while nothing can be kept beside it', async () => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const log = memoryLog();
    const anchor = fileAnchor(join(folder.path, 'missing', ANCHOR_FILE));
    const audit = await openAuditLog({ documents, clock: manualClock(START_MS), log, anchor });
    await audit.record({ action: 'retireDevice', subject: 'a', outcome: 'DONE' });
    expect((await audit.page(1, undefined)).totalCount).toBe(1);
    expect(log.entries).toMatchObject([{ level: 'warn' }]);
    const emptied = join(folder.path, ANCHOR_FILE);
    writeFileSync(emptied, '');
    await openAuditLog({ documents, clock: manualClock(START_MS), log, anchor: fileAnchor(emptied) });
    expect(log.entries).toMatchObject([{ level: 'warn' }, { level: 'error' }]);
  });

  it('tells its head once a day', async () => {
    using folder = aFolder();
    await using documents = await openSqliteDocuments({ path: join(folder.path, 'documents.sqlite') });
    const [clock, log] = [manualClock(START_MS), memoryLog()];
    const audit = await openAuditLog({ documents, clock, log });
    audit.tellHead();
    await clock.advance(23 * 3_600_000);
    audit.tellHead();
    expect(log.entries).toHaveLength(1);
    await clock.advance(3_600_000);
    audit.tellHead();
    expect(log.entries).toHaveLength(2);
  });
});

describe('a mutation', () => {
  const AUDIT = '{ auditLog(first: 10) { totalCount nodes { seq actor action subject outcome from } } }';
  const admin = userViewer('user-9', 'ADMIN', { from: '192.0.2.9' });

  it('is written down, done or refused, without any secret', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.ask(SIGN_IN, ADMIN, { ...ANONYMOUS, from: '192.0.2.1' });
    await world.refused(SIGN_IN, { ...ADMIN, password: 'a wrong one, not to be kept' }, ANONYMOUS);
    await world.ask(REGISTER, { input: aRegistration({ id: 'rome-14' }) }, admin);
    await world.refused(RETIRE, { id: 'rome-15' }, admin);
    const { auditLog } = await world.ask<{ auditLog: { nodes: object[] } }>(AUDIT, {}, admin);
    const by = { actor: 'user:user-9', from: '192.0.2.9' };
    expect(auditLog.nodes).toEqual([
      { seq: 4, ...by, action: 'retireDevice', subject: 'rome-15', outcome: 'REFUSED' },
      { seq: 3, ...by, action: 'registerDevice', subject: 'rome-14', outcome: 'DONE' },
      { seq: 2, actor: 'anonymous', action: 'signIn', subject: ADMIN.email, outcome: 'REFUSED', from: null },
      {
        seq: 1,
        actor: 'anonymous',
        action: 'signIn',
        subject: expect.stringMatching(/^user-/),
        outcome: 'DONE',
        from: '192.0.2.1',
      },
    ]);
    expect(JSON.stringify(auditLog)).not.toContain('not to be kept');
  });

  it('can be read back page by page', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    for (let count = 0; count < 3; count += 1) await world.refused(RETIRE, { id: `none-${count}` }, admin);
    const query =
      'query ($after: String) { auditLog(first: 2, after: $after) { nodes { seq } pageInfo { hasNextPage endCursor } } }';
    type Answer = { auditLog: { nodes: { seq: number }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } };
    const first = (await world.ask<Answer>(query, {}, admin)).auditLog;
    expect(first.nodes.map(({ seq }) => seq)).toEqual([3, 2]);
    const second = (await world.ask<Answer>(query, { after: first.pageInfo.endCursor }, admin)).auditLog;
    expect(second).toMatchObject({ nodes: [{ seq: 1 }], pageInfo: { hasNextPage: false } });
    expect(await world.refused('{ auditLog(first: 1001) { totalCount } }', {}, admin)).toMatchObject({
      code: 'TOO_COSTLY',
    });
  });
});
