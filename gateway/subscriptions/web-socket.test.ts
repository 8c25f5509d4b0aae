import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { CALLED_BACK, NOW_MS, type Served, serve, testToken } from '../fixtures/served.ts';
import { type SmallCity, smallCity } from '../fixtures/small-city.ts';
import { socketClient } from '../fixtures/socket-client.ts';
import { until } from '../fixtures/until.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

const SUBSCRIPTION = 'subscription { reading { metric device { id name } } }';

let city: SmallCity;
let served: Served;
beforeEach(async () => {
  city = smallCity();
  served = await serve(city.subgraphs);
});
afterEach(() => served.close());

const rawClient = (url = served.wsUrl, protocol?: string) => socketClient(url, protocol);

describe('a subscription over WebSocket', () => {
  it('joins each event over the subgraphs', async () => {
    const client = createClient({ url: served.wsUrl, webSocketImpl: WebSocket });
    const events = client.iterate({ query: SUBSCRIPTION });
    const first = events.next();
    await until(() => city.readings.listeners === 1);
    city.readings.publish('a');
    expect((await first).value).toEqual({
      data: { reading: { metric: 'PM2_5', device: { id: 'a', name: 'Device a' } } },
    });
    await client.dispose();
    await until(() => city.readings.listeners === 0);
  });

  it('shares one upstream and one execution of each event with equal ones', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient()));
    for (const [index, client] of clients.entries()) {
      await client.init();
      client.say({ id: `s${index}`, type: 'subscribe', payload: { query: SUBSCRIPTION } });
    }
    await until(() => city.readings.listeners === 1);
    await until(() => served.metrics.exposition().includes('gateway_subscription_groups 1'));
    // A ping is answered in order, so every subscribe has been read by then.
    for (const client of clients) client.say({ type: 'ping' });
    for (const client of clients) await client.received(2);
    city.readings.publish('a');
    for (const [index, client] of clients.entries()) {
      expect((await client.received(3))[2]).toMatchObject({ id: `s${index}`, type: 'next' });
    }
    expect(city.readings.listeners).toBe(1);
    expect(city.resolved.get('event')).toBe(1);
    for (const client of clients) client.socket.close();
    await until(() => city.readings.listeners === 0);
  });

  it('joins events that arrive together in one fetch', async () => {
    const client = await rawClient();
    await client.init();
    client.say({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } });
    await until(() => city.readings.listeners === 1);
    for (let index = 0; index < 50; index += 1) city.readings.publish('a');
    expect(await client.received(51)).toHaveLength(51);
    expect(city.resolved.get('device')).toBeLessThanOrEqual(2);
  });

  it.each([
    ['subscription ($no: Boolean!) { reading @skip(if: $no) { metric } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'subscription ($no: Boolean = true) { ... on Subscription @include(if: $no) { reading { metric } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['subscription { reading @skip(if: true) { metric } }', 'BAD_USER_INPUT'],
  ])('is refused where its field may be skipped: %s', async (query, code) => {
    const client = await rawClient();
    await client.init();
    client.subscribe('1', query, { variables: { no: true } });
    const [, refused] = await client.received(2);
    expect(JSON.stringify(refused)).toContain(`"code":"${code}"`);
    expect(served.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('does not share with a viewer of another identity', async () => {
    const anonymous = await rawClient();
    const signedIn = await rawClient();
    await anonymous.init();
    await signedIn.init({ authorization: `Bearer ${testToken('u')}` });
    for (const client of [anonymous, signedIn])
      client.say({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } });
    await until(() => city.readings.listeners === 2);
  });

  it('reports what the subgraph refuses, by its code', async () => {
    const client = await rawClient();
    await client.init();
    client.say({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { reading(device: "dead") { metric } }' },
    });
    const [, next, complete] = await client.received(3);
    expect(next).toMatchObject({
      id: '1',
      payload: { errors: [{ extensions: { code: 'NOT_FOUND', serviceName: 'readings' } }] },
    });
    expect(complete).toEqual({ id: '1', type: 'complete' });
  });

  it('ends with 4403 when the token does', async () => {
    const client = await rawClient();
    await client.init({ authorization: `Bearer ${testToken('u', NOW_MS + 5_000)}` });
    await served.clock.advance(5_000);
    expect(await client.closed).toEqual({ code: 4403, reason: 'The token has ended' });
  });
});

it('ends with 4403 within half a minute when the token is called back', async () => {
  const client = await rawClient();
  await client.init({ authorization: `Bearer ${testToken('fired')}` });
  CALLED_BACK.add('fired');
  await served.clock.advance(30_000);
  expect(await client.closed).toEqual({ code: 4403, reason: 'The token has ended' });
});

describe('the protocol', () => {
  it('closes 4403 for a token that is not valid', async () => {
    const client = await rawClient();
    client.say({ type: 'connection_init', payload: { authorization: 'Bearer forged' } });
    expect((await client.closed).code).toBe(4403);
  });

  it('closes 4406 for a client that does not name it', async () => {
    const client = await rawClient(served.wsUrl, '');
    expect((await client.closed).code).toBe(4406);
  });

  it('accepts no other one', async () => {
    await expect(rawClient(served.wsUrl, 'graphql-ws')).rejects.toThrow(/subprotocol/i);
  });

  it('closes 4408 for a client that does not say who it is in time', async () => {
    await served.close();
    served = await serve(city.subgraphs, { streams: { ...DEFAULT_SETTINGS.streams, connectionInitMs: 20 } });
    const client = await rawClient();
    expect((await client.closed).code).toBe(4408);
  });

  it('closes 4500 when something unforeseen happens, and keeps what it was to the log', async () => {
    const client = await rawClient();
    client.say({ type: 'connection_init', payload: { authorization: 'Bearer test.notJson' } });
    expect(await client.closed).toEqual({ code: 4500, reason: 'Internal server error' });
    expect(served.log.entries.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('closes 4401 for a subscription before connection_init, 4429 for two of them, 4400 for nonsense', async () => {
    const early = await rawClient();
    early.say({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } });
    expect((await early.closed).code).toBe(4401);
    const twice = await rawClient();
    await twice.init();
    twice.say({ type: 'connection_init' });
    expect((await twice.closed).code).toBe(4429);
    const nonsense = await rawClient();
    nonsense.say('{"type":');
    expect((await nonsense.closed).code).toBe(4400);
  });

  it.each([
    { id: '1', type: 'next', payload: {} },
    { id: '1', type: 'error', payload: [] },
    { type: 'connection_ack' },
    { type: 'hello' },
    { id: '', type: 'complete' },
    { id: 5, type: 'complete' },
    [],
    null,
  ])('closes 4400 for what no client says, and the log has no error: %j', async (message) => {
    const client = await rawClient();
    await client.init();
    client.say(JSON.stringify(message));
    expect((await client.closed).code).toBe(4400);
    expect(served.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('takes no notice of a complete for an id that it does not know, and takes an id again that is free', async () => {
    const client = await rawClient();
    await client.init();
    client.say({ id: 'unknown', type: 'complete' });
    for (const count of [3, 5]) {
      client.subscribe('1', '{ __typename }');
      await client.received(count);
    }
    expect(client.messages.map(({ type }) => type)).toEqual(['connection_ack', 'next', 'complete', 'next', 'complete']);
  });

  it.each([
    ['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007],
    ['a frame without a mask', [0x81, 0x02, 0x7b, 0x7d], 1002],
    ['a reserved bit', [0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d], 1002],
    ['a piece of no message', [0x80, 0x81, 0, 0, 0, 0, 0x7b], 1002],
    ['a ping in pieces', [0x09, 0x81, 0, 0, 0, 0, 0x7b], 1002],
    ['a length beyond all', [0x81, 0xff, 0x7f, ...Array(7).fill(0xff), 0, 0, 0, 0], 1009],
  ])('closes by the protocol below for %s', async (_, bytes, code) => {
    const client = await rawClient();
    await client.init();
    (client.socket as unknown as { _socket: { write(frame: Buffer): void } })._socket.write(Buffer.from(bytes));
    expect((await client.closed).code).toBe(code);
  });

  it('refuses an id that is longer than any', async () => {
    const client = await rawClient();
    await client.init();
    client.subscribe('x'.repeat(1_025), '{__typename}');
    client.subscribe('y'.repeat(1_024), '{__typename}');
    const messages = await client.received(4);
    const told = (type: string) => messages.find((message) => message.type === type);
    expect(told('error')).toMatchObject({
      id: 'x'.repeat(1_025),
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(told('next')).toMatchObject({ id: 'y'.repeat(1_024) });
    client.socket.terminate();
  });

  it('closes 4429 for more messages or pings at once than there may be', async () => {
    for (const say of ['{"type":"ping"}', undefined]) {
      const client = await rawClient();
      await client.init();
      for (let count = 0; count < 501; count += 1) {
        if (say === undefined) client.socket.ping();
        else client.say(say);
      }
      expect(await client.closed).toEqual({ code: 4429, reason: 'Too many messages' });
    }
  });

  it('answers a ping of the protocol below with what came with it', async () => {
    const client = await rawClient();
    const pong = new Promise((resolve) => client.socket.once('pong', (data) => resolve(String(data))));
    client.socket.ping('here?');
    expect(await pong).toBe('here?');
    client.socket.terminate();
  });

  it('closes 1008 for a message in more pieces than anybody sends', async () => {
    const client = await rawClient();
    for (let piece = 0; piece < 200; piece += 1) client.socket.send(' ', { fin: false });
    expect((await client.closed).code).toBe(1008);
  });

  it('closes 4400 for JSON that is nested without end', async () => {
    const client = await rawClient();
    client.say(`{"type":"ping","payload":${'['.repeat(200)}${']'.repeat(200)}}`);
    expect((await client.closed).code).toBe(4400);
  });

  it('closes 4409 for an id in use', async () => {
    const client = await rawClient();
    await client.init();
    client.say({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } });
    client.say({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } });
    expect((await client.closed).code).toBe(4409);
  });

  it('closes 1009 for a message over 64 KiB', async () => {
    const client = await rawClient();
    await client.init();
    client.say(`{"type":"ping","payload":{"x":"${'x'.repeat(70_000)}"}}`);
    expect((await client.closed).code).toBe(1009);
  });

  it('answers queries within the same limits', async () => {
    const client = await rawClient();
    await client.init();
    client.say({ id: 'q', type: 'subscribe', payload: { query: '{ device(id: "a") { name } }' } });
    const aliases = Array.from({ length: 40 }, (_, index) => `a${index}: name`).join(' ');
    const [, answer, complete] = await client.received(3);
    expect(answer).toEqual({ id: 'q', type: 'next', payload: { data: { device: { name: 'Device a' } } } });
    expect(complete).toEqual({ id: 'q', type: 'complete' });
    client.say({ id: 'r', type: 'subscribe', payload: { query: `{ device(id: "a") { ${aliases} } }` } });
    expect((await client.received(4))[3]).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'TOO_COSTLY' } }],
    });
  });

  it('refuses more operations at a time than a connection may have', async () => {
    const client = await rawClient();
    await client.init();
    const { subscriptionsPerSocketMax } = DEFAULT_SETTINGS.streams;
    for (let index = 0; index <= subscriptionsPerSocketMax; index += 1) {
      client.say({ id: `s${index}`, type: 'subscribe', payload: { query: SUBSCRIPTION } });
    }
    expect((await client.received(2))[1]).toMatchObject({
      id: `s${subscriptionsPerSocketMax}`,
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
  });

  it('hangs up on somebody who subscribes 10,000 times at once, says why, and serves the others', async () => {
    const [greedy, other] = [await rawClient(), await rawClient()];
    await Promise.all([greedy.init(), other.init()]);
    other.subscribe('1', SUBSCRIPTION);
    await until(() => city.readings.listeners === 1);
    for (let index = 0; index < 10_000; index += 1) {
      greedy.subscribe(`s${index}`, `subscription { reading(device: "d${index}") { metric } }`);
    }
    expect(await greedy.closed).toEqual({ code: 4429, reason: 'Too many messages' });
    await until(() => city.readings.listeners === 1);
    city.readings.publish('a');
    expect((await other.received(2))[1]).toMatchObject({ type: 'next', payload: { data: { reading: {} } } });
    other.socket.close();
    await until(() => city.readings.listeners === 0);
    await until(() => served.metrics.exposition().includes('gateway_subscription_groups 0'));
  });

  it('says goodbye when the gateway closes', async () => {
    const client = await rawClient();
    await client.init();
    client.say({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } });
    await until(() => city.readings.listeners === 1);
    await served.gateway.close();
    expect((await client.closed).code).toBe(1001);
    expect(city.readings.listeners).toBe(0);
  });

  it('does not upgrade elsewhere than at /graphql', async () => {
    const refused = await rawClient(served.wsUrl.replace('/graphql', '/other')).catch((error: Error) => error);
    expect(String(refused)).toContain('404');
  });
});

describe('a client that takes nothing', () => {
  it('costs a bounded amount of memory, is closed, and reads 4429 when it reads again', async () => {
    await served.close();
    const streams = { ...DEFAULT_SETTINGS.streams, bufferedBytesMax: 16_384, waitingBytesMax: 16_384, conflateBy: {} };
    served = await serve(city.subgraphs, { streams });
    const client = await rawClient();
    await client.init();
    client.say({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { reading { metric value device { id } } }' },
    });
    await until(() => city.readings.listeners === 1);
    client.socket.pause();
    while (city.readings.listeners > 0) {
      for (let index = 0; index < 200; index += 1) city.readings.publish('x'.repeat(1_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(served.metrics.exposition()).toContain('gateway_slow_clients_total 1');
    // What it says while it is closed is heard by nobody.
    client.say({ id: '2', type: 'subscribe', payload: { query: SUBSCRIPTION } });
    client.socket.resume();
    expect(await client.closed).toEqual({ code: 4429, reason: 'Messages were not taken in time' });
    expect(city.readings.listeners).toBe(0);
    await until(() => served.metrics.exposition().includes('gateway_web_sockets 0'));
  });
});
