/**
 * What this process publishes, sent to the channels that somebody listens to. Redis is asked who listens after a message was published and before it is
 * sent, so that whoever was listening by then misses nothing, and nothing is kept that could be out of date.
 */
import type { Cluster, Redis } from 'ioredis';
import type { Logger } from '../log/port.ts';
import type { Counter, Metrics } from '../metrics/port.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { PubSub } from './port.ts';
import { CHANNEL_PREFIX, familyMark, MESSAGE_SEPARATOR } from './redis-channels.ts';

/** Messages on their way to a Redis that does not answer; beyond it they are dropped and counted. */
const ON_THE_WAY_MAX = 100_000;
/** Messages of one command, which Redis holds whole for each listener. */
const TOGETHER_MAX = 500;
/** Channels of one question. */
const ASKED_MAX = 1_000;

export interface PublishingOptions {
  /** Subscribers of this process. */
  readonly local: PubSub;
  readonly publisher: RedisClient;
  readonly sharded: boolean;
  /** Marks our own messages, which Redis brings back. */
  readonly origin: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly closing: AbortController;
}

interface Sending extends PublishingOptions {
  /** Counts messages that Redis did not take. */
  readonly lost: Counter;
}

export interface Publishing extends Pick<PubSub, 'publish' | 'publishText'> {
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
}

/** A message that has been published here. */
interface Published {
  readonly channels: readonly string[];
  /** Made when it is known that somebody listens. */
  text(): string;
}

/** What is published while messages are on their way goes together next: a city's channel has thousands of readings in one command. */
export function publishTo(options: PublishingOptions): Publishing {
  const { local, publisher, closing, metrics } = options;
  const lost = metrics.counter(
    'greencity_pubsub_unsent_total',
    'Live messages that did not reach other processes because Redis did not take them.',
  );
  let waiting: Published[] = [];
  let onTheWay = 0;
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    // One turn of the event loop, so that what is published together is sent together.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      onTheWay = together.length;
      await send({ ...options, lost }, together).catch(() => lost.add(together.length));
      onTheWay = 0;
    }
    sending = undefined;
  }

  function enqueue(published: Published): void {
    if (publisher.status !== 'ready' || waiting.length + onTheWay >= ON_THE_WAY_MAX) {
      lost.add();
      return;
    }
    waiting.push(published);
    sending ??= sendAll();
  }

  return {
    publish(channel, message) {
      if (closing.signal.aborted) return;
      local.publish(channel, message);
      enqueue({ channels: [channel], text: () => JSON.stringify(message) });
    },
    publishText(channels, text) {
      if (closing.signal.aborted) return;
      local.publishText(channels, text);
      enqueue({ channels, text: () => text });
    },
    settled: async () => await sending,
  };
}

async function send(options: Sending, together: readonly Published[]): Promise<void> {
  const channels = new Set<string>();
  for (const published of together) for (const channel of published.channels) channels.add(channel);
  const heard = options.sharded ? channels : await heardOf(options, channels);
  if (heard.size === 0) return;
  const texts = new Map<string, string[]>([...heard].map((channel) => [channel, []]));
  for (const published of together) {
    const listened = published.channels.filter((channel) => heard.has(channel));
    if (listened.length === 0) continue;
    const text = published.text();
    for (const channel of listened) texts.get(channel)?.push(text);
  }
  await Promise.all([...texts].map(([channel, all]) => sendTo(options, channel, all)));
}

async function sendTo(options: Sending, channel: string, texts: readonly string[]): Promise<void> {
  const { publisher, sharded, origin, lost } = options;
  const name = `${CHANNEL_PREFIX}${channel}`;
  const sent: Promise<unknown>[] = [];
  for (let from = 0; from < texts.length; from += TOGETHER_MAX) {
    const some = texts.slice(from, from + TOGETHER_MAX);
    const text = `${origin} ${some.join(MESSAGE_SEPARATOR)}`;
    const taken = sharded ? (publisher as Cluster).spublish(name, text) : (publisher as Redis).publish(name, text);
    sent.push(taken.catch(() => lost.add(some.length)));
  }
  await Promise.all(sent);
}

/** Those channels that somebody listens to. A Redis that does not let us ask gets all. */
async function heardOf(options: PublishingOptions, channels: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const redis = options.publisher as Redis;
  try {
    const markOf = new Map([...channels].map((channel) => [channel, familyMark(channel)]));
    const marks = new Set([...markOf.values()].filter((mark) => mark !== undefined));
    const families = await listenedTo(redis, [...marks]);
    const asked = [...channels].filter((channel) => {
      const mark = markOf.get(channel);
      return mark === undefined || families.has(mark);
    });
    const names = await listenedTo(
      redis,
      asked.map((channel) => `${CHANNEL_PREFIX}${channel}`),
    );
    return new Set(asked.filter((channel) => names.has(`${CHANNEL_PREFIX}${channel}`)));
  } catch (error) {
    if ((error as Error).name !== 'ReplyError') throw error;
    options.log.debug({ error }, 'Redis does not say who listens: live messages are sent to every channel');
    return channels;
  }
}

/** Those names that have listeners, our own process among them. */
async function listenedTo(redis: Redis, names: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const questions: Promise<readonly unknown[]>[] = [];
  for (let from = 0; from < names.length; from += ASKED_MAX) {
    questions.push(redis.pubsub('NUMSUB', ...names.slice(from, from + ASKED_MAX)));
  }
  for (const answer of await Promise.all(questions)) {
    for (let place = 0; place < answer.length; place += 2) {
      if (Number(answer[place + 1]) > 0) found.add(String(answer[place]));
    }
  }
  return found;
}
