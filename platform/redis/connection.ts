/** Connections to Redis, alone or as a cluster, and how its failures are named. */
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { AppError } from '../errors.ts';
import type { Logger } from '../log/port.ts';

const CONNECT_WITHIN_MS = 5_000;
/** An answer that takes longer is none: whoever asked goes on without it. */
const ANSWER_WITHIN_MS = 2_000;
const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 2_000;
const DEFAULT_PORT = 6379;

export type RedisClient = Redis | Cluster;

export interface RedisConnectionOptions {
  /** `redis://[user:password@]host:port[/database]`, `rediss://` with TLS, `?cluster` behind it for a cluster. */
  readonly url: string;
  readonly log: Logger;
}

export function isCluster(url: string): boolean {
  return new URL(url).searchParams.has('cluster');
}

/** Where it is, without its password. */
function whereabouts(url: string): string {
  const { host, username } = new URL(url);
  return `Redis at ${host}, user ${decodeURIComponent(username) || 'default'}`;
}

/** True when Redis answered, and did not let this program in. */
function isRefusal(error: unknown): boolean {
  const texts = [
    error,
    ...((error as AggregateError).errors ?? []),
    (error as { lastNodeError?: unknown }).lastNodeError,
  ];
  return texts.some((one) => /\b(WRONGPASS|NOAUTH|NOPERM|invalid password|without any password)\b/.test(String(one)));
}

/** The error in our words. The client's own has the command with it that failed, and so the password of one that signs in. */
export function redisError(url: string, error: unknown): AppError {
  const { message, name, stack = '' } = error as Error;
  const cause = Object.assign(new Error(message), { name, stack });
  const code = isRefusal(error) ? 'ENGINE_REFUSED' : 'ENGINE_UNREACHABLE';
  return new AppError(code, `${whereabouts(url)}: ${message}`, { cause });
}

function settings(url: string) {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    host: hostname,
    port: Number(port) || DEFAULT_PORT,
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1)) || 0,
    ...(protocol === 'rediss:' && { tls: {} }),
    lazyConnect: true,
    connectTimeout: CONNECT_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    // What waits for a Redis that is away would grow without bound, and be stale when it is back.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: true,
    retryStrategy: reconnectDelayMs,
  } satisfies RedisOptions;
}

function reconnectDelayMs(times: number): number {
  return Math.min(RECONNECT_FIRST_MS * 2 ** Math.min(times, 10), RECONNECT_MAX_MS);
}

function clusterSettings(url: string) {
  const { db: _database, lazyConnect: _lazy, retryStrategy: _retry, ...redisOptions } = settings(url);
  return {
    redisOptions,
    lazyConnect: true,
    enableOfflineQueue: false,
    shardedSubscribers: true,
    slotsRefreshTimeout: CONNECT_WITHIN_MS,
    clusterRetryStrategy: reconnectDelayMs,
  } satisfies ClusterOptions;
}

function client(url: string): RedisClient {
  const own = settings(url);
  if (!isCluster(url)) return new Redis(own);
  return new Cluster([{ host: own.host ?? '', port: own.port ?? DEFAULT_PORT }], clusterSettings(url));
}

/** Connects. Later losses mend themselves. @throws AppError ENGINE_REFUSED, ENGINE_UNREACHABLE */
export async function connectRedis({ url, log }: RedisConnectionOptions): Promise<RedisClient> {
  const redis = client(url);
  let last: unknown;
  redis.on('error', (error) => (last = error));
  try {
    await redis.connect();
    await redis.ping();
    // A node that is connected to only when the first command needs it would overtake itself: later commands are sent by way of another.
    if (redis instanceof Cluster) await Promise.all(redis.nodes('master').map((node) => node.ping()));
    redis.removeAllListeners('error');
    tellLosses(redis, log);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw redisError(url, isRefusal(last) ? last : error);
  }
}

/** Says once that the connection is lost, and once that it is back. */
function tellLosses(redis: RedisClient, log: Logger): void {
  let lost = false;
  redis.on('error', (error: Error) => {
    if (!lost) log.warn({ detail: error.message }, 'connection to Redis lost, connecting again');
    lost = true;
  });
  redis.on('ready', () => {
    if (lost) log.info({}, 'connected to Redis again');
    lost = false;
  });
}
