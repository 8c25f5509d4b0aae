/** Values on Redis, with the moment at which each tag was changed last. All of it lies on one node of a cluster, so that each question is one step. */
import { createHash } from 'node:crypto';
import { connectRedis, type RedisClient, type RedisConnectionOptions, redisError } from '../redis/connection.ts';
import type { ChangedTags, TaggedCache, TaggedValue } from './port.ts';

const PREFIX = 'greencity:{answers}:';
/** A hash without a lifetime, so that Redis forgets values before it forgets what ended them. `#` is the last moment, `*` that of a change of everything. */
const MOMENTS = `${PREFIX}moments`;
/** Tags whose moment is remembered; beyond it, everything counts as changed. */
const TAGS_MAX = 50_000;
/** Changed tags that wait to be sent; beyond it, everything counts as changed. */
const WAITING_MAX = 10_000;

const IS_GOOD = `
local function isGood(moments, tags, mark)
  local named = cjson.decode(tags)
  named[#named + 1] = '*'
  for _, moment in ipairs(redis.call('HMGET', moments, unpack(named))) do
    if moment and tonumber(moment) > mark then return false end
  end
  return true
end
`;

/** The value, its tags and what is left of its lifetime; or the mark. */
const FIND = `${IS_GOOD}
local entry = redis.call('HMGET', KEYS[1], 'value', 'tags', 'mark')
if entry[1] then
  if isGood(KEYS[2], entry[2], tonumber(entry[3])) then return { entry[1], entry[2], redis.call('PTTL', KEYS[1]) } end
  redis.call('DEL', KEYS[1])
end
return { redis.call('HGET', KEYS[2], '#') or '0' }`;

const KEEP = `${IS_GOOD}
if not isGood(KEYS[2], ARGV[2], tonumber(ARGV[3])) then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'tags', ARGV[2], 'mark', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`;

/** A moment is that of Redis's clock in microseconds, and later than the last one: it goes on when Redis lost what it knew. */
const CHANGE = `
local time = redis.call('TIME')
local last = tonumber(redis.call('HGET', KEYS[1], '#') or '0')
local moment = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
local everything = ARGV[1] == '*'
if not everything then
  for _, tag in ipairs(ARGV) do redis.call('HSET', KEYS[1], tag, moment) end
  everything = redis.call('HLEN', KEYS[1]) > ${TAGS_MAX}
end
if everything then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], '*', moment)
end
redis.call('HSET', KEYS[1], '#', moment)
return 1`;

/** Opens the cache. @throws AppError ENGINE_REFUSED, ENGINE_UNREACHABLE; later `find` and `keep` ENGINE_UNREACHABLE while Redis is away */
export async function openRedisTaggedCache(options: RedisConnectionOptions): Promise<TaggedCache> {
  const redis = await connectRedis(options);
  const changes = sendingChanges(redis);
  const named = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (!changes.send()) throw redisError(options.url, new Error('away, and what has changed is not told yet'));
    try {
      return await ask();
    } catch (error) {
      throw redisError(options.url, error);
    }
  };
  const close = async (): Promise<void> => {
    changes.send();
    redis.disconnect();
  };
  return {
    find: (key) =>
      named(async () => {
        const answered = await redis.callBuffer('EVAL', FIND, 2, entryKey(key), MOMENTS);
        const found = answered as [Buffer, Buffer?, number?];
        const [first, tags, leftMs] = found;
        if (tags === undefined || leftMs === undefined) return { kind: 'none', mark: first.toString() };
        return { kind: 'kept', value: first, tags: JSON.parse(tags.toString()), lifetimeMs: leftMs };
      }),
    keep: (key, value, mark) => named(() => keep(redis, entryKey(key), value, mark)),
    change: changes.add,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Keys may be as long as an operation. */
function entryKey(key: string): string {
  return `${PREFIX}${createHash('sha256').update(key).digest('base64url')}`;
}

async function keep(redis: RedisClient, entry: string, { value, tags, lifetimeMs }: TaggedValue, mark: string) {
  const kept = [value, JSON.stringify(tags), mark, Math.max(1, Math.ceil(lifetimeMs))];
  return (await redis.eval(KEEP, 2, entry, MOMENTS, ...kept)) === 1;
}

interface SendingChanges {
  add(tags: ChangedTags): void;
  /** Sends what waits before whatever is asked next: Redis keeps the order of a connection. False when it cannot be sent now. */
  send(): boolean;
}

/** Changes of one turn of the event loop go together. What was lost with a connection counts as a change of everything. */
function sendingChanges(redis: RedisClient): SendingChanges {
  let waiting = new Set<string>();
  let everything = false;
  let planned = false;
  const lost = (): void => {
    everything = true;
    waiting.clear();
  };
  redis.on('close', lost);
  const send = (): boolean => {
    if (!everything && waiting.size === 0) return true;
    if (redis.status !== 'ready') {
      lost();
      return false;
    }
    const tags = everything ? ['*'] : [...waiting];
    everything = false;
    waiting = new Set();
    redis.eval(CHANGE, 1, MOMENTS, ...tags).catch(lost);
    return true;
  };
  return {
    add(tags) {
      if (tags === 'everything') lost();
      else if (!everything) for (const tag of tags) waiting.add(tag);
      if (waiting.size > WAITING_MAX) lost();
      if (planned) return;
      planned = true;
      setImmediate(() => {
        planned = false;
        send();
      });
    },
    send,
  };
}
