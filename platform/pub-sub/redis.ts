/**
 * Fan-out between processes through Redis, at most once. Subscribers of the same process are told directly; Redis carries messages to the others.
 * On a cluster the channels are sharded: each is carried by one node.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock/port.ts';
import type { Metrics } from '../metrics/port.ts';
import {
  connectRedis,
  isCluster,
  type RedisClient,
  type RedisConnectionOptions,
  redisError,
} from '../redis/connection.ts';
import { memoryPubSub } from './memory.ts';
import type { PubSub } from './port.ts';
import { CHANNEL_PREFIX, MESSAGE_SEPARATOR } from './redis-channels.ts';
import { listenTo } from './redis-listening.ts';
import { publishTo } from './redis-publishing.ts';

const ORIGIN_BYTES = 9;

export interface RedisPubSubOptions extends RedisConnectionOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface State extends RedisPubSubOptions {
  /** Subscribers of this process. */
  readonly local: PubSub;
  readonly publisher: RedisClient;
  readonly subscriber: RedisClient;
  readonly sharded: boolean;
  /** Marks our own messages, which Redis brings back. */
  readonly origin: string;
  readonly closing: AbortController;
}

/** Opens the pub/sub. @throws AppError ENGINE_REFUSED, ENGINE_UNREACHABLE */
export async function openRedisPubSub(options: RedisPubSubOptions): Promise<PubSub> {
  const publisher = await connectRedis(options);
  const state: State = {
    ...options,
    local: memoryPubSub({ metrics: options.metrics }),
    publisher,
    subscriber: await connectRedis(options).catch((error: unknown) => {
      publisher.disconnect();
      throw error;
    }),
    sharded: isCluster(options.url),
    origin: randomBytes(ORIGIN_BYTES).toString('base64url'),
    closing: new AbortController(),
  };
  const { local, subscriber, sharded } = state;
  subscriber.on(sharded ? 'smessage' : 'message', (channel: string, text: string) => deliver(state, channel, text));
  const { publish, publishText, settled } = publishTo(state);
  const { subscribe } = listenTo(state);
  const close = async () => {
    state.closing.abort();
    await local.close();
    await settled();
    state.publisher.disconnect();
    subscriber.disconnect();
  };
  return {
    publish,
    publishText,
    subscribe,
    // Who listens elsewhere is not known here.
    hasSubscribers: () => true,
    async ping() {
      try {
        await Promise.all([state.publisher.ping(), subscriber.ping()]);
      } catch (error) {
        throw redisError(options.url, error);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Hands on what another process published. */
function deliver({ origin, local, log }: State, channel: string, text: string): void {
  const at = text.indexOf(' ');
  if (text.slice(0, at) === origin) return;
  for (const line of text.slice(at + 1).split(MESSAGE_SEPARATOR)) {
    try {
      local.publish(channel.slice(CHANNEL_PREFIX.length), JSON.parse(line));
    } catch (error) {
      log.warn({ channel, error }, 'a message from Redis is not readable and was passed over');
    }
  }
}
