import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { remoteCity } from '../../fixtures/remote-city.ts';
import { keptCity } from '../../fixtures/small-city.ts';

const LIVE = 'subscription ($device: ID) { reading(device: $device) { metric device { id name } } }';

type City = Awaited<ReturnType<typeof remoteCity>>;

function events(city: City, variables: Record<string, unknown> = {}, query = LIVE) {
  const client = createClient({ url: city.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  return { client, each: client.iterate<Record<string, unknown>>({ query, variables }) };
}

/** Conditions here depend on sockets, not on time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** JSON of what came instead of an event. */
async function refusalOf(next: Promise<unknown>): Promise<string> {
  return JSON.stringify(await next.catch((error: unknown) => error));
}

function reading(id: string) {
  return { data: { reading: { metric: 'PM2_5', device: { id, name: `Device ${id}` } } } };
}

describe('subscriptions to a subgraph in another process', () => {
  it('are joined like those of this process, and end with their client', async () => {
    await using city = await remoteCity();
    const { client, each } = events(city);
    const first = each.next();
    await until(() => city.city.readings.listeners === 1);
    city.city.readings.publish('a');
    city.city.readings.publish('b');
    expect((await first).value).toEqual(reading('a'));
    expect((await each.next()).value).toEqual(reading('b'));
    await client.dispose();
    await until(() => city.city.readings.listeners === 0);
  });

  it('of many groups share one connection', async () => {
    await using city = await remoteCity();
    const opened = ['a', 'b', 'c'].map((device) => events(city, { device }));
    const firsts = opened.map(({ each }) => each.next());
    await until(() => city.city.readings.listeners === 3);
    expect(city.subgraphs.metrics.exposition()).toContain('subgraph_gateway_connections{subgraph="readings"} 1\n');
    city.city.readings.publish('z');
    for (const first of firsts) expect((await first).value).toEqual(reading('z'));
    for (const { client } of opened) await client.dispose();
  });

  it('of a past begin with the present, also where there is none, and go on after a cursor', async () => {
    await using city = await remoteCity({ city: keptCity() });
    const past = async (extensions: Record<string, unknown>, count: number) => {
      const client = createClient({ url: city.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
      const each = client.iterate<Record<string, unknown>>({ query: LIVE, extensions });
      const told: unknown[] = [];
      while (told.length < count) told.push((await each.next()).value);
      await client.dispose();
      return told;
    };
    const nothing = { snapshot: true, cursor: 'c000000' };
    expect(await past({ snapshot: true }, 1)).toEqual([{ data: null, extensions: nothing }]);
    city.city.readings.publish('a');
    city.city.readings.publish('b');
    const present = [
      { ...reading('a'), extensions: { snapshot: true } },
      { ...reading('b'), extensions: { snapshot: true, cursor: 'c000002' } },
    ];
    expect(await past({ snapshot: true }, 2)).toEqual(present);
    expect(await past({ cursor: nothing.cursor }, 1)).toEqual([{ ...reading('a'), extensions: { cursor: 'c000001' } }]);
    await until(() => city.city.readings.listeners === 0);
  });

  it('are refused with the error of the subgraph', async () => {
    await using city = await remoteCity();
    const { each } = events(city, { device: 'dead' });
    expect(await refusalOf(each.next())).toContain('"NOT_FOUND"');
  });

  it('are refused with a clear error while the subgraph is away, and can be opened when it is back', async () => {
    await using city = await remoteCity();
    await city.port('readings').close();
    expect(await refusalOf(events(city).each.next())).toContain('readings cannot be reached');
    await city.restart('readings');
    const again = events(city);
    const first = again.each.next();
    await until(() => city.city.readings.listeners === 1);
    city.city.readings.publish('a');
    expect((await first).value).toEqual(reading('a'));
    await again.client.dispose();
  });

  it('keep giving events while another subgraph is gone', async () => {
    await using city = await remoteCity({ settings: { retriesMax: 0 } });
    await city.port('devices').close();
    const { client, each } = events(city, {}, 'subscription { reading { metric device { id secret } } }');
    const first = each.next();
    await until(() => city.city.readings.listeners === 1);
    city.city.readings.publish('a');
    const { value } = await first;
    expect(value).toMatchObject({
      data: { reading: { metric: 'PM2_5', device: { id: 'a', secret: null } } },
      errors: [{ extensions: { code: 'UNAVAILABLE', serviceName: 'devices' } }],
    });
    await client.dispose();
  });
});
