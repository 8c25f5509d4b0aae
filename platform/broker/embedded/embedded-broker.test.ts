import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../clock/manual-clock.ts';
import { systemClock } from '../../clock/system-clock.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { memoryMetrics } from '../../metrics/memory-metrics.ts';
import type { Metrics } from '../../metrics/port.ts';
import { brokerContract } from '../contract.ts';
import { type ToldHandlers, textOf, toldHandlers } from '../fixtures/handlers.ts';
import {
  connectBytes,
  packet,
  publishBytes,
  type RawClient,
  rawClient,
  subscribeBytes,
} from '../fixtures/raw-client.ts';
import type { Broker } from '../port.ts';
import { openEmbeddedBroker } from './embedded-broker.ts';

const START_MS = Date.UTC(2026, 10, 24);
const LIMITS = { payloadBytesMax: 100, inFlightPerClientMax: 4, inFlightMax: 8, clientsMax: 3 };
const ACCEPTED = [0x20, 2, 0, 0];

brokerContract({
  name: 'the embedded broker',
  capabilities: { asksHandlers: true, acknowledgesWhenDurable: true, tellsLastWills: true, boundsEachClient: true },
  async open({ handlers, limits }) {
    const start = () =>
      openEmbeddedBroker({
        ...{ host: '127.0.0.1', port: 0, handlers, limits },
        ...{ clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() },
      });
    return {
      broker: await start(),
      root: '',
      admit: async () => undefined,
      reopen: start,
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
});

describe('the embedded broker', () => {
  let handlers: ToldHandlers;
  let clock: ManualClock;
  let metrics: Metrics;
  let broker: Broker;
  let neighbour: RawClient;
  const clients: RawClient[] = [];

  beforeEach(async () => {
    handlers = toldHandlers();
    clock = manualClock(START_MS);
    metrics = memoryMetrics();
    const port = { host: '127.0.0.1', port: 0 };
    broker = await openEmbeddedBroker({ ...port, handlers, limits: LIMITS, clock, log: memoryLog(), metrics });
    neighbour = await signedIn({ username: 'neighbour' });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.drop();
    await broker.close();
  });

  async function open(): Promise<RawClient> {
    const client = await rawClient(broker.port);
    clients.push(client);
    return client;
  }

  async function signedIn(fields: Parameters<typeof connectBytes>[0] = {}): Promise<RawClient> {
    const client = await open();
    client.send(connectBytes(fields));
    expect((await client.receive(4))[3]).toBe(0);
    return client;
  }

  async function neighbourIsServed(): Promise<void> {
    neighbour.send(publishBytes('neighbour/m', 'still here', 7));
    expect(await neighbour.receive(4)).toEqual([0x40, 2, 0, 7]);
  }

  const counted = (reason: string) =>
    metrics.exposition().includes(`mqtt_sessions_ended_total{reason="${reason}"} 1\n`);

  const rubbish: readonly { readonly what: string; readonly reason: string; readonly bytes: readonly number[] }[] = [
    { what: 'an HTTP request', reason: 'BAD_CONNECT', bytes: [...Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')] },
    { what: 'a length of five bytes', reason: 'BAD_LENGTH', bytes: [0x10, 255, 255, 255, 255, 1] },
    { what: 'a packet of 256 MiB', reason: 'PACKET_TOO_LARGE', bytes: [0x10, 255, 255, 255, 127] },
    { what: 'a CONNECT that ends too early', reason: 'BAD_CONNECT', bytes: packet(0x10, [0, 4, 77, 81, 84, 84, 4]) },
    { what: 'a CONNECT with text that is not UTF-8', reason: 'BAD_CONNECT', bytes: connectBytes({ username: '\xff' }) },
    { what: 'a PUBLISH before any CONNECT', reason: 'BAD_CONNECT', bytes: publishBytes('a/m', 'x', 1) },
    {
      what: 'a CONNECT with bytes behind its end',
      reason: 'BAD_CONNECT',
      bytes: packet(0x10, [...connectBytes().slice(2), 1]),
    },
  ];
  it.each(rubbish)(
    'ends a connection that opens with $what, counts it and disturbs no other',
    async ({ bytes, reason }) => {
      const client = await open();
      client.send(bytes);
      expect(await client.ended).toEqual([]);
      expect(counted(reason)).toBe(true);
      await neighbourIsServed();
    },
  );

  const breaches: readonly { readonly what: string; readonly reason: string; readonly bytes: readonly number[] }[] = [
    { what: 'a second CONNECT', reason: 'UNEXPECTED_PACKET', bytes: connectBytes() },
    { what: 'a packet that only a broker sends', reason: 'UNEXPECTED_PACKET', bytes: packet(0x20, [0, 0]) },
    { what: 'a PUBLISH with packet id 0', reason: 'BAD_PUBLISH', bytes: publishBytes('station/m', 'x', 0) },
    { what: 'a PUBLISH with QoS 3', reason: 'BAD_PUBLISH', bytes: packet(0x36, [0, 1, 97, 0, 1]) },
    { what: 'a PUBLISH whose topic is longer than the packet', reason: 'BAD_PUBLISH', bytes: packet(0x30, [0, 9, 97]) },
    { what: 'a PUBLISH to a filter', reason: 'BAD_TOPIC', bytes: publishBytes('station/#', 'x', 1) },
    { what: 'a PUBLISH to no topic', reason: 'BAD_TOPIC', bytes: publishBytes('', 'x', 1) },
    { what: 'a SUBSCRIBE without a filter', reason: 'BAD_SUBSCRIBE', bytes: packet(0x82, [0, 1]) },
    { what: 'a SUBSCRIBE with wrong flags', reason: 'BAD_SUBSCRIBE', bytes: packet(0x80, [0, 1, 0, 1, 97, 0]) },
    { what: 'a PUBACK of three bytes', reason: 'BAD_ACKNOWLEDGEMENT', bytes: packet(0x40, [0, 1, 2]) },
  ];
  it.each(breaches)('ends a session that sends $what, counts it and disturbs no other', async ({ bytes, reason }) => {
    const client = await signedIn();
    client.send(bytes);
    await client.ended;
    expect(counted(reason)).toBe(true);
    await neighbourIsServed();
  });

  it('refuses MQTT 5 with the code that says why', async () => {
    const client = await open();
    client.send(connectBytes({ level: 5 }));
    expect(await client.ended).toEqual([0x20, 2, 0, 1]);
    expect(counted('BAD_PROTOCOL_LEVEL')).toBe(true);
  });

  it('refuses a client without an id that wants its session kept', async () => {
    const client = await open();
    client.send(connectBytes({ clientId: '', cleanSession: false }));
    expect(await client.ended).toEqual([0x20, 2, 0, 2]);
  });

  it('refuses a client whose last will goes where it may not publish', async () => {
    const client = await open();
    client.send(connectBytes({ will: { topic: 'neighbour/status', payload: 'x' } }));
    expect(await client.ended).toEqual([0x20, 2, 0, 5]);
    expect(metrics.exposition()).toContain('mqtt_connections_refused_total{reason="FOREIGN_WILL"} 1\n');
  });

  it('says that it is not available when a sign-in cannot be checked', async () => {
    handlers.signIn = () => Promise.reject(new Error('the directory is closed'));
    const client = await open();
    client.send(connectBytes());
    expect(await client.ended).toEqual([0x20, 2, 0, 3]);
  });

  it('ends a connection that has not introduced itself within 10 s', async () => {
    const client = await open();
    await clock.advance(9_000);
    client.send([0x10]);
    await clock.advance(2_000);
    await client.ended;
    expect(counted('NO_CONNECT')).toBe(true);
    await neighbourIsServed();
  });

  it('ends a session that is silent for more than one and a half times its keep-alive, and publishes its will', async () => {
    const client = await signedIn({ keepAliveS: 10, will: { topic: 'station/status', payload: 'gone' } });
    await clock.advance(14_000);
    client.send(packet(0xc0, []));
    expect(await client.receive(2)).toEqual([0xd0, 0]);
    await clock.advance(15_000);
    client.send(packet(0xc0, []));
    expect(await client.receive(2)).toEqual([0xd0, 0]);
    await clock.advance(17_000);
    await client.ended;
    await handlers.receivedCount(1);
    expect(handlers.received).toMatchObject([{ topic: 'station/status', lastWill: true }]);
    expect(counted('KEEP_ALIVE')).toBe(true);
  });

  it('keeps a session when somebody sets the clock a day ahead', async () => {
    const client = await signedIn({ keepAliveS: 10, will: { topic: 'station/status', payload: 'gone' } });
    clock.set(START_MS + 86_400_000);
    await clock.advance(9_000);
    client.send(packet(0xc0, []));
    expect(await client.receive(2)).toEqual([0xd0, 0]);
    expect(handlers.received).toEqual([]);
  });

  it('takes packets however they are cut, byte by byte or several at once', async () => {
    const client = await open();
    for (const byte of connectBytes()) client.send([byte]);
    expect(await client.receive(4)).toEqual(ACCEPTED);
    for (const byte of publishBytes('station/m', 'one', 1)) client.send([byte]);
    expect(await client.receive(4)).toEqual([0x40, 2, 0, 1]);
    client.send([2, 3, 4].flatMap((id) => publishBytes('station/m', `no. ${id}`, id)));
    expect(await client.receive(12)).toEqual([0x40, 2, 0, 2, 0x40, 2, 0, 3, 0x40, 2, 0, 4]);
    expect(handlers.received.map(textOf)).toEqual(['one', 'no. 2', 'no. 3', 'no. 4']);
  });

  it('takes what a client sends before it knows that it is signed in', async () => {
    const client = await open();
    client.send([...connectBytes(), ...publishBytes('station/m', 'early', 9)]);
    expect(await client.receive(8)).toEqual([...ACCEPTED, 0x40, 2, 0, 9]);
  });

  it('acknowledges in the order of arrival, whatever is durable first', async () => {
    const done = new Map<string, () => void>();
    handlers.durable = (message) => new Promise((resolve) => done.set(textOf(message), resolve));
    const client = await signedIn();
    client.send(['a', 'b', 'c'].flatMap((text, index) => publishBytes('station/m', text, index + 1)));
    await handlers.receivedCount(3);
    for (const text of ['c', 'b', 'a']) done.get(text)?.();
    expect(await client.receive(12)).toEqual([0x40, 2, 0, 1, 0x40, 2, 0, 2, 0x40, 2, 0, 3]);
  });

  it('takes a message of QoS 2 once, also when it is sent twice', async () => {
    const client = await signedIn();
    client.send(publishBytes('station/m', 'once', 5, 2));
    expect(await client.receive(4)).toEqual([0x50, 2, 0, 5]);
    client.send(publishBytes('station/m', 'once', 5, 2));
    expect(await client.receive(4)).toEqual([0x50, 2, 0, 5]);
    client.send(packet(0x62, [0, 5]));
    expect(await client.receive(4)).toEqual([0x70, 2, 0, 5]);
    client.send(publishBytes('station/m', 'again', 5, 2));
    expect(await client.receive(4)).toEqual([0x50, 2, 0, 5]);
    expect(handlers.received.map(textOf)).toEqual(['once', 'again']);
  });

  it('keeps the session of a client that asks for it: its subscriptions, and what came while it was away', async () => {
    const first = await signedIn({ cleanSession: false });
    first.send(subscribeBytes('station/config', 1));
    expect(await first.receive(5)).toEqual([0x90, 3, 0, 1, 1]);
    first.send(packet(0xe0, []));
    await first.ended;
    await broker.publish('station/config', 'new', { retain: false });
    const second = await open();
    second.send(connectBytes({ cleanSession: false }));
    expect(await second.receive(4)).toEqual([0x20, 2, 1, 0]);
    const [header, length = 0] = await second.receive(2);
    expect(header).toBe(0x3a);
    const body = await second.receive(length);
    expect(Buffer.from(body.slice(-3)).toString()).toBe('new');
    second.send(packet(0x40, body.slice(-5, -3)));
    second.send(packet(0xe0, []));
    await second.ended;
    const third = await open();
    third.send([...connectBytes({ cleanSession: false }), ...packet(0xc0, [])]);
    expect(await third.receive(6)).toEqual([0x20, 2, 1, 0, 0xd0, 0]);
    const fourth = await open();
    fourth.send(connectBytes({ cleanSession: true }));
    expect(await fourth.receive(4)).toEqual(ACCEPTED);
  });

  it('stops telling a client what it no longer asks for', async () => {
    const client = await signedIn();
    client.send(subscribeBytes('station/+', 1, 0));
    expect(await client.receive(5)).toEqual([0x90, 3, 0, 1, 0]);
    await broker.publish('station/config', 'a', { retain: false });
    expect((await client.receive(19)).slice(0, 2)).toEqual([0x30, 17]);
    client.send(packet(0xa2, [0, 2, 0, 9, ...Buffer.from('station/+')]));
    expect(await client.receive(4)).toEqual([0xb0, 2, 0, 2]);
    await broker.publish('station/config', 'b', { retain: false });
    client.send(packet(0xc0, []));
    expect(await client.receive(2)).toEqual([0xd0, 0]);
  });

  it('cuts a client off that asks and never reads', async () => {
    const client = await signedIn();
    client.send(subscribeBytes('station/config', 1, 0));
    await client.receive(5);
    client.pause();
    const settings = 'x'.repeat(1024 * 1024);
    for (let sent = 0; sent < 64 && !counted('SLOW_CLIENT'); sent += 1) {
      await broker.publish('station/config', settings, { retain: false });
    }
    expect(counted('SLOW_CLIENT')).toBe(true);
    await neighbourIsServed();
  });

  it('answers ten thousand pings in one write, each of them, and others between them', async () => {
    const client = await signedIn();
    let all = false;
    const pongs = client.receive(20_000).then((bytes) => {
      all = true;
      return bytes;
    });
    client.send(Array.from({ length: 10_000 }, () => [0xc0, 0]).flat());
    await neighbourIsServed();
    expect(all).toBe(false);
    expect(await pongs).toEqual(Array.from({ length: 10_000 }, () => [0xd0, 0]).flat());
    client.send(publishBytes('greencity/m', 'still taken', 8));
    expect(await client.receive(4)).toEqual([0x40, 2, 0, 8]);
  });

  it('takes no more connections than it may have', async () => {
    await open();
    await open();
    const third = await open();
    expect(await third.ended).toEqual([]);
    expect(metrics.exposition()).toContain('mqtt_connections_refused_total{reason="TOO_MANY_CLIENTS"} 1\n');
    await neighbourIsServed();
  });

  it('survives a handler that throws at once: that session ends and no other', async () => {
    const client = await signedIn();
    handlers.durable = () => {
      throw new Error('a bug');
    };
    client.send(publishBytes('station/m', 'x', 1));
    await client.ended;
    handlers.durable = () => Promise.resolve();
    await neighbourIsServed();
    expect(metrics.exposition()).toContain('mqtt_unacknowledged_total 1\n');
  });

  it('names the port and its setting when another program has the port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const opening = openEmbeddedBroker({
      ...{ host: '127.0.0.1', port, handlers, limits: LIMITS, clock, log: memoryLog(), metrics: memoryMetrics() },
    });
    await expect(opening).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      subject: `${port}: set MQTT_PORT to another port`,
    });
    taken.close();
  });
});
