import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { supergraphOf } from './fixtures/composed.ts';
import { remoteCity } from './fixtures/remote-city.ts';
import { type Served, serve } from './fixtures/served.ts';
import { type KeptChannel, keptCity, type SmallCity, smallCity } from './fixtures/small-city.ts';
import { type SocketClient, socketClient } from './fixtures/socket-client.ts';
import { until } from './fixtures/until.ts';

const SUBSCRIPTION = 'subscription { reading { device { id name } } }';

const WITHOUT_CURSORS = [
  { of: 'in this process', open: (of: SmallCity) => serve(of.subgraphs) },
  { of: 'in another', open: (of: SmallCity) => remoteCity({ city: of }) },
];

let city: SmallCity & { readonly readings: KeptChannel };
let served: Served;
beforeEach(async () => {
  city = keptCity();
  served = await serve(city.subgraphs);
});
afterEach(() => served.close());

/** The supergraph of the small city with some text of its subgraphs replaced. */
function changed(from: string, to: string): string {
  return supergraphOf(city.subgraphs.map((subgraph) => ({ ...subgraph, sdl: subgraph.sdl.replace(from, to) })));
}
const withoutMood = () => changed('mood(how: String = "fine"): String', '');
const described = (version: number) => changed('type Zone', `"Version ${version}." type Zone`);

async function aSubscriber(query: string, extensions: object = {}): Promise<SocketClient> {
  const client = await socketClient(served.wsUrl);
  await client.init();
  client.subscribe('1', query, { extensions });
  return client;
}

const devicesOf = (client: SocketClient): readonly string[] =>
  client.messages.flatMap(({ type, payload }) => (type === 'next' ? [payload.data.reading.device.id] : []));

describe('another supergraph', () => {
  it('is what new requests are answered by, at once', async () => {
    const query = '{ of(id: "a") { device { mood } } }';
    expect((await served.ask(query)).body.data).toEqual({ of: { device: { mood: 'a is fine' } } });
    await served.gateway.reload(withoutMood());
    expect((await served.ask(query)).body.errors).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    expect(served.gateway.supergraph().version).toMatch(/^[0-9a-f]{12}$/);
  });

  it('comes without a failed request', async () => {
    let asking = true;
    let answered = 0;
    const lanes = Array.from({ length: 8 }, async () => {
      while (asking) {
        const { status, body } = await served.ask('{ devices { name latest { value } } }');
        expect([status, body.errors]).toEqual([200, undefined]);
        answered += 1;
      }
    });
    for (let version = 0; version < 5; version += 1) {
      const enough = answered + 20;
      await served.gateway.reload(described(version));
      await until(() => answered >= enough);
    }
    asking = false;
    await Promise.all(lanes);
    expect(answered).toBeGreaterThan(100);
  });

  it('that is the same changes nothing', async () => {
    const before = served.gateway.supergraph();
    await served.gateway.reload(supergraphOf(city.subgraphs));
    expect(served.gateway.supergraph()).toBe(before);
  });
});

