import { describe, expect, it } from 'vitest';
import { manualClock } from '../clock/manual-clock.ts';
import { memoryLog } from '../log/memory-log.ts';
import { memoryMetrics } from '../metrics/memory-metrics.ts';
import { keyValueContract } from './contract.ts';
import { distant } from './fixtures/distant.ts';
import { memoryKeyValue } from './memory.ts';
import type { KeyValue, RateDecision } from './port.ts';
import { reckonedKeyValue } from './reckoned.ts';

/** A fiftieth of it is 20. */
const LIMIT = { capacity: 1_000, refillPerSecond: 10 };
const PART = 20;

function open({ processes = 1, bucketsMax = 100 } = {}) {
  const clock = manualClock(0);
  const store = memoryKeyValue({ clock });
  const [log, metrics] = [memoryLog(), memoryMetrics()];
  const ways = Array.from({ length: processes }, () => distant(store));
  const each = ways.map((shared) => reckonedKeyValue({ shared, clock, log, metrics, bucketsMax }));
  const [way, keyValue] = [ways[0], each[0]];
  if (!way || !keyValue) throw new Error('one process at least');
  const left = async (key = 'x') => (await store.settle({ key, spent: 0, cost: 0, limit: LIMIT })).remaining;
  return { clock, store, log, metrics, way, ways, keyValue, each, left };
}

const times = async (count: number, run: () => unknown): Promise<void> => {
  for (let time = 0; time < count; time += 1) await run();
};

/** Spends where nobody has to be waited for. */
function atOnce(keyValue: KeyValue, cost: number, key = 'x'): RateDecision {
  const decision = keyValue.spend(key, cost, LIMIT);
  if (decision instanceof Promise) throw new Error('this was to be decided at once');
  return decision;
}

keyValueContract('counted here, settled with a store', async () => {
  const { clock, keyValue } = open();
  return { keyValue, pass: (ms) => clock.advance(ms) };
});

