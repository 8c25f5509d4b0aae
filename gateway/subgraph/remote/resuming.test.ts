import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { remoteCity } from '../../fixtures/remote-city.ts';
import { type KeptChannel, keptCity } from '../../fixtures/small-city.ts';
import { until } from '../../fixtures/until.ts';

const LIVE = 'subscription ($device: ID) { reading(device: $device) { device { id } } }';
const JOINED = 'subscription { reading { device { id name } } }';
/** More than fits between a connection and its reader. */
const MANY = 2_500;

interface Event {
  readonly data?: { readonly reading: { readonly device: { readonly id: string } } };
  readonly extensions?: { readonly cursor: string };
}

let city: Awaited<ReturnType<typeof remoteCity>>;
let readings: KeptChannel;
beforeEach(async () => {
  const kept = keptCity();
  readings = kept.readings;
  city = await remoteCity({ city: kept });
});
afterEach(() => city[Symbol.asyncDispose]());

interface Wanted {
  readonly query?: string;
  readonly device?: string;
  readonly cursor?: string;
}

/** A subscriber that notes what it is given: ids of devices, or the reason of the end. */
function subscriber({ query = LIVE, device, cursor }: Wanted = {}) {
  const client = createClient({ url: city.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  const given: string[] = [];
  const cursors: (string | undefined)[] = [];
  client.subscribe<Event['data'], Event['extensions']>(
    { query, variables: { device }, ...(cursor === undefined ? {} : { extensions: { cursor } }) },
    {
      next({ data, extensions }) {
        given.push(data?.reading.device.id ?? 'nothing');
        cursors.push((extensions as Event['extensions'])?.cursor);
      },
      error: (error) => given.push(JSON.stringify(error)),
      complete: () => given.push('complete'),
    },
  );
  return { given, cursors, leave: () => client.dispose() };
}

const isThere = (subscribers: number) => until(() => readings.listeners === subscribers);
const resumed = (): number => city.metric('gateway_subgraph_streams_resumed_total');

/** Ends the subgraph as a kill does; what happens meanwhile is in its log alone. */
async function away(meanwhile: () => void): Promise<void> {
  const port = city.port('readings');
  port.cut();
  await port.close();
  await until(() => readings.listeners === 0);
  meanwhile();
}

async function back(streams: number): Promise<void> {
  await city.restart('readings');
  await city.whileTimePasses(isThere(streams));
}

const names = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, index) => `d${from + index}`);

describe('subscriptions to a resumable subgraph that breaks off', () => {
  it('stay, and are given what happened meanwhile, in order and once', async () => {
    const subscribers = [subscriber(), subscriber(), subscriber({ device: 'x' })];
    await isThere(2);
    readings.publish('a');
    await until(() => subscribers.every(({ given }) => given.length === 1));
    await away(() => ['b', 'c'].map(readings.publish));
    await back(2);
    readings.publish('d');
    await until(() => subscribers.every(({ given }) => given.length >= 4));
    for (const { given, cursors } of subscribers) {
      expect(given).toEqual(['a', 'b', 'c', 'd']);
      expect(cursors).toEqual(['c000001', 'c000002', 'c000003', 'c000004']);
    }
    expect(resumed()).toBe(2);
    await Promise.all(subscribers.map(({ leave }) => leave()));
    await isThere(0);
  });

  it('stay also where nothing had happened before the break', async () => {
    readings.publish('before');
    const { given } = subscriber();
    await isThere(1);
    await away(() => readings.publish('a'));
    await back(1);
    await until(() => given.length > 0);
    expect(given).toEqual(['a']);
  });

  it('lose nothing, however much happened meanwhile and while it is told', async () => {
    const { given } = subscriber();
    await isThere(1);
    await away(() => names(MANY).map(readings.publish));
    await back(1);
    names(MANY, MANY).map(readings.publish);
    await until(() => given.length >= 2 * MANY);
    expect(given).toEqual(names(2 * MANY));
  });

  it('go on after another break while they are given what they missed', async () => {
    const { given } = subscriber();
    await isThere(1);
    await away(() => names(MANY).map(readings.publish));
    await back(1);
    await until(() => given.length > 0);
    await away(() => readings.publish(`d${MANY}`));
    await back(1);
    await until(() => given.length > MANY);
    expect(given).toEqual(names(MANY + 1));
  });

  it('end with the reason when what they missed is not kept any more', async () => {
    const { given } = subscriber();
    await isThere(1);
    await away(() => {
      names(3).map(readings.publish);
      readings.keep(1);
    });
    await city.restart('readings');
    await city.whileTimePasses(until(() => given.length > 0));
    expect(given).toEqual([expect.stringContaining('"CURSOR_EXPIRED"')]);
  });

  it('end with the reason when it stays away for a minute', async () => {
    const { given } = subscriber();
    await isThere(1);
    await away(() => undefined);
    await city.whileTimePasses(
      until(() => given.length > 0),
      1_000,
    );
    expect(given).toEqual([expect.stringContaining('readings cannot be reached')]);
  });

  it('are not opened again for who left meanwhile', async () => {
    const [left, stays] = [subscriber({ device: 'x' }), subscriber()];
    await isThere(2);
    await away(() => undefined);
    await left.leave();
    await until(() => city.metric('gateway_subscription_groups') === 1);
    await back(1);
    readings.publish('a');
    await until(() => stays.given.length > 0);
    expect(readings.listeners).toBe(1);
  });
});

describe('a client that goes on after a cursor', () => {
  it('is given all that it missed from a subgraph in another process, also where joining it takes longer than sending it', async () => {
    names(MANY).map(readings.publish);
    const join = Promise.withResolvers<void>();
    city.city.wait = join.promise;
    const { given } = subscriber({ query: JOINED, cursor: 'c000000' });
    await until(() => city.subgraphs.metrics.exposition().includes('subgraph_fetches_total 1'));
    // Time for all of it to come, were it sent faster than it is joined.
    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    join.resolve();
    await until(() => given.length >= MANY);
    expect(given).toEqual(names(MANY));
  });
});
