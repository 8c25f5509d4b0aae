/**
 * Fan-out between processes through Redis, at most once. Subscribers of the same process are told directly; Redis carries messages to the others.
 * On a cluster the channels are sharded: each is carried by one node.
 */
import { randomBytes } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import type { Metrics } from '../metrics/port.ts';
import {
  connectRedis,
  isCluster,
  type RedisClient,
  type RedisConnectionOptions,
  redisError,
} from '../redis/connection.ts';
import { memoryPubSub } from './memory.ts';
import type { PubSub, Subscription } from './port.ts';

const PREFIX = 'greencity:';
const ORIGIN_BYTES = 9;
/** Messages on their way to a Redis that does not answer; beyond it they are dropped and counted. */
const ON_THE_WAY_MAX = 100_000;
/** Messages of one command, which Redis holds whole for each listener. */
const TOGETHER_MAX = 500;
/** Between messages: JSON has no such character outside of a string, and none in it that is not escaped. */
const SEPARATOR = '\n';
const RESUBSCRIBE_AFTER_MS = 500;

export interface RedisPubSubOptions extends RedisConnectionOptions {
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
  /** Subscriptions of each channel that Redis knows we listen to, and when it does. */
  readonly listening: Map<string, { count: number; ready: Promise<void> }>;
  readonly closing: AbortController;
  /** How often the connection that brings messages was lost. */
  losses: number;
}

/** Opens the pub/sub. @throws AppError ENGINE_REFUSED */
export async function openRedisPubSub(options: RedisPubSubOptions): Promise<PubSub> {
  const state: State = {
    ...options,
    local: memoryPubSub({ metrics: options.metrics }),
    publisher: await connectRedis(options),
    subscriber: await connectRedis(options),
    sharded: isCluster(options.url),
    origin: randomBytes(ORIGIN_BYTES).toString('base64url'),
    listening: new Map(),
    closing: new AbortController(),
    losses: 0,
  };
  const { local, subscriber, sharded } = state;
  subscriber.on(sharded ? 'smessage' : 'message', (channel: string, text: string) => deliver(state, channel, text));
  subscriber.on('close', () => {
    state.losses += 1;
  });
  const { publish, flush } = publisherOf(state);
  const close = async () => {
    flush();
    state.closing.abort();
    await local.close();
    state.publisher.disconnect();
    subscriber.disconnect();
  };
  return {
    publish,
    subscribe: (channels, { queueMax }) => subscribe(state, channels, queueMax),
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
  for (const line of text.slice(at + 1).split(SEPARATOR)) {
    try {
      local.publish(channel.slice(PREFIX.length), JSON.parse(line));
    } catch (error) {
      log.warn({ channel, error }, 'a message from Redis is not readable and was passed over');
    }
  }
}

interface Publisher {
  readonly publish: PubSub['publish'];
  /** Sends what waits for the end of this turn. */
  flush(): void;
}

/** What is published to a channel within one turn of the event loop goes as one command: a city's channel has thousands of readings in one. */
function publisherOf(state: State): Publisher {
  const { local, publisher, sharded, origin, metrics } = state;
  const lost = metrics.counter(
    'greencity_pubsub_unsent_total',
    'Live messages that did not reach other processes because Redis did not take them.',
  );
  const waiting = new Map<string, string[]>();
  /** Messages that wait or that Redis has not taken yet. */
  let onTheWay = 0;
  let last: { readonly message: unknown; readonly text: string } | undefined;

  function send(channel: string, texts: readonly string[]): void {
    const [name, text] = [`${PREFIX}${channel}`, `${origin} ${texts.join(SEPARATOR)}`];
    const sent = sharded ? (publisher as Cluster).spublish(name, text) : (publisher as Redis).publish(name, text);
    sent.then(
      () => {
        onTheWay -= texts.length;
      },
      () => {
        onTheWay -= texts.length;
        lost.add(texts.length);
      },
    );
  }

  function flush(): void {
    for (const [channel, texts] of waiting) {
      for (let from = 0; from < texts.length; from += TOGETHER_MAX)
        send(channel, texts.slice(from, from + TOGETHER_MAX));
    }
    waiting.clear();
  }

  function publish(channel: string, message: unknown): void {
    if (state.closing.signal.aborted) return;
    local.publish(channel, message);
    if (publisher.status !== 'ready' || onTheWay >= ON_THE_WAY_MAX) {
      lost.add();
      return;
    }
    // The same message often goes to several channels in turn: it is written once.
    const text = last && last.message === message ? last.text : JSON.stringify(message);
    last = { message, text };
    onTheWay += 1;
    if (waiting.size === 0) setImmediate(flush);
    const texts = waiting.get(channel);
    if (texts) texts.push(text);
    else waiting.set(channel, [text]);
  }
  return { publish, flush };
}

function subscribe<T>(state: State, channels: readonly string[], queueMax: number): Subscription<T> {
  const distinct = [...new Set(channels)];
  const subscription = state.local.subscribe<T>(channels, { queueMax });
  const lossesBefore = state.losses;
  if (state.closing.signal.aborted) return subscription;
  const ready = Promise.all(distinct.map((channel) => listen(state, channel))).then(() => undefined);
  let left = false;
  const leave = () => {
    if (left) return;
    left = true;
    for (const channel of distinct) unlisten(state, channel);
  };
  const own: Subscription<T> = {
    ready,
    get dropped() {
      return subscription.dropped + state.losses - lossesBefore;
    },
    next: () => subscription.next(),
    hear: (listener) => subscription.hear(listener),
    return() {
      leave();
      return subscription.return();
    },
    [Symbol.asyncIterator]: () => own,
  };
  return own;
}

/** Has Redis bring a channel's messages; resolves when it does. */
function listen(state: State, channel: string): Promise<void> {
  const known = state.listening.get(channel);
  if (known) {
    known.count += 1;
    return known.ready;
  }
  const ready = ask(state, channel);
  state.listening.set(channel, { count: 1, ready });
  return ready;
}

/** Asks until Redis has heard; a lost connection subscribes again by itself to what it had. */
async function ask(state: State, channel: string): Promise<void> {
  const { subscriber, sharded, clock, closing } = state;
  const name = `${PREFIX}${channel}`;
  while (!closing.signal.aborted) {
    try {
      if (sharded) await (subscriber as Cluster).ssubscribe(name);
      else await (subscriber as Redis).subscribe(name);
      return;
    } catch (error) {
      state.log.debug({ channel, error }, 'Redis does not take a subscription, will try again');
    }
    await clock.sleep(RESUBSCRIBE_AFTER_MS, closing.signal);
    if (!state.listening.has(channel)) return;
  }
}

function unlisten(state: State, channel: string): void {
  const known = state.listening.get(channel);
  if (!known) return;
  known.count -= 1;
  if (known.count > 0) return;
  state.listening.delete(channel);
  void known.ready.then(async () => {
    if (state.listening.has(channel) || state.closing.signal.aborted) return;
    const name = `${PREFIX}${channel}`;
    const { subscriber, sharded } = state;
    const told = sharded ? (subscriber as Cluster).sunsubscribe(name) : (subscriber as Redis).unsubscribe(name);
    // Redis forgets it with the connection; until then its messages reach nobody here.
    await told.catch(() => undefined);
  });
}
