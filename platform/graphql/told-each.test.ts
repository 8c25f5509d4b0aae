import { expect, it } from 'vitest';
import { memoryPubSub } from '../pub-sub/memory.ts';
import { eachOf } from './told-each.ts';

/** Words of each message, and a listener to them. */
function words() {
  const pubSub = memoryPubSub();
  const split = (text: string) => {
    if (text === '') throw new Error('nothing was said');
    return text.split(' ');
  };
  const told: unknown[] = [];
  const things = eachOf(pubSub.subscribe<string>(['said'], { queueMax: 10 }), split);
  const hear = () =>
    things.hear({ heard: (word) => told.push(word), ended: (failure) => told.push({ ended: String(failure?.error) }) });
  return { pubSub, things, told, hear, say: (text: string) => pubSub.publish('said', text) };
}

it('gives each thing of each message to whoever asks for the next', async () => {
  const { things, say } = words();
  say('two words');
  say('one');
  const found = [await things.next(), await things.next(), await things.next()];
  expect(found.map(({ value }) => value)).toEqual(['two', 'words', 'one']);
});

it('tells a listener of each thing of each message, those first that waited', () => {
  const { told, hear, say } = words();
  say('it waits');
  hear();
  say('it comes');
  expect(told).toEqual(['it', 'waits', 'it', 'comes']);
});

it('tells of the end, and leaves its channel', async () => {
  const { told, hear, things, pubSub } = words();
  hear();
  await things.return();
  expect(told).toEqual([{ ended: 'undefined' }]);
  expect(pubSub.hasSubscribers('said')).toBe(false);
});

it('ends with the error of a message that cannot be told, once, and disturbs nobody else', () => {
  const { told, hear, say, pubSub } = words();
  const other = pubSub.subscribe<string>(['said'], { queueMax: 10 });
  hear();
  say('');
  say('more');
  expect(told).toEqual([{ ended: 'Error: nothing was said' }]);
  void other.return();
  expect(pubSub.hasSubscribers('said')).toBe(false);
});