describe('a bucket that processes share', () => {
  it('is asked for once, then taken from without waiting', async () => {
    const { way, keyValue } = open();
    expect(await keyValue.spend('x', 1, LIMIT)).toEqual({ allowed: true, remaining: 999, retryAfterMs: 0 });
    expect(atOnce(keyValue, 1)).toEqual({ allowed: true, remaining: 998, retryAfterMs: 0 });
    expect(atOnce(keyValue, 4)).toEqual({ allowed: true, remaining: 994, retryAfterMs: 0 });
    expect(way.asked).toBe(1);
  });

  it('is told of a hundredth at once, and of less after five seconds', async () => {
    const { clock, way, keyValue, left } = open();
    await keyValue.spend('x', 1, LIMIT);
    atOnce(keyValue, 9);
    expect([way.asked, await left()]).toEqual([1, 999]);
    atOnce(keyValue, 1);
    await clock.advance(0);
    expect([way.asked, await left()]).toEqual([2, 989]);
    atOnce(keyValue, 5);
    await clock.advance(4_900);
    expect(way.asked).toBe(2);
    await clock.advance(200);
    expect(way.asked).toBe(3);
    // It was full again when it was told.
    expect(await left()).toBeGreaterThanOrEqual(995);
    expect(await left()).toBeLessThan(997);
  });

  it('is asked for what is much, and near its end', async () => {
    const { way, keyValue } = open();
    await keyValue.spend('x', 1, LIMIT);
    await keyValue.spend('x', PART + 1, LIMIT);
    expect(way.asked).toBe(2);
    await keyValue.spend('x', 930, LIMIT);
    await times(8, () => keyValue.spend('x', 1, LIMIT));
    expect(way.asked).toBe(3);
    // 40 are reserved.
    await keyValue.spend('x', 1, LIMIT);
    await keyValue.spend('x', 1, LIMIT);
    expect(way.asked).toBe(5);
  });

  it('is not asked for what cannot be there', async () => {
    const { clock, way, keyValue } = open();
    await keyValue.spend('x', 995, LIMIT);
    await times(100, () => expect(atOnce(keyValue, 10)).toMatchObject({ allowed: false, retryAfterMs: 500 }));
    expect(way.asked).toBe(1);
    await clock.advance(500);
    expect(await keyValue.spend('x', 10, LIMIT)).toMatchObject({ allowed: true });
  });

  it('is given by two processes as one, to who spends little at a time of a small one', async () => {
    const { each } = open({ processes: 2 });
    const small = { capacity: 5, refillPerSecond: 0 };
    const allowed: boolean[] = [];
    for (let time = 0; time < 4; time += 1)
      for (const keyValue of each) allowed.push((await keyValue.spend('x', 1, small)).allowed);
    expect(allowed).toEqual([...Array(5).fill(true), ...Array(3).fill(false)]);
  });

  it('is overspent by a fiftieth a process at most, whenever they hear of each other, and owes it', async () => {
    const processes = 4;
    const still = { capacity: 1_000, refillPerSecond: 0 };
    for (let seed = 1; seed <= 40; seed += 1) {
      const { ways, each, store, clock } = open({ processes });
      let random = seed;
      const next = (below: number): number => {
        random = (random * 48_271) % 2_147_483_647;
        return random % below;
      };
      let given = 0;
      const asking: Promise<void>[] = [];
      for (let turn = 0; turn < 1_500; turn += 1) {
        const process = next(processes);
        if (next(20) === 0) ways[process]?.hold();
        if (next(10) === 0) for (const way of ways) way.free();
        const cost = 1 + next(5);
        const decision = each[process]?.spend('x', cost, still);
        asking.push(
          Promise.resolve(decision).then((decided) => {
            if (decided?.allowed) given += cost;
          }),
        );
        if (next(3) === 0) await clock.advance(0);
      }
      for (const way of ways) way.free();
      await Promise.all(asking);
      await Promise.all(each.map((keyValue) => keyValue.close()));
      expect(given).toBeLessThanOrEqual(still.capacity + processes * PART);
      expect(given).toBeGreaterThan(still.capacity - 5);
      const { remaining } = await store.settle({ key: 'x', spent: 0, cost: 0, limit: still });
      expect(remaining).toBe(still.capacity - given);
    }
  });

  it('never has more left than was left before and has come back', async () => {
    const { each, clock } = open({ processes: 3 });
    const before = new Map<KeyValue, number>();
    for (let turn = 0; turn < 600; turn += 1) {
      const keyValue = each[turn % 7 === 0 ? 1 : turn % 3];
      const { remaining, allowed } = (await keyValue?.spend('x', 2, LIMIT)) ?? {};
      if (keyValue === undefined || remaining === undefined) throw new Error('there are three');
      expect(remaining).toBeLessThanOrEqual((before.get(keyValue) ?? 1_000) - (allowed ? 2 : 0));
      for (const [one, left] of before) before.set(one, Math.min(1_000, left + 0.5));
      before.set(keyValue, remaining + 0.5);
      await clock.advance(50);
    }
  });

  it('is forgotten when it was not used for a minute, and asked for again', async () => {
    const { clock, way, keyValue, store } = open();
    await keyValue.spend('x', 1, LIMIT);
    await store.settle({ key: 'x', spent: 1_000, cost: 0, limit: LIMIT });
    await clock.advance(59_000);
    await store.settle({ key: 'x', spent: 590, cost: 0, limit: LIMIT });
    await clock.advance(15_000);
    const asked = way.asked;
    expect(await keyValue.spend('x', 1, LIMIT)).toMatchObject({ allowed: true, remaining: 148 });
    expect(way.asked).toBe(asked + 1);
  });

  it('is told what was spent of it when it makes room for others, and when the process ends', async () => {
    const { keyValue, left, clock } = open({ bucketsMax: 2 });
    for (const key of ['x', 'y']) await times(3, () => keyValue.spend(key, 1, LIMIT));
    expect([await left('x'), await left('y')]).toEqual([999, 999]);
    await keyValue.spend('z', 1, LIMIT);
    await clock.advance(0);
    expect([await left('x'), await left('y')]).toEqual([997, 999]);
    await keyValue.close();
    expect(await left('y')).toBe(997);
  });
});

const exposed = (metrics: ReturnType<typeof memoryMetrics>, name: string): string | undefined =>
  new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics.exposition())?.[1];

