import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { objectStoreContract } from './contract.ts';
import { folderObjectStore } from './folder.ts';

let root = '';
let opened = 0;
const fresh = () => join(root, `store-${opened++}`);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'greencity-objects-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

objectStoreContract('the folder object store', async () => folderObjectStore(fresh()));

it('refuses a name that would have to be a file and a folder', async () => {
  const store = folderObjectStore(fresh());
  await store.put('a/b', new Uint8Array(1));
  await expect(store.put('a', new Uint8Array(1))).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(store.put('a/b/c', new Uint8Array(1))).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('says so when the folder cannot be written, and leaves nothing half done', async () => {
  const folder = fresh();
  await writeFile(folder, 'a file where the folder should be');
  await expect(folderObjectStore(folder).put('a', new Uint8Array(1))).rejects.toMatchObject({
    code: 'STORE_UNWRITABLE',
  });
  const good = fresh();
  const store = folderObjectStore(good);
  await store.put('a/b', new Uint8Array(1));
  await store.put('a', new Uint8Array(1)).catch(() => {});
  expect(await readdir(join(good, '.unfinished'))).toEqual([]);
});
