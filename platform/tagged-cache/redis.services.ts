import { afterEach, expect, it } from 'vitest';
import { startRedis } from '../../tools/engines/redis.ts';
import { memoryLog } from '../log/memory-log.ts';
import { emptyNodes, onEach, passTime } from '../redis/fixtures/nodes.ts';
import { redisServers } from '../redis/fixtures/servers.ts';
import { taggedCacheContract } from './contract.ts';
import type { TaggedCache } from './port.ts';
import { openRedisTaggedCache } from './redis.ts';

const servers = redisServers();

const instruments = { log: memoryLog() };
const open = (url: string): Promise<TaggedCache> => openRedisTaggedCache({ url, ...instruments });

afterEach(() => emptyNodes([servers.redis.url, ...servers.cluster.urls]));

const under = (url: () => string, nodes: () => readonly string[]) => async () => ({
  one: await open(url()),
  other: await open(url()),
  pass: (ms: number) => passTime(nodes(), ms),
});
taggedCacheContract(
  'Redis',
  under(
    () => servers.redis.url,
    () => [servers.redis.url],
  ),
);
taggedCacheContract(
  'a Redis cluster',
  under(
    () => servers.cluster.url,
    () => servers.cluster.urls,
  ),
);

const kept = async (cache: TaggedCache) => {
  const found = await cache.find('k');
  return found.kind === 'kept' ? found.value.toString() : undefined;
};
const aValue = { value: Buffer.from('x'), tags: ['Device:a'], lifetimeMs: 600_000 };

it('says so while Redis is away, and gives nothing from before when it is back: changes may have been lost', async () => {
  await using own = await startRedis();
  await using cache = await open(own.url);
  await cache.keep('k', aValue, '0');
  expect(await kept(cache)).toBe('x');
  await expect.poll(() => own.written(), { timeout: 10_000 }).toContain('Device:a');
  await own.kill();
  await expect(cache.find('k')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  cache.change(['Device:a']);
  await own.start();
  await expect.poll(() => kept(cache).catch(() => 'away'), { timeout: 10_000 }).toBeUndefined();
});

it('gives up on a Redis that is frozen after two seconds, and counts everything as changed', async () => {
  await using own = await startRedis();
  await using cache = await open(own.url);
  await cache.keep('k', aValue, '0');
  own.freeze();
  cache.change(['Device:b']);
  await expect(cache.find('k')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  own.thaw();
  await expect.poll(() => kept(cache).catch(() => 'away'), { timeout: 10_000 }).toBeUndefined();
});

it('remembers what changed without a lifetime, so that Redis forgets values first', async () => {
  await using cache = await open(servers.redis.url);
  cache.change(['Device:a']);
  await cache.keep('k', { ...aValue, tags: [] }, '0');
  await onEach([servers.redis.url], async (client) => {
    const lifetimes = new Map<string, number>();
    for (const key of await client.keys('greencity:{answers}:*')) lifetimes.set(key, await client.pttl(key));
    expect(lifetimes.get('greencity:{answers}:moments')).toBe(-1);
    expect([...lifetimes.values()].filter((left) => left > 0)).toHaveLength(1);
  });
});
