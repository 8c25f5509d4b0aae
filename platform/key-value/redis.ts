/** Shared state on Redis: cache entries, rate limits and leases that all processes see alike. Times are those of Redis. */
import { connectRedis, type RedisClient, type RedisConnectionOptions, redisError } from '../redis/connection.ts';
import type { RateDecision, Settlement, SharedKeyValue } from './port.ts';
import { waitMs } from './wait.ts';

const PREFIX = 'greencity:';

/** Tokens and the moment they were counted at. Keys end by themselves when the bucket is full again. */
const SETTLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cost, capacity, refill, spent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or capacity
local at = tonumber(bucket[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) / 1000 * refill)
tokens = math.max(-capacity, tokens - spent)
local allowed = 0
if tokens >= cost then
  tokens = tokens - cost
  allowed = 1
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', now)
local full = refill > 0 and math.ceil((capacity - tokens) / refill * 1000) or 86400000
redis.call('PEXPIRE', KEYS[1], math.max(1000, full))
return { allowed, string.format('%.17g', tokens) }`;

/** A lease's number is the moment it was given, in microseconds, and higher than the last one: it grows even when Redis lost what it knew. */
const ACQUIRE = `
local held = redis.call('HMGET', KEYS[1], 'holder', 'number')
if held[1] and held[1] ~= ARGV[1] then return false end
local number = held[2]
if not held[1] then
  local time = redis.call('TIME')
  local last = tonumber(redis.call('GET', KEYS[2]) or '0')
  number = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
  redis.call('SET', KEYS[2], number, 'PX', 2592000000)
end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'number', number)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return number`;

const RELEASE = `
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;

/** Opens the store. @throws AppError ENGINE_REFUSED, ENGINE_UNREACHABLE; later each call ENGINE_UNREACHABLE while Redis is away */
export async function openRedisKeyValue(options: RedisConnectionOptions): Promise<SharedKeyValue> {
  const redis = await connectRedis(options);
  const named = async <T>(ask: (client: RedisClient) => Promise<T>): Promise<T> => {
    try {
      return await ask(redis);
    } catch (error) {
      throw redisError(options.url, error);
    }
  };
  const close = async () => redis.disconnect();
  return {
    get: (key) => named(async (client) => (await client.get(`${PREFIX}entry:${key}`)) ?? undefined),
    set: (key, value, lifetimeMs) =>
      named(
        async (client) =>
          void (await client.set(`${PREFIX}entry:${key}`, value, 'PX', Math.max(1, Math.ceil(lifetimeMs)))),
      ),
    delete: (key) => named(async (client) => void (await client.del(`${PREFIX}entry:${key}`))),
    spend: (key, cost, limit) => named((client) => settle(client, { key, spent: 0, cost, limit })),
    settle: (settlement) => named((client) => settle(client, settlement)),
    acquireLease: (key, holder, lifetimeMs) =>
      named(async (client) => {
        const keys = [`${PREFIX}lease:{${key}}`, `${PREFIX}lease-number:{${key}}`];
        const number = await client.eval(ACQUIRE, keys.length, ...keys, holder, Math.max(1, Math.ceil(lifetimeMs)));
        return number === null ? undefined : Number(number);
      }),
    releaseLease: (key, holder) =>
      named(async (client) => void (await client.eval(RELEASE, 1, `${PREFIX}lease:{${key}}`, holder))),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function settle(client: RedisClient, { key, spent, cost, limit }: Settlement): Promise<RateDecision> {
  const { capacity, refillPerSecond } = limit;
  const answer = await client.eval(SETTLE, 1, `${PREFIX}bucket:${key}`, cost, capacity, refillPerSecond, spent);
  const [taken, left] = answer as [number, string];
  const allowed = taken === 1;
  const remaining = Number(left);
  return { allowed, remaining, retryAfterMs: allowed ? 0 : waitMs(cost, remaining, limit) };
}
