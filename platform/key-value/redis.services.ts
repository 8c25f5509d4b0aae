import { afterEach, describe, expect, it } from 'vitest';
import { startRedis } from '../../tools/engines/redis.ts';
import { manualClock } from '../clock/manual-clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { memoryLog } from '../log/memory-log.ts';
import { memoryMetrics } from '../metrics/memory-metrics.ts';
import { emptyNodes, passTime } from '../redis/fixtures/nodes.ts';
import { redisServers } from '../redis/fixtures/servers.ts';
import { keyValueContract, sharedKeyValueContract } from './contract.ts';
import type { SharedKeyValue } from './port.ts';
import { reckonedKeyValue } from './reckoned.ts';
import { openRedisKeyValue } from './redis.ts';

const servers = redisServers();

const instruments = { log: memoryLog() };
const open = (url: string): Promise<SharedKeyValue> => openRedisKeyValue({ url, ...instruments });

const pass = (urls: readonly string[]) => (ms: number) => passTime(urls, ms);

afterEach(() => emptyNodes([servers.redis.url, ...servers.cluster.urls]));

const alone = async () => ({
  keyValue: await open(servers.redis.url),
  pass: pass([servers.redis.url]),
  timeRuns: true,
});
const inCluster = async () => ({
  keyValue: await open(servers.cluster.url),
  pass: pass(servers.cluster.urls),
  timeRuns: true,
});
keyValueContract('Redis', alone);
sharedKeyValueContract('Redis', alone);
keyValueContract('a Redis cluster', inCluster);
sharedKeyValueContract('a Redis cluster', inCluster);
keyValueContract('counted here, settled with Redis', async () => {
  const clock = manualClock(0);
  const { keyValue: shared, ...redis } = await alone();
  const keyValue = reckonedKeyValue({ shared, clock, ...instruments, metrics: memoryMetrics() });
  const ageBoth = async (ms: number) => void (await Promise.all([redis.pass(ms), clock.advance(ms)]));
  return { ...redis, keyValue, pass: ageBoth };
});

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

describe('buckets counted here', () => {
  const limit = { capacity: 1_000, refillPerSecond: 0 };
  const openReckoned = async (url: string) => {
    const log = memoryLog();
    const metrics = memoryMetrics();
    const keyValue = reckonedKeyValue({ shared: await open(url), clock: systemClock(), log, metrics });
    return { log, keyValue, [Symbol.asyncDispose]: keyValue.close };
  };
  const messages = (log: ReturnType<typeof memoryLog>) => log.entries.map(({ message }) => message);
  const ALONE = 'limits are counted by this process alone for now';
  const TOGETHER = 'limits are counted by all processes together again';

  it('go on while Redis is away, and are settled with it when it is back', async () => {
    await using own = await startRedis();
    await using one = await openReckoned(own.url);
    await one.keyValue.spend('x', 500, limit);
    await expect.poll(() => own.written(), { timeout: 10_000 }).toContain('bucket:x');
    await own.kill();
    expect(await one.keyValue.spend('x', 300, limit)).toMatchObject({ allowed: true, remaining: 200 });
    expect(await one.keyValue.spend('x', 300, limit)).toMatchObject({ allowed: false, remaining: 200 });
    await expect.poll(() => messages(one.log), { timeout: 10_000 }).toEqual([ALONE]);
    await own.start();
    await expect.poll(() => messages(one.log), { timeout: 10_000 }).toEqual([ALONE, TOGETHER]);
    await using store = await open(own.url);
    const left = async () => (await store.spend('x', 0, limit)).remaining;
    await expect.poll(left, { timeout: 10_000 }).toBe(200);
  });

  it('wait for a Redis that is frozen for less time than it takes to give it up, and once', async () => {
    await using own = await startRedis();
    await using one = await openReckoned(own.url);
    await using asking = await open(own.url);
    own.freeze();
    const given = asking.get('a').then(
      () => 'answered',
      () => 'given up',
    );
    const decided = async () => (await one.keyValue.spend('x', 1, limit)).remaining;
    expect(await Promise.race([given, decided()])).toBe(999);
    expect(one.keyValue.spend('x', 1, limit)).toMatchObject({ allowed: true, remaining: 998 });
    expect(one.keyValue.spend('y', 1, limit)).toMatchObject({ allowed: true, remaining: 999 });
    await expect.poll(() => messages(one.log), { timeout: 10_000 }).toEqual([ALONE]);
    own.thaw();
    await expect.poll(() => messages(one.log), { timeout: 10_000 }).toEqual([ALONE, TOGETHER]);
    await given;
  });
});
