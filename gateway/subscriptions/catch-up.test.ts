import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../fixtures/served.ts';
import { type KeptChannel, keptCity, type SmallCity, smallCity } from '../fixtures/small-city.ts';
import { type SocketClient, socketClient } from '../fixtures/socket-client.ts';
import { openStream } from '../fixtures/stream-client.ts';
import { until } from '../fixtures/until.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

const SUBSCRIPTION = 'subscription { reading { device { id } } }';

let city: SmallCity & { readonly readings: KeptChannel };
let served: Served;
beforeEach(async () => {
  city = keptCity();
  served = await serve(city.subgraphs);
});
afterEach(() => served.close());

async function aClient(): Promise<SocketClient> {
  const client = await socketClient(served.wsUrl);
  await client.init();
  return client;
}

/** Devices that the events so far were about. */
const devicesOf = (client: SocketClient): readonly string[] =>
  client.messages.flatMap(({ type, payload }) => (type === 'next' ? [payload.data.reading.device.id] : []));
const publish = (...devices: readonly string[]): void => {
  for (const device of devices) city.readings.publish(device);
};

describe('a snapshot', () => {
  it('comes first, says that it is one, and what happens next follows without a gap', async () => {
    publish('a', 'b', 'a');
    const client = await aClient();
    client.subscribe('1', SUBSCRIPTION, { extensions: { snapshot: true } });
    await client.received(3);
    publish('c');
    const [, first, second, live] = await client.received(4);
    expect(first?.payload.extensions).toEqual({ snapshot: true });
    expect(second?.payload.extensions).toEqual({ snapshot: true, cursor: 'c000003' });
    expect(live?.payload.extensions).toEqual({ cursor: 'c000004' });
    expect(devicesOf(client)).toEqual(['a', 'b', 'c']);
  });

  it('is each client’s own, also where others listen already', async () => {
    publish('a');
    const [early, late] = [await aClient(), await aClient()];
    early.subscribe('1', SUBSCRIPTION);
    await until(() => city.readings.listeners === 1);
    late.subscribe('1', SUBSCRIPTION, { extensions: { snapshot: true } });
    await late.received(2);
    publish('b');
    await Promise.all([early.received(2), late.received(3)]);
    expect([devicesOf(early), devicesOf(late)]).toEqual([['b'], ['a', 'b']]);
    expect(city.readings.listeners).toBe(1);
  });

  it('of nothing is one message without an event, whose cursor can be gone on from', async () => {
    const client = await aClient();
    client.subscribe('1', SUBSCRIPTION, { extensions: { snapshot: true } });
    const [, complete] = await client.received(2);
    expect(complete).toEqual({
      id: '1',
      type: 'next',
      payload: { data: null, extensions: { snapshot: true, cursor: 'c000000' } },
    });
    publish('a');
    const [, , live] = await client.received(3);
    expect(live?.payload).toMatchObject({
      data: { reading: { device: { id: 'a' } } },
      extensions: { cursor: 'c000001' },
    });
    const again = await aClient();
    again.subscribe('1', SUBSCRIPTION, { extensions: { cursor: complete?.payload.extensions.cursor } });
    await again.received(2);
    expect(devicesOf(again)).toEqual(['a']);
  });

  it('of nothing is told as well where the subgraph does not say so', async () => {
    city.readings.past = () => noEvents();
    const client = await aClient();
    client.subscribe('1', SUBSCRIPTION, { extensions: { snapshot: true } });
    const [, complete] = await client.received(2);
    expect(complete?.payload).toEqual({ data: null, extensions: { snapshot: true } });
    publish('a');
    const [, , live] = await client.received(3);
    expect(live?.payload.extensions).toEqual({ cursor: 'c000001' });
  });

  it('of nothing is told over server-sent events, with its cursor as the id', async () => {
    const stream = await openStream(served.url, { query: SUBSCRIPTION, extensions: { snapshot: true } });
    await until(() => stream.text().includes('"snapshot":true'));
    expect(stream.text()).toContain(
      'event: next\nid: c000000\ndata: {"data":null,"extensions":{"snapshot":true,"cursor":"c000000"}}\n\n',
    );
    stream.gone.abort();
  });
});

async function* noEvents(): AsyncGenerator<never, undefined> {}

