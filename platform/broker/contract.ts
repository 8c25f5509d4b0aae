/** The promises of the broker port, checked with a real MQTT client against any adapter. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ToldHandlers, textOf, toldHandlers } from './fixtures/handlers.ts';
import type { Broker, BrokerHandlers, BrokerLimits } from './port.ts';

const LIMITS: BrokerLimits = { payloadBytesMax: 8192, inFlightPerClientMax: 8, inFlightMax: 12, clientsMax: 100 };

export type OpenBroker = (options: {
  readonly handlers: BrokerHandlers;
  readonly limits: BrokerLimits;
}) => Promise<Broker>;

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}

/** Registers the contract. `open` gives a broker that nobody else uses. */
export function brokerContract(name: string, open: OpenBroker): void {
  describe(`${name} keeps the broker's promises`, () => {
    let handlers: ToldHandlers;
    let broker: Broker;
    const clients: MqttClient[] = [];
    beforeEach(async () => {
      handlers = toldHandlers();
      broker = await open({ handlers, limits: LIMITS });
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) client.end(true);
      await broker.close();
    });

    async function connect(username: string, options: IClientOptions = {}): Promise<MqttClient> {
      const client = await mqtt.connectAsync(
        `mqtt://127.0.0.1:${broker.port}`,
        { username, password: 'secret', clientId: username, reconnectPeriod: 0, ...options },
        false,
      );
      client.on('error', () => {});
      clients.push(client);
      return client;
    }

    it('acknowledges a message only after it is durable', async () => {
      const durable = Promise.withResolvers<void>();
      handlers.durable = () => durable.promise;
      const client = await connect('a');
      let acknowledged = false;
      const publishing = client.publishAsync('a/m', 'one', { qos: 1 }).then(() => (acknowledged = true));
      await handlers.receivedCount(1);
      // A round trip through the broker: an acknowledgement sent too early would have arrived before its answer.
      await client.subscribeAsync('a/x');
      expect(acknowledged).toBe(false);
      durable.resolve();
      await publishing;
      expect(handlers.received).toMatchObject([
        { deviceId: 'a', topic: 'a/m', qos: 1, retain: false, lastWill: false, payloadBytes: 3 },
      ]);
      expect(textOf(handlers.received[0])).toBe('one');
    });

    it('does not acknowledge what could not be made durable, and ends the session so that it is sent again', async () => {
      handlers.durable = () => Promise.reject(new Error('the disk is full'));
      const client = await connect('a', { reconnectPeriod: 10 });
      const neighbour = await connect('b');
      const ended = closed(client);
      const publishing = client.publishAsync('a/m', 'one', { qos: 1 });
      await ended;
      handlers.durable = () => Promise.resolve();
      await publishing;
      expect(textOf(handlers.received.at(-1))).toBe('one');
      expect(handlers.received.length).toBeGreaterThan(1);
      expect(neighbour.connected).toBe(true);
    });

    it('hands on messages of one client in their order, at QoS 0 and 1', async () => {
      const client = await connect('a');
      await Promise.all(
        ['1', '2', '3', '4'].map((text, index) => client.publishAsync('a/m', text, { qos: index % 2 === 0 ? 0 : 1 })),
      );
      await handlers.receivedCount(4);
      expect(handlers.received.map(textOf)).toEqual(['1', '2', '3', '4']);
      expect(handlers.received.map(({ qos }) => qos)).toEqual([0, 1, 0, 1]);
    });

    it.each(['UNKNOWN_DEVICE', 'WRONG_CREDENTIALS', 'RETIRED_DEVICE'] as const)(
      'refuses a client that is %s and says so',
      async (reason) => {
        handlers.answer = { kind: 'refused', reason };
        await expect(connect('a')).rejects.toMatchObject({ code: reason === 'RETIRED_DEVICE' ? 5 : 4 });
      },
    );

    it('turns a message away that its client may not publish, acknowledges it and goes on or ends as told', async () => {
      const client = await connect('a');
      await client.publishAsync('a/denied', 'x', { qos: 1 });
      await client.publishAsync('a/m', 'y', { qos: 1 });
      expect(handlers.turnedAway).toMatchObject([{ deviceId: 'a', topic: 'a/denied' }]);
      expect(handlers.received.map(textOf)).toEqual(['y']);
      handlers.verdict = 'disconnect';
      const ended = closed(client);
      await client.publishAsync('b/m', 'z', { qos: 1 });
      await ended;
      expect(handlers.received.map(textOf)).toEqual(['y']);
    });

    it('hands on the last will of a client that vanishes, and not of one that says goodbye', async () => {
      const will = { topic: 'a/status', payload: Buffer.from('gone'), qos: 1 as const, retain: true };
      await (await connect('a', { will })).endAsync();
      const vanishing = await connect('a', { will });
      vanishing.stream.destroy();
      await handlers.receivedCount(1);
      expect(handlers.received).toMatchObject([{ deviceId: 'a', topic: 'a/status', lastWill: true, retain: true }]);
      expect(textOf(handlers.received[0])).toBe('gone');
    });

    it('gives a device its retained settings, those that come later, and nothing of another', async () => {
      await broker.publish('a/config', 'old', { retain: true });
      await broker.publish('a/config', 'kept', { retain: true });
      await broker.publish('b/config', 'other', { retain: true });
      const client = await connect('a');
      const told: string[] = [];
      const two = new Promise<void>((resolve) => {
        client.on('message', (topic, payload) => {
          if (told.push(`${topic} ${payload}`) === 2) resolve();
        });
      });
      await expect(client.subscribeAsync('b/config', { qos: 1 })).rejects.toThrow();
      await client.subscribeAsync('a/#', { qos: 1 });
      await broker.publish('b/config', 'other again', { retain: true });
      await broker.publish('a/config', 'new', { retain: true });
      await two;
      expect(told).toEqual(['a/config kept', 'a/config new']);
    });

    it('has one session for each device: the newer one takes over', async () => {
      const will = { topic: 'a/status', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
      const older = await connect('a', { will });
      const neighbour = await connect('b');
      const ended = closed(older);
      const newer = await connect('a', { clientId: 'another' });
      await ended;
      await newer.publishAsync('a/m', 'here', { qos: 1 });
      expect(handlers.received.map(textOf)).toEqual(['gone', 'here']);
      expect(neighbour.connected).toBe(true);
    });

    it('ends the session of a device on demand, and no other', async () => {
      const client = await connect('a');
      const neighbour = await connect('ab');
      const ended = closed(client);
      broker.disconnect('a');
      broker.disconnect('nobody');
      await ended;
      await neighbour.publishAsync('ab/m', 'x', { qos: 1 });
    });

    it('lets a bounded number of messages wait, of one client and of all, and takes the rest when there is room', async () => {
      const durable = Promise.withResolvers<void>();
      handlers.durable = () => durable.promise;
      const one = await connect('a');
      const publishing = Array.from({ length: 50 }, (_, n) => one.publishAsync('a/m', String(n), { qos: 1 }));
      await handlers.receivedCount(LIMITS.inFlightPerClientMax);
      const two = await connect('b');
      publishing.push(...Array.from({ length: 50 }, (_, n) => two.publishAsync('b/m', String(n), { qos: 1 })));
      await handlers.receivedCount(LIMITS.inFlightMax);
      // A third client's sign-in and its answer come after whatever the broker would have taken too much.
      await connect('c');
      expect(handlers.received.filter(({ deviceId }) => deviceId === 'a')).toHaveLength(LIMITS.inFlightPerClientMax);
      expect(handlers.received).toHaveLength(LIMITS.inFlightMax);
      durable.resolve();
      await Promise.all(publishing);
      for (const device of ['a', 'b']) {
        const texts = handlers.received.filter(({ deviceId }) => deviceId === device).map(textOf);
        expect(texts).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
      }
    });

    it('hands on no more of a message than the limit, says how long it was, and goes on', async () => {
      const client = await connect('a');
      await client.publishAsync('a/m', 'x'.repeat(8192), { qos: 1 });
      await client.publishAsync('a/m', 'x'.repeat(8193), { qos: 1 });
      await client.publishAsync('a/m', 'y'.repeat(500_000), { qos: 1 });
      await client.publishAsync('a/m', 'z', { qos: 1 });
      const seen = handlers.received.map(({ payload, payloadBytes }) => [payload.length, payloadBytes]);
      expect(seen).toEqual([
        [8192, 8192],
        [8192, 8193],
        [8192, 500_000],
        [1, 1],
      ]);
    });

    it('acknowledges what is in flight before it closes, and takes nothing more', async () => {
      const durable = Promise.withResolvers<void>();
      handlers.durable = () => durable.promise;
      const client = await connect('a');
      const publishing = client.publishAsync('a/m', 'one', { qos: 1 });
      await handlers.receivedCount(1);
      const closing = broker.close();
      durable.resolve();
      await publishing;
      await closing;
      await expect(connect('b', { connectTimeout: 1_000 })).rejects.toThrow();
    });
  });
}
