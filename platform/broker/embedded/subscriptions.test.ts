import { describe, expect, it } from 'vitest';
import { isFilter, matches, retainedMessages, subscriptionIndex } from './subscriptions.ts';

describe('a filter', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['+/b', '/b', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/#', 'ab', false],
    ['#', 'a/b', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['a/+/c', 'a//c', true],
  ])('%s on %s: %s', (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
    const index = subscriptionIndex<string>();
    index.add('one', filter, 1);
    expect(index.of(topic).has('one')).toBe(expected);
  });

  it.each(['', 'a#', 'a/#/b', 'a+', 'a/b+/c'])('"%s" is none', (filter) => {
    expect(isFilter(filter)).toBe(false);
  });
});

describe('subscriptions', () => {
  it('give each subscriber once, with the highest QoS it asked for', () => {
    const index = subscriptionIndex<string>();
    index.add('one', 'a/b', 0);
    index.add('one', 'a/#', 1);
    index.add('two', 'a/+', 0);
    expect([...index.of('a/b')]).toEqual([
      ['one', 1],
      ['two', 0],
    ]);
  });

  it('are gone once removed, and say that they have changed', () => {
    const index = subscriptionIndex<string>();
    index.add('one', 'a/#', 1);
    const before = index.version;
    index.remove('two', 'a/#');
    index.remove('one', 'b');
    expect(index.version).toBe(before);
    index.remove('one', 'a/#');
    expect(index.version).not.toBe(before);
    expect(index.of('a/b').size).toBe(0);
  });
});

describe('retained messages', () => {
  it('are the newest of each topic, up to a number of topics; an empty one removes', () => {
    const retained = retainedMessages(2);
    expect(retained.keep('a/1', Buffer.from('old'))).toBe(true);
    expect(retained.keep('a/1', Buffer.from('new'))).toBe(true);
    expect(retained.keep('a/2', Buffer.from('x'))).toBe(true);
    expect(retained.keep('a/3', Buffer.from('x'))).toBe(false);
    expect(retained.keep('a/2', Buffer.alloc(0))).toBe(true);
    expect(retained.matching('a/+').map(({ payload }) => Buffer.from(payload).toString())).toEqual(['new']);
    expect(retained.matching('a/1')).toHaveLength(1);
    expect(retained.matching('a/2')).toEqual([]);
  });
});