describe('a cursor', () => {
  it.each([0, 1, 2, 3, 4])('after event %i gives the rest in order, then what happens', async (taken) => {
    publish('a', 'b', 'c', 'd');
    const client = await aClient();
    client.subscribe('1', SUBSCRIPTION, { extensions: { cursor: `c00000${taken}` } });
    await client.received(5 - taken);
    await until(() => city.readings.listeners === 1);
    publish('e');
    await client.received(6 - taken);
    expect(devicesOf(client)).toEqual(['a', 'b', 'c', 'd', 'e'].slice(taken));
  });

  it('loses and doubles nothing while events keep coming, however they fall together', async () => {
    const settings = { ...DEFAULT_SETTINGS.streams, batchEventsMax: 3, waitingEventsMax: 40 };
    await served.close();
    served = await serve(city.subgraphs, { streams: settings });
    const total = 600;
    const everyone = Array.from({ length: total }, (_, index) => `d${index}`);
    const clients: SocketClient[] = [];
    for (let index = 0; index < total; index += 1) {
      publish(`d${index}`);
      if (index % 100 === 50) {
        const client = await aClient();
        client.subscribe('1', SUBSCRIPTION, { extensions: { cursor: 'c000000' } });
        clients.push(client);
      }
      if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const client of clients) {
      await until(() => devicesOf(client).length >= total);
      expect(devicesOf(client)).toEqual(everyone);
    }
  });

  it('executes once what several clients missed', async () => {
    publish('a', 'b', 'c');
    const holding = await aClient();
    holding.subscribe('1', SUBSCRIPTION, { extensions: { cursor: 'c000000' } });
    const others = await Promise.all(Array.from({ length: 5 }, aClient));
    for (const client of others) client.subscribe('1', SUBSCRIPTION, { extensions: { cursor: 'c000000' } });
    for (const client of [holding, ...others]) {
      await until(() => devicesOf(client).length === 3);
      expect(devicesOf(client)).toEqual(['a', 'b', 'c']);
    }
    expect(city.resolved.get('event')).toBe(3);
  });

  it('that is too old is refused by its code, and answered with a snapshot where one was asked for as well', async () => {
    publish('a', 'b', 'c');
    city.readings.keep(1);
    const client = await aClient();
    client.subscribe('1', SUBSCRIPTION, { extensions: { cursor: 'c000001' } });
    const [, refused] = await client.received(2);
    expect(refused?.payload.errors).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }]);
    client.subscribe('2', SUBSCRIPTION, { extensions: { cursor: 'c000001', snapshot: true } });
    await until(() => client.messages.some(({ id, type }) => id === '2' && type === 'next'));
    expect(client.messages.at(-1)?.payload.extensions).toEqual({ snapshot: true, cursor: 'c000003' });
  });

  it.each([
    [{ cursor: 'nonsense' }, 'BAD_CURSOR'],
    [{ cursor: 7 }, 'BAD_USER_INPUT'],
    [{ cursor: '' }, 'BAD_USER_INPUT'],
    [{ snapshot: 'yes' }, 'BAD_USER_INPUT'],
    [[], 'BAD_USER_INPUT'],
  ])('that is none is refused: %j', async (extensions, code) => {
    const stream = await openStream(served.url, { query: SUBSCRIPTION, extensions });
    await stream.ended;
    expect(stream.response.status).toBe(400);
    expect(JSON.parse(stream.text()).errors).toMatchObject([{ extensions: { code } }]);
    expect(city.readings.listeners).toBe(0);
    expect(served.metrics.exposition()).toContain('gateway_subscription_groups 0');
  });

  it('is refused by a subgraph that keeps no past', async () => {
    await served.close();
    const forgetful = smallCity();
    served = await serve(forgetful.subgraphs);
    const stream = await openStream(served.url, { query: SUBSCRIPTION, extensions: { snapshot: true } });
    await stream.ended;
    expect(JSON.parse(stream.text()).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', field: 'extensions' } },
    ]);
    expect(forgetful.readings.listeners).toBe(0);
  });
});

describe('server-sent events', () => {
  it('carry the cursor as their id, and go on after the last one that a browser names', async () => {
    publish('a', 'b');
    const extensions = { snapshot: true };
    const first = await openStream(served.url, { query: SUBSCRIPTION, method: 'GET', extensions });
    await until(() => first.text().includes('id: c000002\n'));
    first.gone.abort();
    await until(() => city.readings.listeners === 0);
    publish('c');
    const headers = { 'last-event-id': 'c000002' };
    const again = await openStream(served.url, { query: SUBSCRIPTION, method: 'GET', extensions, headers });
    await until(() => again.text().includes('id: c000003\n'));
    expect(again.text()).toBe(
      ':\n\nevent: next\nid: c000003\ndata: {"data":{"reading":{"device":{"id":"c"}}},"extensions":{"cursor":"c000003"}}\n\n',
    );
    again.gone.abort();
  });

  it('answer 410 for a cursor that is too old', async () => {
    publish('a', 'b', 'c');
    city.readings.keep(1);
    const headers = { 'last-event-id': 'c000001' };
    const { response } = await openStream(served.url, { query: SUBSCRIPTION, headers });
    expect(response.status).toBe(410);
  });
});

describe('a client that leaves while it catches up', () => {
  it('leaves nothing behind', async () => {
    publish(...Array.from({ length: 500 }, (_, index) => `d${index}`));
    const client = await aClient();
    client.subscribe('1', SUBSCRIPTION, { extensions: { cursor: 'c000000' } });
    await client.received(2);
    client.socket.terminate();
    await until(() => city.readings.listeners === 0);
    expect(served.metrics.exposition()).toContain('gateway_subscription_groups 0');
  });

  it('and is slow is given what it missed at its own pace', async () => {
    await served.close();
    const streams = { ...DEFAULT_SETTINGS.streams, bufferedBytesMax: 16_384, waitingBytesMax: 16_384 };
    served = await serve(city.subgraphs, { streams });
    const total = 3_000;
    publish(...Array.from({ length: total }, (_, index) => `${'x'.repeat(500)}${index}`));
    const client = await aClient();
    client.socket.pause();
    client.subscribe('1', SUBSCRIPTION, { extensions: { cursor: 'c000000' } });
    await until(() => city.readings.listeners === 1);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    publish('end');
    client.socket.resume();
    await until(() => devicesOf(client).length === total + 1);
    expect(devicesOf(client).at(-1)).toBe('end');
    expect(served.metrics.exposition()).toContain('gateway_slow_clients_total 0');
  });
});