describe('a subscription', () => {
  it('goes on over many reloads, with each event once and in order, and one upstream at the end', async () => {
    const clients = await Promise.all(Array.from({ length: 3 }, () => aSubscriber(SUBSCRIPTION)));
    await until(() => city.readings.listeners === 1);
    const catching = await aSubscriber(SUBSCRIPTION, { cursor: 'c000000' });
    let count = 0;
    let publishing = true;
    const publisher = (async () => {
      while (publishing) {
        city.readings.publish(`d${count}`);
        count += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let version = 0; version < 6; version += 1) {
      await served.gateway.reload(described(version));
      const enough = count + 20;
      await until(() => count >= enough);
    }
    publishing = false;
    await publisher;
    const everyone = Array.from({ length: count }, (_, index) => `d${index}`);
    await until(() => devicesOf(catching).length >= count);
    expect(devicesOf(catching)).toEqual(everyone);
    for (const client of clients) {
      await until(() => devicesOf(client).at(-1) === everyone.at(-1));
      expect(devicesOf(client)).toEqual(everyone.slice(-devicesOf(client).length));
    }
    await served.clock.advance(2_000);
    expect(city.readings.listeners).toBe(1);
  });

  it('of which nothing happens during the reload is listened to once soon after', async () => {
    const client = await aSubscriber(SUBSCRIPTION);
    await until(() => city.readings.listeners === 1);
    await served.gateway.reload(described(1));
    expect(city.readings.listeners).toBe(2);
    await served.clock.advance(2_000);
    expect(city.readings.listeners).toBe(1);
    city.readings.publish('a');
    await until(() => devicesOf(client).length === 1);
  });

  it('that is no longer valid ends with the reason, and the others go on', async () => {
    const [ending, staying] = await Promise.all([
      aSubscriber('subscription { reading { device { id mood } } }'),
      aSubscriber(SUBSCRIPTION),
    ]);
    await until(() => city.readings.listeners === 2);
    await served.gateway.reload(withoutMood());
    const [, ended] = await ending.received(2);
    expect(ended).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    city.readings.publish('a');
    await until(() => devicesOf(staying).length === 1);
    await served.clock.advance(2_000);
    expect(city.readings.listeners).toBe(1);
  });

  it.each(WITHOUT_CURSORS)(
    'is given each event once and in order where they have no cursors: $of',
    async ({ open }) => {
      await served.close();
      const forgetful = smallCity();
      const opened = await open(forgetful);
      served = opened;
      const client = await aSubscriber(SUBSCRIPTION);
      await until(() => forgetful.readings.listeners === 1);
      let count = 0;
      const publish = (events: number): void => {
        for (const end = count + events; count < end; count += 1) forgetful.readings.publish(`d${count}`);
      };
      for (let version = 0; version < 12; version += 1) {
        // Before, while and after the new source begins, some and many at once.
        publish(version);
        const reloaded = served.gateway.reload(described(version));
        let reloading = true;
        void reloaded.finally(() => {
          reloading = false;
        });
        while (reloading) {
          publish(1 + (version % 3));
          await new Promise((resolve) => setImmediate(resolve));
        }
        publish(version * 2);
        await until(() => devicesOf(client).length >= count);
      }
      publish(1);
      await until(() => devicesOf(client).at(-1) === `d${count - 1}`);
      expect(devicesOf(client)).toEqual(Array.from({ length: count }, (_, index) => `d${index}`));
      await served.clock.advance(2_000);
      await until(() => forgetful.readings.listeners === 1);
      await opened[Symbol.asyncDispose]();
    },
  );

  it('stays while its subgraph is away during the reload, and misses nothing that has a cursor', async () => {
    await served.close();
    const remote = await remoteCity({ city });
    served = remote;
    const client = await aSubscriber(SUBSCRIPTION);
    await until(() => city.readings.listeners === 1);
    city.readings.publish('a');
    await until(() => devicesOf(client).length === 1);
    const port = remote.port('readings');
    port.cut();
    await port.close();
    await until(() => city.readings.listeners === 0);
    for (let version = 0; version < 3; version += 1) await served.gateway.reload(described(version));
    const many = Array.from({ length: 2_500 }, (_, index) => `d${index}`);
    many.map(city.readings.publish);
    await remote.restart('readings');
    await remote.whileTimePasses(until(() => devicesOf(client).length > many.length));
    await remote.whileTimePasses(until(() => city.readings.listeners === 1));
    city.readings.publish('b');
    await until(() => devicesOf(client).at(-1) === 'b');
    expect(devicesOf(client)).toEqual(['a', ...many, 'b']);
    await remote[Symbol.asyncDispose]();
  });
});

/** The supergraph with a feature that whoever serves it has to honour. */
function withFeature(sdl: string, feature: string): string {
  const link = `@link(url: "https://specs.apollo.dev/${feature}", for: SECURITY)`;
  return sdl.replace('@link(', `${link}\n  @link(`);
}

describe('a supergraph that cannot be served', () => {
  it.each([
    ['nonsense', () => 'this is no supergraph'],
    ['a schema that is none', () => 'type Query { a: Int }'],
    ['@context, which nobody here honours', () => withFeature(supergraphOf(city.subgraphs), 'context/v0.1')],
    ['an unknown subgraph', () => supergraphOf(city.subgraphs).replace('name: "devices"', 'name: "nobody"')],
  ])('is refused by its code, and the one before stays: %s', async (_, sdl) => {
    const { version } = served.gateway.supergraph();
    await expect(served.gateway.reload(sdl())).rejects.toMatchObject({ code: 'BAD_SUPERGRAPH' });
    expect((await served.ask('{ device(id: "a") { name } }')).body.data).toEqual({ device: { name: 'Device a' } });
    expect(served.gateway.supergraph()).toMatchObject({ version, refused: { reason: expect.any(String) } });
    await served.gateway.reload(described(1));
    expect(served.gateway.supergraph().refused).toBeUndefined();
  });
});
