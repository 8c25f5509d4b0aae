import { inspect } from 'node:util';
import type { Redis as IORedis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../tools/engines/redis.ts';
import { systemClock } from '../clock/system-clock.ts';
import { memoryLog } from '../log/memory-log.ts';
import { memoryMetrics } from '../metrics/memory-metrics.ts';
import { connectRedis } from '../redis/connection.ts';
import { redisServers } from '../redis/fixtures/servers.ts';
import { pubSubContract } from './contract.ts';
import { openRedisPubSub } from './redis.ts';

const servers = redisServers();

const open = (url: string, metrics = memoryMetrics()) =>
  openRedisPubSub({ url, clock: systemClock(), log: memoryLog(), metrics });

pubSubContract('Redis', () => open(servers.redis.url), { knowsListeners: false });
pubSubContract('a Redis cluster', () => open(servers.cluster.url), { knowsListeners: false });

const urls = { Redis: () => servers.redis.url, 'a Redis cluster': () => servers.cluster.url };

describe.each(Object.entries(urls))('%s between processes', (_name, url) => {
  it('brings each message to the subscribers of every process, in order', async () => {
    await using one = await open(url());
    await using other = await open(url());
    const here = one.subscribe<number>(['tile/1', 'tile/2'], { queueMax: 100 });
    const there = other.subscribe<number>(['tile/1', 'tile/2'], { queueMax: 100 });
    await Promise.all([here.ready, there.ready]);
    for (let n = 0; n < 50; n += 1) one.publish('tile/1', n);
    one.publish('tile/3', 'for nobody');
    for (let n = 0; n < 50; n += 1) {
      expect((await here.next()).value).toBe(n);
      expect((await there.next()).value).toBe(n);
    }
    other.publish('tile/2', -1);
    other.publish('tile/2', 'two\nlines');
    for (const value of [-1, 'two\nlines']) {
      expect((await here.next()).value).toBe(value);
      expect((await there.next()).value).toBe(value);
    }
  });

  it('keeps a channel as long as one subscription of it is left', async () => {
    await using one = await open(url());
    await using other = await open(url());
    const first = other.subscribe<string>(['a'], { queueMax: 10 });
    const second = other.subscribe<string>(['a'], { queueMax: 10 });
    await Promise.all([first.ready, second.ready]);
    await first.return();
    one.publish('a', 'still heard');
    expect((await second.next()).value).toBe('still heard');
  });
});

describe.each(Object.entries(urls))('%s asked who listens', (_name, url) => {
  it('brings a subscriber everything from the moment that it is ready, also the first of its kind', async () => {
    await using one = await open(url());
    await using other = await open(url());
    await using third = await open(url());
    const standing = third.subscribe<number>(['measurements:all'], { queueMax: 100_000 });
    await standing.ready;
    let published = 0;
    for (let round = 0; round < 100; round += 1) {
      const channels = [`measurements:device/${round}`, `measurements:12/${round % 3}/7`];
      const coming = other.subscribe<number>(channels, { queueMax: 1_000 });
      // Others publish all the while, so that questions are on their way when the subscription becomes ready.
      for (let n = 0; n < 5; n += 1) one.publishText(['measurements:all', 'measurements:12/9/9'], String(published++));
      await coming.ready;
      one.publishText([...channels, 'measurements:all'], String(published));
      expect([(await coming.next()).value, (await coming.next()).value].at(-1)).toBe(published);
      published += 1;
      // Some leave at once, so that a kind of channel loses its last listener while the next one comes.
      if (round % 2 === 0) void coming.return();
      else await coming.return();
    }
    for (let n = 0; n < published; n += 1) expect((await standing.next()).value).toBe(n);
  });
});

it('sends Redis nothing that nobody listens to, and one command for the rest of a turn', async () => {
  await using own = await startRedis();
  await using one = await open(own.url);
  await using other = await open(own.url);
  const heard = other.subscribe<number>(['tiles/1'], { queueMax: 10_000 });
  await heard.ready;
  const channels = (n: number) => ['all', `devices/${n}`, `tiles/${n % 2}`];
  for (let n = 0; n < 400; n += 1) one.publishText(channels(n), String(n));
  for (let n = 1; n < 400; n += 2) expect((await heard.next()).value).toBe(n);
  expect(await commandsOf(own, 'publish')).toBe(1);
  expect(await commandsOf(own, 'pubsub\\|numsub')).toBe(2);
});

/** How often Redis was given a command. */
async function commandsOf({ url }: Redis, command: string): Promise<number> {
  const client = await connectRedis({ url, log: memoryLog() });
  const statistics = await (client as IORedis).info('commandstats');
  client.disconnect();
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(statistics)?.[1] ?? 0);
}

it('sends everything to a Redis that does not let it ask who listens', async () => {
  await using own = await startRedis();
  const administrator = await connectRedis({ url: own.url, log: memoryLog() });
  const rights = ['on', '>a long password', '&*', '+@all', '-pubsub'];
  await administrator.call('ACL', 'SETUSER', 'publisher', ...rights);
  administrator.disconnect();
  await using one = await open(own.url.replace(`:${own.password}`, 'publisher:a%20long%20password'));
  await using other = await open(own.url);
  const heard = other.subscribe<number>(['tiles/1'], { queueMax: 10 });
  await heard.ready;
  one.publishText(['devices/1', 'tiles/1'], '1');
  expect((await heard.next()).value).toBe(1);
});

it('drops and counts what a subscriber of another process does not keep up with', async () => {
  await using one = await open(servers.redis.url);
  await using other = await open(servers.redis.url);
  const slow = other.subscribe<number>(['a'], { queueMax: 3 });
  const quick = other.subscribe<number>(['a'], { queueMax: 100_000 });
  await Promise.all([slow.ready, quick.ready]);
  for (let n = 0; n < 5_000; n += 1) one.publish('a', n);
  for (let n = 0; n < 5_000; n += 1) expect((await quick.next()).value).toBe(n);
  expect((await slow.next()).value).toBe(4_997);
  expect(slow.dropped).toBe(4_997);
});

it('goes on after Redis was killed: this process hears itself meanwhile, the others again afterwards', async () => {
  await using own = await startRedis();
  const metrics = memoryMetrics();
  await using one = await open(own.url, metrics);
  await using other = await open(own.url);
  const here = one.subscribe<number>(['a'], { queueMax: 100_000 });
  const there = other.subscribe<number>(['a'], { queueMax: 100_000 });
  await Promise.all([here.ready, there.ready]);
  await own.kill();
  one.publish('a', -1);
  expect((await here.next()).value).toBe(-1);
  await own.start();
  const heard = there.next();
  let last = 0;
  const again = setInterval(() => {
    last += 1;
    one.publish('a', last);
  }, 50);
  try {
    expect((await heard).value).toBeGreaterThan(0);
    expect(there.dropped).toBeGreaterThan(0);
  } finally {
    clearInterval(again);
  }
  expect(metrics.exposition()).toMatch(/greencity_pubsub_unsent_total [1-9]/);
});

it('names Redis and the user when the password is wrong, and not the password', async () => {
  const wrong = servers.redis.url.replace(servers.redis.password, 'not-the-password');
  const opening = open(wrong);
  await expect(opening).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  await expect(opening).rejects.toThrow(`Redis at 127.0.0.1:${servers.redis.port}, user default`);
  // Nor in what the log would write of its cause.
  const error = await opening.catch((cause: unknown) => cause);
  expect(inspect(error, { depth: 9 })).not.toContain('not-the-password');
});
