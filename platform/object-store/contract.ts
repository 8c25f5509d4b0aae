import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from './port.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);

/** The promises of the object store port, run against any adapter. `open` gives an empty one. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} keeps the object store's promises`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await open();
    });

    it('gives back what was put, the newest under one name, and nothing for a name that is free', async () => {
      await store.put('backup/2026-11-23/log.zst', bytes('one'));
      await store.put('backup/2026-11-23/log.zst', bytes('two'));
      expect(text(await store.get('backup/2026-11-23/log.zst'))).toBe('two');
      expect(await store.get('backup/2026-11-23')).toBeUndefined();
      expect(await store.get('backup/2026-11-23/log.zst/more')).toBeUndefined();
      expect(await store.get('nothing')).toBeUndefined();
    });

    it('keeps every byte, none and many', async () => {
      const all = Uint8Array.from({ length: 1 << 20 }, (_, index) => index * 7);
      await store.put('all', all);
      await store.put('none', new Uint8Array());
      expect(Buffer.compare((await store.get('all')) ?? new Uint8Array(), all)).toBe(0);
      expect((await store.get('none'))?.length).toBe(0);
    });

    it('lists the names with a prefix in order; a prefix need not end at a slash', async () => {
      for (const object of ['b/2', 'a/10', 'a/1', 'a/1x', 'ab']) await store.put(object, bytes(object));
      expect(await store.list('')).toEqual(['a/1', 'a/10', 'a/1x', 'ab', 'b/2']);
      expect(await store.list('a/1')).toEqual(['a/1', 'a/10', 'a/1x']);
      expect(await store.list('c')).toEqual([]);
    });

    it('deletes, and does not mind what is already gone', async () => {
      await store.put('a/1', bytes('x'));
      await store.delete('a/1');
      await store.delete('a/1');
      expect(await store.get('a/1')).toBeUndefined();
      expect(await store.list('')).toEqual([]);
    });

    it('shows a reader the old object or the new one, never half, while many write', async () => {
      const versions = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000));
      await store.put('contested', bytes(versions[0] ?? ''));
      const writing = Promise.all(versions.map((version) => store.put('contested', bytes(version))));
      for (let round = 0; round < 10; round += 1) expect(versions).toContain(text(await store.get('contested')));
      await writing;
      expect(await store.list('')).toEqual(['contested']);
    });

    it.each([
      '',
      '/',
      '/etc/passwd',
      '../x',
      'a/../../x',
      'a//b',
      'a/',
      './a',
      '.hidden',
      'a\\b',
      'a\0b',
      'x'.repeat(600),
    ])('refuses the name %j', async (bad) => {
      await expect(store.put(bad, bytes('x'))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await expect(store.get(bad)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await expect(store.delete(bad)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    });
  });
}
