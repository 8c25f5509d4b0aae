import { describe, expect, it } from 'vitest';
import type { TaggedCache, TaggedValue } from './port.ts';

export interface TaggedCacheUnderTest {
  readonly one: TaggedCache;
  /** The same values, as another process has them. */
  readonly other: TaggedCache;
  /** Lets time pass as the engine sees it. */
  pass(ms: number): Promise<void>;
}

const aValue = (text: string, tags: readonly string[] = ['Device:a', 'devices'], lifetimeMs = 60_000): TaggedValue => ({
  value: Buffer.from(text),
  tags,
  lifetimeMs,
});

/** What every cache with tags promises. */
export function taggedCacheContract(name: string, open: () => Promise<TaggedCacheUnderTest>): void {
  const opened = async () => {
    const { one, other, pass } = await open();
    const markOf = async (key: string, cache = one): Promise<string> => {
      const found = await cache.find(key);
      if (found.kind !== 'none') throw new Error(`expected nothing under ${key}`);
      return found.mark;
    };
    const made = async (key: string, value: TaggedValue, cache = one) =>
      await cache.keep(key, value, await markOf(key, cache));
    const textOf = async (key: string, cache = one) => {
      const found = await cache.find(key);
      return found.kind === 'kept' ? found.value.toString() : undefined;
    };
    const close = async () => {
      await one.close();
      await other.close();
    };
    return { one, other, pass, markOf, made, textOf, [Symbol.asyncDispose]: close };
  };

  describe(`tagged cache: ${name}`, () => {
    it('gives what one process has kept to all, with its tags and what is left of its lifetime', async () => {
      await using cache = await opened();
      const value = { ...aValue('', ['Device:a', 'zones', 'Zone:ä']), value: Buffer.from([0, 255, 10, 13, 195]) };
      expect(await cache.made('k', value)).toBe(true);
      for (const process of [cache.one, cache.other]) {
        const found = await process.find('k');
        expect(found).toMatchObject({ kind: 'kept', value: value.value, tags: value.tags });
        expect(found.kind === 'kept' && found.lifetimeMs > 0 && found.lifetimeMs <= 60_000).toBe(true);
      }
      expect(await cache.textOf('another')).toBeUndefined();
    });

    it('ends a value with its lifetime', async () => {
      await using cache = await opened();
      await cache.made('k', aValue('x', ['a'], 5_000));
      await cache.pass(5_001);
      expect(await cache.textOf('k')).toBeUndefined();
    });

    it('ends a value when any of its tags changes, wherever that is heard, and not when another does', async () => {
      await using cache = await opened();
      for (const tag of ['Device:a', 'devices']) {
        await cache.made('k', aValue('x'));
        cache.other.change(['Device:b', 'zones']);
        expect(await cache.textOf('k', cache.other)).toBe('x');
        expect(await cache.textOf('k')).toBe('x');
        cache.other.change(['Device:b', tag]);
        expect(await cache.textOf('k', cache.other)).toBeUndefined();
        expect(await cache.textOf('k')).toBeUndefined();
      }
    });

    it('ends every value when everything changes', async () => {
      await using cache = await opened();
      await cache.made('k', aValue('x'));
      await cache.made('without tags', aValue('y', []));
      cache.one.change('everything');
      expect([await cache.textOf('k'), await cache.textOf('without tags')]).toEqual([undefined, undefined]);
      expect(await cache.textOf('k', cache.other)).toBeUndefined();
    });

    it('keeps nothing that was begun before one of its tags changed, whoever heard of it', async () => {
      await using cache = await opened();
      for (const changed of [['Device:a'], 'everything'] as const) {
        const mark = await cache.markOf('k');
        cache.other.change(changed);
        await cache.other.find('k');
        expect(await cache.one.keep('k', aValue('old'), mark)).toBe(false);
        expect(await cache.textOf('k')).toBeUndefined();
      }
      const mark = await cache.markOf('k');
      cache.other.change(['Device:b']);
      await cache.other.find('k');
      expect(await cache.one.keep('k', aValue('new'), mark)).toBe(true);
      expect(await cache.textOf('k', cache.other)).toBe('new');
    });

    it('takes a later value in the place of the one before, with tags of its own', async () => {
      await using cache = await opened();
      const mark = await cache.markOf('k');
      await cache.one.keep('k', aValue('first', ['a']), mark);
      await cache.one.keep('k', aValue('second', ['b']), mark);
      cache.one.change(['a']);
      expect(await cache.textOf('k')).toBe('second');
      cache.one.change(['b']);
      expect(await cache.textOf('k')).toBeUndefined();
    });

    it('holds values of 500 tags, and changes of more tags than it remembers', async () => {
      await using cache = await opened();
      const tags = Array.from({ length: 500 }, (_, index) => `Device:${index}`);
      await cache.made('k', aValue('x', tags));
      expect(await cache.textOf('k', cache.other)).toBe('x');
      cache.one.change(['Device:499']);
      expect(await cache.textOf('k')).toBeUndefined();
      await cache.made('k', aValue('y', tags));
      for (let batch = 0; batch < 60; batch += 1) {
        cache.one.change([...Array(1_000).keys()].map((index) => `tile:${batch}/${index}`));
        await cache.one.find('nothing');
      }
      cache.one.change(['Device:0']);
      expect(await cache.textOf('k')).toBeUndefined();
    });
  });
}
