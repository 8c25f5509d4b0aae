import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { ANCHOR_FILE, type AuditAnchor, fileAnchor } from '@greencity/platform/audit-log/anchor';
import { openAuditLog } from '@greencity/platform/audit-log/audit-log';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));
let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'greencity-audit-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const verify = (...more: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'verify', ...more], {
    env: { PATH: '', DATA_DIR: dataDir },
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
};

async function write(subjects: readonly string[], anchor?: AuditAnchor): Promise<string> {
  await using documents = await openSqliteDocuments({ path: join(dataDir, 'documents.sqlite') });
  const audit = await openAuditLog({ documents, clock: manualClock(0), log: memoryLog(), ...(anchor && { anchor }) });
  for (const subject of subjects) await audit.record({ action: 'retireDevice', subject, outcome: 'DONE' });
  return audit.head();
}

/** As somebody does it who may write the file. */
function sql(statement: string): void {
  const database = new DatabaseSync(join(dataDir, 'documents.sqlite'));
  database.exec(statement);
  database.close();
}

function tableName(): string {
  const database = new DatabaseSync(join(dataDir, 'documents.sqlite'));
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
  database.close();
  return tables.find(({ name }) => /audit.log/.test(name))?.name ?? '';
}

it('finds nothing wrong with a log that nobody touched, and names its head', async () => {
  const head = await write(['a', 'b', 'c']);
  expect(verify()).toEqual({ status: 0, text: `The audit log is as it was written: 3 entries, head ${head}.\n` });
  expect(verify('--head', head).status).toBe(0);
}, 30_000);

it('names the row that somebody altered in the file', async () => {
  await write(['a', 'device-to-hide', 'c']);
  sql(`UPDATE "${tableName()}" SET json = replace(json, 'device-to-hide', 'device-1')`);
  const { status, text } = verify();
  expect(status).toBe(1);
  expect(text).toContain('entry 2 was changed (row 2)');
}, 30_000);

it('finds an end that was cut off when the head was noted', async () => {
  const head = await write(['a', 'b']);
  sql(`DELETE FROM "${tableName()}" WHERE json LIKE '%"seq":2%'`);
  expect(verify().status).toBe(0);
  expect(verify('--head', head).status).toBe(1);
}, 30_000);

it('finds an end that was cut off by what the platform kept beside the log, and refuses a file that holds something else', async () => {
  await write(['a', 'b'], fileAnchor(join(dataDir, ANCHOR_FILE)));
  expect(verify().status).toBe(0);
  sql(`DELETE FROM "${tableName()}" WHERE json LIKE '%"seq":2%'`);
  const { status, text } = verify();
  expect(status).toBe(1);
  expect(text).toContain('its end was cut off or written anew (row 2)');
  writeFileSync(join(dataDir, ANCHOR_FILE), '{"seq":0}');
  expect(verify().text).toContain('holds no entry of the audit log');
}, 30_000);

it('says how it is used', () => {
  expect(verify().status).toBe(2);
  expect(verify('--head', 'short').status).toBe(2);
}, 30_000);
