import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { predictionsStoreContract } from './contract.ts';
import { openSqliteStore } from './sqlite.ts';

predictionsStoreContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'predictions-store-'));
  return {
    open: () => openSqliteStore(join(folder, 'predictions.sqlite')),
    clear: () => rm(folder, { recursive: true }),
  };
});

it('a file that cannot be opened is named', async () => {
  await expect(openSqliteStore('/nowhere/at/all.sqlite')).rejects.toMatchObject({
    code: 'STORE_UNWRITABLE',
    subject: expect.stringContaining('/nowhere/at/all.sqlite'),
  });
});
