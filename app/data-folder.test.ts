import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { closeToOthers, openDataFolder } from './data-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'greencity-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const refused = (path: string) =>
  expect(openDataFolder(path)).rejects.toMatchObject({
    code: 'BAD_SETTING',
    subject: expect.stringContaining(`DATA_DIR ${path}: `),
  });

it('is made with the folders above it, and taken when it is there', async () => {
  const path = join(folder, 'Luft für Köln', 'data');
  await openDataFolder(path);
  await openDataFolder(path);
  expect(existsSync(path)).toBe(true);
});

it.skipIf(process.platform === 'win32')('is closed to others, as far as it is ours', async () => {
  mkdirSync(join(folder, 'log'), { mode: 0o755 });
  for (const [name, mode] of [
    ['documents.sqlite', 0o644],
    ['predictions.sqlite-wal', 0o600],
    ['notes.txt', 0o644],
  ] as const)
    writeFileSync(join(folder, name), '', { mode });
  const log = memoryLog();
  await closeToOthers(folder, log);
  const modes = ['log', 'documents.sqlite', 'predictions.sqlite-wal', 'notes.txt', '.'].map(
    (name) => statSync(join(folder, name)).mode & 0o777,
  );
  expect(modes).toEqual([0o700, 0o600, 0o600, 0o644, 0o700]);
  expect(log.entries).toHaveLength(2);
  await closeToOthers(folder, log);
  expect(log.entries).toHaveLength(2);
});

it('is refused where a file has its name, or a part of it', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await refused(file);
  await refused(join(file, 'below'));
});

it.skipIf(process.getuid?.() === 0)('is refused where this account may not write', async () => {
  const path = join(folder, 'theirs');
  mkdirSync(path);
  chmodSync(path, 0o555);
  await refused(path);
  await refused(join(path, 'below'));
});

it.runIf(process.platform === 'linux')(
  'is refused, and not tried forever, where the system makes no folders',
  async () => {
    await refused('/proc/nothing/data');
  },
);
