/** Two gateways that share what they keep: over one cache, hearing of changes each for itself. */
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { memoryPubSub } from '@greencity/platform/pub-sub/memory';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { memoryTaggedCache } from '@greencity/platform/tagged-cache/memory';
import type { TaggedCache } from '@greencity/platform/tagged-cache/port';
import { DEVICE_STATUS_CHANNEL } from '@greencity/schema/events/channels';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW_MS, type Served, serve, testToken } from '../fixtures/served.ts';
import { type SmallCity, smallCity } from '../fixtures/small-city.ts';
import { until } from '../fixtures/until.ts';
import { DEFAULT_RATE_LIMITS } from '../settings.ts';
import { liveChanges } from './live-changes.ts';

const DEVICE = '{ device(id: "a") { name mood } }';

let cache: TaggedCache & { away: boolean; hangs: boolean; waiting: number };
let pubSub: PubSub;
let cities: readonly SmallCity[];
let gateways: readonly Served[];

/** A cache that a test takes away, or lets hang. */
function losable(inner: TaggedCache): typeof cache {
  const lost = () => Promise.reject(new AppError('ENGINE_UNREACHABLE', 'Redis'));
  const own = {
    ...inner,
    away: false,
    hangs: false,
    waiting: 0,
    find(key: string): ReturnType<TaggedCache['find']> {
      if (own.hangs) own.waiting += 1;
      if (own.hangs) return new Promise(() => undefined);
      return own.away ? lost() : inner.find(key);
    },
    keep: (...given: Parameters<TaggedCache['keep']>) => (own.away ? lost() : inner.keep(...given)),
  };
  return own;
}

async function open(settings: Parameters<typeof serve>[1] = {}): Promise<void> {
  cache = losable(memoryTaggedCache({ clock: manualClock(NOW_MS) }));
  pubSub = memoryPubSub({ metrics: memoryMetrics() });
  cities = [smallCity(), smallCity()];
  gateways = await Promise.all(
    cities.map(({ subgraphs }) =>
      serve(subgraphs, settings, undefined, {
        changes: liveChanges(pubSub, () => undefined),
        answerCache: cache,
      }),
    ),
  );
  // The first questions begin the listening: what is asked before is heard of is not kept.
  for (const gateway of gateways) await gateway.ask('{ device(id: "first") { id } }');
  asked();
}

beforeEach(() => open());
afterEach(async () => {
  for (const gateway of gateways) await gateway.close();
});

/** How often each gateway's subgraphs have been asked since the last time. */
function asked(): readonly number[] {
  return cities.map(({ resolved }) => {
    const count = resolved.get('device') ?? 0;
    resolved.clear();
    return count;
  });
}

const [one, other] = [0, 1].map((place) => ({
  ask: (query = DEVICE, headers: Record<string, string> = {}) =>
    (gateways[place] as Served).ask(query, undefined, headers),
  metrics: () => (gateways[place] as Served).metrics.exposition(),
  log: () => (gateways[place] as Served).log,
  advance: (ms: number) => (gateways[place] as Served).clock.advance(ms),
})) as [Asking, Asking];
interface Asking {
  ask(query?: string, headers?: Record<string, string>): ReturnType<Served['ask']>;
  metrics(): string;
  log(): Served['log'];
  advance(ms: number): Promise<void>;
}

const statusOf = (deviceId: string) => ({ change: { deviceId, status: 'OFFLINE' } });

describe('an answer of one gateway', () => {
  it('is found by the other, byte for byte, and then kept there', async () => {
    const first = await one.ask();
    expect(await other.ask()).toEqual(first);
    expect(asked()).toEqual([1, 0]);
    expect(other.metrics()).toContain('gateway_answers_total{how="found"} 1');
    cache.away = true;
    expect(await other.ask()).toEqual(first);
    expect(asked()).toEqual([0, 0]);
  });

  it('is let go by both when something of it changes', async () => {
    await one.ask();
    await other.ask();
    asked();
    pubSub.publish(DEVICE_STATUS_CHANNEL, statusOf('a'));
    for (const { metrics } of [one, other])
      await until(() => metrics().includes('gateway_answers_invalidated_total 1'));
    await other.ask();
    await one.ask();
    expect(asked()).toEqual([0, 1]);
  });

  it('stays when another device changes', async () => {
    await one.ask();
    pubSub.publish(DEVICE_STATUS_CHANNEL, statusOf('b'));
    await other.ask();
    expect(asked()).toEqual([1, 0]);
  });

  it('is let go by both when either executes a mutation', async () => {
    await one.ask();
    await other.ask();
    await one.ask('mutation { rename(id: "b", name: "x") { id } }');
    asked();
    await until(() => /gateway_answers_invalidated_total [1-9]/.test(other.metrics()));
    await other.ask();
    expect(asked()).toEqual([0, 1]);
  });

  it('is not given to somebody who signed in and asks with a text of their own', async () => {
    await one.ask();
    await other.ask(DEVICE, { authorization: `Bearer ${testToken('ann')}` });
    expect(asked()).toEqual([1, 1]);
  });

  it('ends with its lifetime, which does not begin anew at the other', async () => {
    await one.ask();
    await other.ask();
    await other.advance(5_000);
    cache.away = true;
    await other.ask();
    expect(asked()).toEqual([1, 1]);
  });
});

describe('without the shared cache', () => {
  it('nobody waits long for one that hangs, and then nobody at all for a while', async () => {
    cache.hangs = true;
    const answering = one.ask();
    await until(() => cache.waiting === 1);
    await one.advance(25);
    expect((await answering).status).toBe(200);
    expect((await one.ask('{ device(id: "b") { name } }')).status).toBe(200);
    expect(cache.waiting).toBe(1);
    await one.advance(5_000);
    const again = one.ask('{ device(id: "c") { name } }');
    await until(() => cache.waiting === 2);
    await one.advance(25);
    expect((await again).status).toBe(200);
  });

  it('each gateway has its own answers, says so once, and asks again after a while', async () => {
    cache.away = true;
    await one.ask();
    await other.ask();
    await other.ask('{ device(id: "b") { name } }');
    expect(asked()).toEqual([1, 2]);
    await other.ask();
    expect(asked()).toEqual([0, 0]);
    const told = other
      .log()
      .entries.filter(({ message }) => message === 'answers are not shared with other gateways for now');
    expect(told).toHaveLength(1);
    cache.away = false;
    await one.advance(5_000);
    await other.advance(5_000);
    await one.ask('{ device(id: "c") { name } }');
    await other.ask('{ device(id: "c") { name } }');
    expect(asked()).toEqual([1, 0]);
  });
});

describe('an answer that is found', () => {
  it('costs one point', async () => {
    for (const gateway of gateways) await gateway.close();
    await open({ rates: { ...DEFAULT_RATE_LIMITS, anonymousCostPerMinute: 60, limitLocal: true } });
    const points = async (place: number) => {
      const response = await fetch(`${gateways[place]?.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ devices { id name } }' }),
      });
      await response.text();
      return Number(response.headers.get('ratelimit-remaining'));
    };
    // One point for the first question of each, ten for a list of devices.
    expect([await points(0), await points(1), await points(1)]).toEqual([49, 58, 57]);
  });
});
