import { describe, expect, it } from 'vitest';
import type { KeyValue, SharedKeyValue } from './port.ts';

export interface KeyValueUnderTest<T extends KeyValue = KeyValue> {
  readonly keyValue: T;
  /** Lets time pass as the engine sees it. */
  pass(ms: number): Promise<void>;
  /** The engine's time also passes by itself. */
  readonly timeRuns?: boolean;
}

/** What every key-value store promises. */
export function keyValueContract(name: string, open: () => Promise<KeyValueUnderTest>): void {
  describe(`key-value: ${name}`, () => {
    it('gives what was set until its lifetime ends', async () => {
      const { keyValue, pass } = await open();
      await keyValue.set('a', '1', 1_000);
      expect(await keyValue.get('a')).toBe('1');
      await pass(1_001);
      expect(await keyValue.get('a')).toBeUndefined();
      await keyValue.close();
    });

    it('forgets what was deleted and never knew the rest', async () => {
      const { keyValue } = await open();
      await keyValue.set('a', '1', 60_000);
      await keyValue.delete('a');
      expect(await keyValue.get('a')).toBeUndefined();
      expect(await keyValue.get('b')).toBeUndefined();
      await keyValue.close();
    });

    it('lets a budget be spent at once, then as it refills', async () => {
      const { keyValue, pass, timeRuns } = await open();
      const limit = { capacity: 10, refillPerSecond: 2 };
      const startedMs = performance.now();
      expect(await keyValue.spend('x', 10, limit)).toEqual({ allowed: true, remaining: 0, retryAfterMs: 0 });
      const { allowed, retryAfterMs } = await keyValue.spend('x', 4, limit);
      const passedMs = timeRuns ? Math.ceil(performance.now() - startedMs) + 1 : 0;
      expect(allowed).toBe(false);
      expect(retryAfterMs).toBeLessThanOrEqual(2_000);
      expect(retryAfterMs).toBeGreaterThanOrEqual(2_000 - passedMs);
      await pass(2_000);
      expect((await keyValue.spend('x', 4, limit)).allowed).toBe(true);
      expect((await keyValue.spend('y', 10, limit)).allowed).toBe(true);
      await keyValue.close();
    });

    it('says of a cost that is larger than the bucket that it will never be allowed, and takes nothing for it', async () => {
      const { keyValue } = await open();
      const limit = { capacity: 10, refillPerSecond: 2 };
      const refused = { allowed: false, remaining: 10, retryAfterMs: Number.POSITIVE_INFINITY };
      expect(await keyValue.spend('x', 11, limit)).toEqual(refused);
      expect((await keyValue.spend('x', 10, limit)).allowed).toBe(true);
      await keyValue.close();
    });

    it('fills a bucket to its brim and no further', async () => {
      const { keyValue, pass } = await open();
      const limit = { capacity: 3, refillPerSecond: 1 };
      await keyValue.spend('x', 1, limit);
      await pass(60_000);
      expect(await keyValue.spend('x', 1, limit)).toEqual({ allowed: true, remaining: 2, retryAfterMs: 0 });
      await keyValue.close();
    });

    it('replaces a value and its lifetime', async () => {
      const { keyValue, pass } = await open();
      await keyValue.set('a', '1', 1_000);
      await keyValue.set('a', '2', 5_000);
      await pass(2_000);
      expect(await keyValue.get('a')).toBe('2');
      await keyValue.close();
    });

    it('gives a lease to one holder, who may renew it, until it ends or is released, with a number that grows with each', async () => {
      const { keyValue, pass } = await open();
      const first = await keyValue.acquireLease('job', 'a', 1_000);
      expect(first).toBeGreaterThanOrEqual(1);
      expect(await keyValue.acquireLease('job', 'b', 1_000)).toBeUndefined();
      expect(await keyValue.acquireLease('job', 'a', 1_000)).toBe(first);
      await keyValue.releaseLease('job', 'b');
      expect(await keyValue.acquireLease('job', 'b', 1_000)).toBeUndefined();
      await pass(1_001);
      const second = await keyValue.acquireLease('job', 'b', 1_000);
      expect(second).toBeGreaterThan(first ?? Number.NaN);
      expect(await keyValue.acquireLease('job', 'a', 1_000)).toBeUndefined();
      await keyValue.releaseLease('job', 'b');
      const third = await keyValue.acquireLease('job', 'a', 1_000);
      expect(third).toBeGreaterThan(second ?? Number.NaN);
      await keyValue.releaseLease('job', 'a');
      expect(await keyValue.acquireLease('job', 'a', 1_000)).toBeGreaterThan(third ?? Number.NaN);
      await keyValue.close();
    });
  });
}

/** What a store promises besides that processes share. */
export function sharedKeyValueContract(name: string, open: () => Promise<KeyValueUnderTest<SharedKeyValue>>): void {
  describe(`shared key-value: ${name}`, () => {
    const limit = { capacity: 10, refillPerSecond: 2 };

    it('takes what was spent already, then what is asked for, if it is there', async () => {
      const { keyValue } = await open();
      const still = { capacity: 10, refillPerSecond: 0 };
      const first = await keyValue.settle({ key: 'x', spent: 3, cost: 5, limit: still });
      expect(first).toEqual({ allowed: true, remaining: 2, retryAfterMs: 0 });
      const second = await keyValue.settle({ key: 'x', spent: 1, cost: 2, limit: still });
      expect(second).toEqual({ allowed: false, remaining: 1, retryAfterMs: Number.POSITIVE_INFINITY });
      expect(await keyValue.settle({ key: 'x', spent: 0, cost: 1, limit: still })).toMatchObject({ allowed: true });
      await keyValue.close();
    });

    it('lets a bucket owe what was not there, and gives nothing until it is paid back', async () => {
      const { keyValue, pass } = await open();
      await keyValue.spend('x', 10, limit);
      const { allowed, remaining } = await keyValue.settle({ key: 'x', spent: 4, cost: 1, limit });
      expect(allowed).toBe(false);
      expect(Math.round(remaining)).toBe(-4);
      await pass(1_000);
      const refused = await keyValue.spend('x', 1, limit);
      expect(refused.allowed).toBe(false);
      expect(Math.round(refused.remaining)).toBe(-2);
      expect(refused.retryAfterMs).toBeGreaterThan(1_000);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(1_500);
      await pass(1_500);
      expect((await keyValue.spend('x', 1, limit)).allowed).toBe(true);
      await keyValue.close();
    });

    it('lets a bucket owe no more than it holds', async () => {
      const { keyValue, pass } = await open();
      await keyValue.settle({ key: 'x', spent: 1_000, cost: 0, limit });
      await pass(5_000);
      expect(Math.round((await keyValue.settle({ key: 'x', spent: 0, cost: 0, limit })).remaining)).toBe(0);
      await keyValue.close();
    });
  });
}
