import { describe, expect, it } from 'vitest';
import type { PubSub } from './port.ts';

/** What every pub/sub promises. `settled` resolves when what was published before has arrived at its queues. */
export function pubSubContract(
  name: string,
  open: () => Promise<PubSub>,
  settled: () => Promise<void> = async () => {},
): void {
  describe(`pub/sub: ${name}`, () => {
    it('delivers a message to every subscriber of its channel and to nobody else', async () => {
      await using pubSub = await open();
      const [a, b, other] = [
        pubSub.subscribe(['x'], { queueMax: 9 }),
        pubSub.subscribe(['x', 'y'], { queueMax: 9 }),
        pubSub.subscribe(['z'], { queueMax: 9 }),
      ];
      pubSub.publish('x', { n: 1 });
      expect((await a.next()).value).toEqual({ n: 1 });
      expect((await b.next()).value).toEqual({ n: 1 });
      const waiting = other.next();
      await other.return();
      expect(await waiting).toEqual({ done: true, value: undefined });
    });

    it('keeps the order of a channel', async () => {
      await using pubSub = await open();
      const subscription = pubSub.subscribe<number>(['x'], { queueMax: 9 });
      for (const n of [1, 2, 3]) pubSub.publish('x', n);
      expect([
        (await subscription.next()).value,
        (await subscription.next()).value,
        (await subscription.next()).value,
      ]).toEqual([1, 2, 3]);
    });

    it('drops the oldest messages of a subscriber that is slow, and counts them', async () => {
      await using pubSub = await open();
      const subscription = pubSub.subscribe<number>(['x'], { queueMax: 2 });
      for (const n of [1, 2, 3, 4]) pubSub.publish('x', n);
      await settled();
      expect(subscription.dropped).toBe(2);
      expect([(await subscription.next()).value, (await subscription.next()).value]).toEqual([3, 4]);
    });

    it('delivers nothing that was published before the subscription or after its end', async () => {
      await using pubSub = await open();
      pubSub.publish('x', 'before');
      const subscription = pubSub.subscribe<string>(['x'], { queueMax: 9 });
      await subscription.return();
      pubSub.publish('x', 'after');
      expect(await subscription.next()).toEqual({ done: true, value: undefined });
    });

    it('ends a subscription at once, also while its reader waits', async () => {
      await using pubSub = await open();
      const subscription = pubSub.subscribe(['x'], { queueMax: 9 });
      const waiting = subscription.next();
      await subscription.return();
      expect((await waiting).done).toBe(true);
    });

    it('knows a channel nobody listens to, and forgets the ones that were left', async () => {
      await using pubSub = await open();
      const subscription = pubSub.subscribe(['x'], { queueMax: 9 });
      expect(pubSub.hasSubscribers('x')).toBe(true);
      await subscription.return();
      await settled();
      expect(pubSub.hasSubscribers('x')).toBe(false);
    });

    it('ends every subscription when it closes', async () => {
      const pubSub = await open();
      const waiting = pubSub.subscribe(['x'], { queueMax: 9 }).next();
      await pubSub.close();
      expect((await waiting).done).toBe(true);
    });
  });
}
