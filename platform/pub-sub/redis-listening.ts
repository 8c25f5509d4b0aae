/** Subscriptions of this process, and the channels that Redis brings for them. */
import type { Cluster, Redis } from 'ioredis';
import type { Clock } from '../clock/port.ts';
import type { Logger } from '../log/port.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { PubSub, SubscribeOptions, Subscription } from './port.ts';
import { CHANNEL_PREFIX, familyMark } from './redis-channels.ts';

const RESUBSCRIBE_AFTER_MS = 500;

export interface ListeningOptions {
  /** Subscribers of this process. */
  readonly local: PubSub;
  readonly subscriber: RedisClient;
  readonly sharded: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly closing: AbortController;
}

interface State extends ListeningOptions {
  /** Subscriptions of each channel that Redis knows we listen to, and when it does. */
  readonly listening: Map<string, { count: number; ready: Promise<void> }>;
  /** How many of these channels each family has. */
  readonly families: Map<string, number>;
  /** How often the connection that brings messages was lost. */
  losses: number;
}

/** What subscribes. Each subscription is heard by this process at once, and by Redis when it is `ready`. */
export function listenTo(options: ListeningOptions): Pick<PubSub, 'subscribe'> {
  const state: State = { ...options, listening: new Map(), families: new Map(), losses: 0 };
  options.subscriber.on('close', () => {
    state.losses += 1;
  });
  return { subscribe: (channels, subscribing) => subscribe(state, channels, subscribing) };
}

function subscribe<T>(state: State, channels: readonly string[], options: SubscribeOptions): Subscription<T> {
  const distinct = [...new Set(channels)];
  const subscription = state.local.subscribe<T>(channels, options);
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

/** On a cluster a mark would lie on another node than its channels; nobody asks for marks there. */
function markOf({ sharded }: State, channel: string): string | undefined {
  return sharded ? undefined : familyMark(channel);
}

/** Has Redis bring a channel's messages; resolves when it does. */
function listen(state: State, channel: string): Promise<void> {
  const known = state.listening.get(channel);
  if (known) {
    known.count += 1;
    return known.ready;
  }
  const mark = markOf(state, channel);
  if (mark) state.families.set(mark, (state.families.get(mark) ?? 0) + 1);
  const ready = ask(state, channel);
  state.listening.set(channel, { count: 1, ready });
  return ready;
}

/** Asks until Redis has heard; a lost connection subscribes again by itself to what it had. */
async function ask(state: State, channel: string): Promise<void> {
  const { subscriber, sharded, clock, closing } = state;
  const name = `${CHANNEL_PREFIX}${channel}`;
  const mark = markOf(state, channel);
  while (!closing.signal.aborted) {
    try {
      if (sharded) await (subscriber as Cluster).ssubscribe(name);
      // In one command with its mark: who publishes asks for the mark first.
      else await (subscriber as Redis).subscribe(...(mark ? [mark, name] : [name]));
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
  const mark = markOf(state, channel);
  if (mark) state.families.set(mark, (state.families.get(mark) ?? 0) - 1);
  void known.ready.then(() => leave(state, channel, mark));
}

/** Commands of one connection take effect in their order: what is listened to again by now stays as it is. */
async function leave(state: State, channel: string, mark: string | undefined): Promise<void> {
  const { subscriber, sharded, listening, families, closing } = state;
  if (closing.signal.aborted) return;
  const names = listening.has(channel) ? [] : [`${CHANNEL_PREFIX}${channel}`];
  if (mark && families.get(mark) === 0) {
    families.delete(mark);
    names.push(mark);
  }
  if (names.length === 0) return;
  const told = sharded ? (subscriber as Cluster).sunsubscribe(...names) : (subscriber as Redis).unsubscribe(...names);
  // Redis forgets it with the connection; until then its messages reach nobody here.
  await told.catch(() => undefined);
}
