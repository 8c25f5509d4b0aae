import { afterEach, expect, it } from 'vitest';
import { startRedis } from '../../tools/engines/redis.ts';
import { memoryLog } from '../log/memory-log.ts';
import { emptyNodes, passTime } from '../redis/fixtures/nodes.ts';
import { redisServers } from '../redis/fixtures/servers.ts';
import { keyValueContract } from './contract.ts';
import type { KeyValue } from './port.ts';
import { openRedisKeyValue } from './redis.ts';

const servers = redisServers();

const instruments = { log: memoryLog() };
const open = (url: string): Promise<KeyValue> => openRedisKeyValue({ url, ...instruments });

const pass = (urls: readonly string[]) => (ms: number) => passTime(urls, ms);

afterEach(() => emptyNodes([servers.redis.url, ...servers.cluster.urls]));

keyValueContract('Redis', async () => ({
  keyValue: await open(servers.redis.url),
  pass: pass([servers.redis.url]),
  timeRuns: true,
}));
keyValueContract('a Redis cluster', async () => ({
  keyValue: await open(servers.cluster.url),
  pass: pass(servers.cluster.urls),
  timeRuns: true,
}));

it('is shared by all that use it', async () => {
  await using one = await open(servers.redis.url);
  await using other = await open(servers.redis.url);
  await one.set('a', '1', 60_000);
  expect(await other.get('a')).toBe('1');
  expect((await one.spend('x', 7, { capacity: 10, refillPerSecond: 0 })).allowed).toBe(true);
  expect((await other.spend('x', 7, { capacity: 10, refillPerSecond: 0 })).allowed).toBe(false);
  expect(await one.acquireLease('job', 'one', 60_000)).toBeGreaterThan(0);
  expect(await other.acquireLease('job', 'other', 60_000)).toBeUndefined();
});

it('says so at once while Redis is away, and works again when it is back, with what was on its disk', async () => {
  await using own = await startRedis();
  await using keyValue = await open(own.url);
  await keyValue.set('a', 'kept', 600_000);
  // The append-only file is synced every second.
  await expect.poll(() => own.written(), { timeout: 10_000 }).toContain('kept');
  await own.kill();
  await expect(keyValue.get('a')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  await own.start();
  await expect.poll(() => keyValue.get('a').catch(() => undefined), { timeout: 10_000 }).toBe('kept');
});

it('gives up on a Redis that is frozen after two seconds', async () => {
  await using own = await startRedis();
  await using keyValue = await open(own.url);
  own.freeze();
  await expect(keyValue.get('a')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  own.thaw();
  await expect.poll(() => keyValue.get('a').catch(() => 'away'), { timeout: 10_000 }).toBeUndefined();
});
