import { describe, expect, it } from 'vitest';
import { memoryAnswers } from './answer-store.ts';

const answer = (value: string, tags: readonly string[] = [], bytes = 10, untilMs = 100) => ({
  value,
  tags,
  bytes,
  untilMs,
});

describe('kept answers', () => {
  it('are found until they end', () => {
    const store = memoryAnswers<string>(100);
    store.set('k', answer('v'));
    expect(store.get('k', 99)).toBe('v');
    expect(store.get('k', 100)).toBeUndefined();
    expect(store.size).toBe(0);
    store.set('k', answer('v'));
    store.expire(100);
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });

  it('never take more bytes than they may: the one unused for longest leaves first', () => {
    const store = memoryAnswers<string>(30);
    for (const key of ['a', 'b', 'c']) store.set(key, answer(key));
    store.get('a', 0);
    store.set('d', answer('d'));
    expect(['a', 'b', 'c', 'd'].map((key) => store.get(key, 0))).toEqual(['a', undefined, 'c', 'd']);
    store.set('huge', answer('huge', [], 31));
    expect(store.get('huge', 0)).toBeUndefined();
    expect(store.bytes).toBe(30);
    store.set('a', answer('new', [], 5));
    expect(store.bytes).toBe(25);
  });

  it('are removed by any of their tags, once', () => {
    const store = memoryAnswers<string>(1_000);
    store.set('a', answer('a', ['x', 'y']));
    store.set('b', answer('b', ['y']));
    store.set('c', answer('c', ['z']));
    expect(store.invalidate(['x', 'y', 'nothing'])).toBe(2);
    expect(store.invalidate(['x', 'y'])).toBe(0);
    expect(store.get('c', 0)).toBe('c');
    store.clear();
    expect([store.size, store.bytes]).toEqual([0, 0]);
    expect(store.invalidate(['z'])).toBe(0);
  });
});
