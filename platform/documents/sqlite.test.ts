import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { seededChance } from '@greencity/air/chance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentsContract } from './contract.ts';
import { openSqliteDocuments } from './sqlite.ts';

let root = '';
let opened = 0;
const fresh = () => join(root, `documents-${opened++}.sqlite`);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'greencity-documents-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

documentsContract('SQLite', async () => {
  const path = fresh();
  return { reopen: () => openSqliteDocuments({ path }), dispose: async () => {} };
});

describe('a file that cannot be used', () => {
  it('is told when it cannot be made', async () => {
    await expect(openSqliteDocuments({ path: join(root, 'missing', 'x.sqlite') })).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
    });
  });

  it('is told when it is not ours', async () => {
    const path = fresh();
    await writeFile(path, 'something else entirely '.repeat(500));
    await expect(openSqliteDocuments({ path })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it('refuses what no longer fits, keeps what it has, and takes writes again', async () => {
    await using documents = await openSqliteDocuments({ path: fresh(), bytesMax: 400_000 });
    const notes = await documents.collection<{ text: string }>({ name: 'notes' });
    await notes.insert('first', { text: 'small' });
    const large = Array.from({ length: 100 }, (_, index) => ({
      id: `n${index}`,
      document: { text: 'x'.repeat(10_000) },
    }));
    await expect(notes.putMany(large)).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
    expect((await notes.find({ first: 10 })).items.map((item) => item.id)).toEqual(['first']);
    await notes.insert('second', { text: 'small' });
  });

  it('is told when a page of it was damaged', async () => {
    const path = fresh();
    {
      await using documents = await openSqliteDocuments({ path });
      const notes = await documents.collection<{ text: string }>({ name: 'notes' });
      await notes.putMany(
        Array.from({ length: 200 }, (_, index) => ({ id: `n${index}`, document: { text: 'x'.repeat(500) } })),
      );
    }
    await using file = await open(path, 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(size - 8_192, 0xa5), 0, size - 8_192, 8_192);
    await using documents = await openSqliteDocuments({ path });
    const reading = documents
      .collection<{ text: string }>({ name: 'notes' })
      .then((notes) => notes.find({ first: 200 }));
    await expect(reading).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

describe('a document that is read again', () => {
  interface Note {
    text: string;
  }
  const openNotes = async () => {
    const documents = await openSqliteDocuments({ path: fresh() });
    return { documents, notes: await documents.collection<Note>({ name: 'notes' }) };
  };

  it('is as it was written last, by whoever opened its collection', async () => {
    const { documents, notes } = await openNotes();
    await using _ = documents;
    const same = await documents.collection<Note>({ name: 'notes' });
    await notes.insert('a', { text: 'one' });
    await notes.get('a');
    await same.replace('a', 1, { text: 'two' });
    expect(await notes.get('a')).toEqual({ id: 'a', version: 2, document: { text: 'two' } });
    await same.putMany([{ id: 'a', document: { text: 'three' } }]);
    expect((await notes.get('a'))?.document.text).toBe('three');
    await same.delete('a');
    expect(await notes.get('a')).toBeUndefined();
  });

  it('is as it was when it was asked for, whatever is written meanwhile', async () => {
    const { documents, notes } = await openNotes();
    await using _ = documents;
    await notes.insert('a', { text: '1' });
    const seen: Promise<number | undefined>[] = [];
    const expected: number[] = [];
    let version = 1;
    const chance = seededChance(20261126);
    for (let step = 0; step < 500; step += 1) {
      if (chance() < 0.3) {
        // Some of these wait for the disk while what follows is asked for.
        const written = notes.replace('a', version, { text: String(version + 1) });
        version += 1;
        if (chance() < 0.5) await written;
      } else {
        const read = notes.get('a').then((found) => found?.version);
        seen.push(read);
        expected.push(version);
        if (chance() < 0.5) await read;
      }
    }
    expect(await Promise.all(seen)).toEqual(expected);
  });

  it('is not changed by who changes the object that they were given', async () => {
    const { documents, notes } = await openNotes();
    await using _ = documents;
    const given = { text: 'one' };
    await notes.insert('a', given);
    given.text = 'other';
    const read = await notes.get('a');
    if (read) read.document.text = 'other';
    expect((await notes.get('a'))?.document.text).toBe('one');
  });

  it('is not what a refused write would have made of it', async () => {
    const { documents, notes } = await openNotes();
    await using _ = documents;
    await notes.insert('a', { text: 'one' });
    await expect(notes.replace('a', 7, { text: 'two' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(notes.insert('a', { text: 'three' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await notes.get('a')).toEqual({ id: 'a', version: 1, document: { text: 'one' } });
  });

  it('is as another program left it, from the moment at which that was written', async () => {
    const path = fresh();
    await using ours = await openSqliteDocuments({ path });
    const notes = await ours.collection<Note>({ name: 'notes' });
    await notes.insert('a', { text: 'one' });
    await notes.get('a');
    await using theirs = await openSqliteDocuments({ path });
    await (await theirs.collection<Note>({ name: 'notes' })).replace('a', 1, { text: 'two' });
    expect(await notes.get('a')).toMatchObject({ version: 2, document: { text: 'two' } });
  });

  it('is refused with the reason when it cannot be read', async () => {
    const { documents, notes } = await openNotes();
    await using _ = documents;
    await notes.insert('a', { text: 'one' });
    const database = new DatabaseSync(join(root, `documents-${opened - 1}.sqlite`));
    database.exec('DROP TABLE "c_notes"');
    database.close();
    await expect(notes.get('a')).rejects.toThrow('no such table');
  });

  it('is not there any more once the store is closed', async () => {
    const { documents, notes } = await openNotes();
    await notes.insert('a', { text: 'one' });
    await documents.close();
    await expect(notes.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a mistake of the author', () => {
  it('is an error that names the missing index', async () => {
    await using documents = await openSqliteDocuments({ path: fresh() });
    const notes = await documents.collection<{ text: string }>({ name: 'notes' });
    await expect(notes.find({ first: 1, where: { text: 'x' } })).rejects.toThrow('no index text');
    await expect(notes.find({ first: 1, search: 'x' })).rejects.toThrow('no text to search');
    await expect(notes.nearest({ latitude: 0, longitude: 0 }, 1)).rejects.toThrow('no place');
  });

  it('is an error when a collection is opened with two definitions at once', async () => {
    await using documents = await openSqliteDocuments({ path: fresh() });
    await documents.collection<{ text: string }>({ name: 'notes' });
    const other = documents.collection<{ text: string }>({ name: 'notes', indexed: { text: (note) => note.text } });
    await expect(other).rejects.toThrow('another definition');
  });
});
