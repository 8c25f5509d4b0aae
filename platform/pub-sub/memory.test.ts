import { expect, it } from 'vitest';
import { memoryMetrics } from '../metrics/memory-metrics.ts';
import { pubSubContract } from './contract.ts';
import { memoryPubSub } from './memory.ts';

pubSubContract('the memory pub/sub', async () => memoryPubSub());

it('counts what it drops as a metric', () => {
  const metrics = memoryMetrics();
  const pubSub = memoryPubSub({ metrics });
  pubSub.subscribe(['a'], { queueMax: 1 });
  for (let n = 0; n < 3; n += 1) pubSub.publish('a', n);
  expect(metrics.exposition()).toContain('greencity_pubsub_dropped_total 2');
});

it('keeps the newest messages in order over many rounds of a full queue', async () => {
  const pubSub = memoryPubSub();
  const subscription = pubSub.subscribe<number>(['a'], { queueMax: 1_500 });
  for (let n = 0; n < 10_000; n += 1) pubSub.publish('a', n);
  for (let n = 8_500; n < 10_000; n += 1) expect((await subscription.next()).value).toBe(n);
  expect(subscription.dropped).toBe(8_500);
});

it('tells whether somebody listens to a channel', () => {
  const pubSub = memoryPubSub();
  expect(pubSub.hasSubscribers('a')).toBe(false);
  pubSub.subscribe(['a'], { queueMax: 1 });
  expect(pubSub.hasSubscribers('a')).toBe(true);
  expect(pubSub.hasSubscribers('b')).toBe(false);
});