describe('while the store is away', () => {
  it('counts by itself, from what was left, and never lets everybody in', async () => {
    const { way, keyValue, clock } = open();
    await keyValue.spend('x', 990, LIMIT);
    way.cut();
    expect(await keyValue.spend('x', 5, LIMIT)).toMatchObject({ allowed: true, remaining: 5 });
    expect(atOnce(keyValue, 5)).toMatchObject({ allowed: true, remaining: 0 });
    expect(atOnce(keyValue, 5)).toEqual({ allowed: false, remaining: 0, retryAfterMs: 500 });
    expect(atOnce(keyValue, 1_000, 'y')).toMatchObject({ allowed: true, remaining: 0 });
    expect(atOnce(keyValue, 1, 'y')).toMatchObject({ allowed: false });
    await clock.advance(500);
    expect(atOnce(keyValue, 5)).toMatchObject({ allowed: true });
  });

  it('says so once, and once that it is back', async () => {
    const { way, keyValue, clock, log, metrics } = open();
    way.cut();
    await keyValue.spend('x', 1, LIMIT);
    await times(3, () => keyValue.spend('x', 1, LIMIT));
    expect([exposed(metrics, 'greencity_limits_alone'), exposed(metrics, 'greencity_limits_alone_total')]).toEqual([
      '1',
      '4',
    ]);
    await clock.advance(20_000);
    expect(log.entries.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'limits are counted by this process alone for now'],
    ]);
    way.free();
    await clock.advance(600);
    expect(log.entries.at(-1)).toMatchObject({ level: 'info' });
    expect(log.entries).toHaveLength(2);
    expect(exposed(metrics, 'greencity_limits_alone')).toBe('0');
  });

  it('waits for a store that does not answer for 25 ms, and then for nobody', async () => {
    const { way, keyValue, clock, log } = open();
    way.hold();
    let decided: unknown;
    const asking = Promise.resolve(keyValue.spend('x', 1, LIMIT)).then((decision) => (decided = decision));
    await clock.advance(24);
    expect(decided).toBeUndefined();
    await clock.advance(1);
    await asking;
    expect(decided).toMatchObject({ allowed: true, remaining: 999 });
    expect(atOnce(keyValue, 1)).toMatchObject({ allowed: true, remaining: 998 });
    expect(atOnce(keyValue, 1, 'y')).toMatchObject({ allowed: true });
    // It is back before anybody had to be told.
    way.free();
    await clock.advance(600);
    expect(atOnce(keyValue, 1)).not.toBeInstanceOf(Promise);
    expect(log.entries).toEqual([]);
  });

  it('tells a store that is back what has not come back yet', async () => {
    const { way, keyValue, clock, left } = open();
    await keyValue.spend('x', 1, LIMIT);
    way.cut();
    await keyValue.spend('x', PART + 1, LIMIT);
    // Ten a second, as much as comes back, for ten minutes.
    await times(600, async () => {
      atOnce(keyValue, 10);
      await clock.advance(1_000);
    });
    // Then it is not used any more, and ten of it have not come back.
    atOnce(keyValue, 10);
    await clock.advance(200);
    way.free();
    await clock.advance(600);
    expect(await left()).toBeLessThan(1_000);
    expect(await left()).toBeGreaterThan(950);
  });

  it('tells nothing of what has come back while nobody spent', async () => {
    const { way, keyValue, clock, left } = open();
    way.cut();
    await keyValue.spend('x', 900, LIMIT);
    await clock.advance(200_000);
    way.free();
    await clock.advance(600);
    expect(await left()).toBe(1_000);
  });

  it('keeps the count of a bucket that is used up until it is full again', async () => {
    const { way, keyValue, clock } = open();
    way.cut();
    await keyValue.spend('x', 1_000, LIMIT);
    await clock.advance(75_000);
    expect(atOnce(keyValue, 800)).toMatchObject({ allowed: false, remaining: 750 });
  });
});

it('does not mind a clock that is set back', async () => {
  let nowMs = 3_600_000;
  const clock = { ...manualClock(0), nowMs: () => nowMs };
  const shared = memoryKeyValue({ clock });
  await using keyValue = reckonedKeyValue({ shared, clock, log: memoryLog(), metrics: memoryMetrics() });
  await keyValue.spend('x', 500, LIMIT);
  nowMs = 0;
  expect(atOnce(keyValue, 1)).toMatchObject({ allowed: true, remaining: 499 });
  nowMs = 1_000;
  expect(atOnce(keyValue, 1)).toMatchObject({ allowed: true, remaining: 508 });
});
