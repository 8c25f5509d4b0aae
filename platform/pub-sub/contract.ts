import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Listener, PubSub } from './port.ts';

export interface PubSubCapabilities {
  /** An engine that other processes share cannot know whether somebody listens there, and always says that somebody may. Default true. */
  readonly knowsListeners?: boolean;
}

/** The promises of the pub/sub port, run against any adapter. `open` gives one that nobody else uses. */
export function pubSubContract(
  name: string,
  open: () => Promise<PubSub>,
  { knowsListeners = true }: PubSubCapabilities = {},
): void {
  describe(`${name} keeps the pub/sub's promises`, () => {
    let pubSub: PubSub;
    beforeEach(async () => {
      pubSub = await open();
    });
    afterEach(() => pubSub.close());

    const listen = (channels: readonly string[], queueMax = 100) => pubSub.subscribe<unknown>(channels, { queueMax });

    function listener() {
      const told: unknown[] = [];
      const one: Listener<unknown> = { heard: (message) => told.push(message), ended: () => told.push('ended') };
      return { one, told };
    }

    it('answers a ping', async () => {
      await expect(pubSub.ping()).resolves.toBeUndefined();
    });

    it('brings each message to every subscriber of its channel, in order, and to nobody else', async () => {
      const one = listen(['a']);
      const two = listen(['a', 'b']);
      const other = listen(['c']);
      pubSub.publish('a', { n: 1 });
      pubSub.publish('b', { n: 2 });
      pubSub.publish('a', { n: 3 });
      pubSub.publish('c', { n: 4 });
      expect([await one.next(), await one.next()].map(({ value }) => value)).toEqual([{ n: 1 }, { n: 3 }]);
      expect([await two.next(), await two.next(), await two.next()].map(({ value }) => value)).toEqual([
        { n: 1 },
        { n: 2 },
        { n: 3 },
      ]);
      expect((await other.next()).value).toEqual({ n: 4 });
    });

    it('answers several waiting calls of next in their order', async () => {
      const subscription = listen(['a']);
      const waiting = [subscription.next(), subscription.next()];
      pubSub.publish('a', 1);
      pubSub.publish('a', 2);
      expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual([1, 2]);
    });

    it('drops and counts the oldest messages of a subscriber that does not keep up, and disturbs no other', async () => {
      const slow = listen(['a'], 2);
      const roomy = listen(['a'], 100);
      for (let n = 1; n <= 5; n += 1) pubSub.publish('a', n);
      expect((await roomy.next()).value).toBe(1);
      for (let n = 2; n <= 5; n += 1) expect((await roomy.next()).value).toBe(n);
      expect((await slow.next()).value).toBe(4);
      expect((await slow.next()).value).toBe(5);
      expect(slow.dropped).toBe(3);
      expect(roomy.dropped).toBe(0);
    });

    it('ends at once on return, also while next is waiting', async () => {
      const subscription = listen(['a']);
      const waiting = [subscription.next(), subscription.next()];
      expect(await subscription.return()).toEqual({ value: undefined, done: true });
      expect(await Promise.all(waiting)).toEqual([
        { value: undefined, done: true },
        { value: undefined, done: true },
      ]);
      expect(pubSub.hasSubscribers('a')).toBe(!knowsListeners);
      pubSub.publish('a', 1);
      expect(await subscription.next()).toEqual({ value: undefined, done: true });
    });

    it('ends a loop that is left, and its subscription with it', async () => {
      const subscription = listen(['a']);
      pubSub.publish('a', 'first');
      for await (const message of subscription) {
        expect(message).toBe('first');
        break;
      }
      expect(pubSub.hasSubscribers('a')).toBe(!knowsListeners);
    });

    it('brings a message given as text to the subscribers of each of its channels, in order with others', async () => {
      const one = listen(['a']);
      const both = listen(['a/1', 'a/2']);
      pubSub.publish('a', 'first');
      pubSub.publishText(['a', 'a/1', 'a/2', 'b/1'], '{"n":1}');
      pubSub.publish('a', 'last');
      expect([await one.next(), await one.next(), await one.next()].map(({ value }) => value)).toEqual([
        'first',
        { n: 1 },
        'last',
      ]);
      expect([await both.next(), await both.next()].map(({ value }) => value)).toEqual([{ n: 1 }, { n: 1 }]);
    });

    it('does not read a text that nobody listens for', () => {
      listen(['a/1']);
      expect(() => pubSub.publishText(['b', 'a/2'], 'not JSON')).not.toThrow();
    });

    it('hears nothing from before it subscribed', async () => {
      pubSub.publish('a', 'before');
      const subscription = listen(['a']);
      pubSub.publish('a', 'after');
      expect((await subscription.next()).value).toBe('after');
    });

    it('tells a listener of every message within publish, however many, those first that waited', () => {
      const subscription = listen(['a'], 2);
      pubSub.publish('a', 1);
      pubSub.publish('a', 2);
      const { one, told } = listener();
      subscription.hear(one);
      expect(told).toEqual([1, 2]);
      for (let n = 3; n <= 6; n += 1) pubSub.publish('a', n);
      expect(told).toEqual([1, 2, 3, 4, 5, 6]);
      expect(subscription.dropped).toBe(0);
    });

    it('tells a listener of the end once, and of nothing after it', async () => {
      const [left, closed] = [listen(['a']), listen(['a'])];
      const listeners = [listener(), listener()];
      left.hear((listeners[0] as ReturnType<typeof listener>).one);
      closed.hear((listeners[1] as ReturnType<typeof listener>).one);
      await left.return();
      await left.return();
      pubSub.publish('a', 1);
      await pubSub.close();
      expect(listeners.map(({ told }) => told)).toEqual([['ended'], [1, 'ended']]);
    });

    it('tells who listens to what has ended that it has', async () => {
      const subscription = listen(['a']);
      await subscription.return();
      const { one, told } = listener();
      subscription.hear(one);
      expect(told).toEqual(['ended']);
    });

    it('ends every subscription when it closes; later ones end at once', async () => {
      const waiting = listen(['a']).next();
      await pubSub.close();
      expect(await waiting).toEqual({ value: undefined, done: true });
      expect((await listen(['a']).next()).done).toBe(true);
      pubSub.publish('a', 1);
      pubSub.publishText(['a'], '1');
    });
  });
}
