/** The promises of the broker port, checked with a real MQTT client against any adapter. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ToldHandlers, textOf, toldHandlers } from './fixtures/handlers.ts';
import type { Broker, BrokerCapabilities, BrokerHandlers, BrokerLimits } from './port.ts';

const LIMITS: BrokerLimits = { payloadBytesMax: 8192, inFlightPerClientMax: 8, inFlightMax: 12, clientsMax: 100 };
const SECRET = 'secret';

/** A broker that nobody else uses. */
export interface TestBroker extends AsyncDisposable {
  readonly broker: Broker;
  /** In front of every topic. */
  readonly root: string;
  /** Lets a device in with this secret, where that is not the handlers' to say. */
  admit(deviceId: string, secret: string): Promise<void>;
  /** Opens it again after it was closed, as the same program. */
  reopen(): Promise<Broker>;
}

export interface BrokerUnderTest {
  readonly name: string;
  readonly capabilities: BrokerCapabilities;
  open(options: { readonly handlers: BrokerHandlers; readonly limits: BrokerLimits }): Promise<TestBroker>;
}

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}

/** Registers the contract. */
export function brokerContract({ name, capabilities, open }: BrokerUnderTest): void {
  const { asksHandlers, acknowledgesWhenDurable, tellsLastWills, boundsEachClient } = capabilities;
  describe(`${name} keeps the broker's promises`, () => {
    let handlers: ToldHandlers;
    let test: TestBroker;
    let broker: Broker;
    const clients: MqttClient[] = [];
    beforeEach(async () => {
      handlers = toldHandlers();
      test = await open({ handlers, limits: LIMITS });
      broker = test.broker;
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) client.end(true);
      await broker.close();
      await test[Symbol.asyncDispose]();
    });

    async function signIn(username: string, options: IClientOptions = {}): Promise<MqttClient> {
      const client = await mqtt.connectAsync(
        `mqtt://127.0.0.1:${broker.port}`,
        { username, password: SECRET, clientId: username, reconnectPeriod: 0, ...options },
        false,
      );
      client.on('error', () => {});
      clients.push(client);
      return client;
    }
    async function connect(username: string, options: IClientOptions = {}): Promise<MqttClient> {
      await test.admit(username, SECRET);
      return await signIn(username, options);
    }
    const topic = (tail: string) => `${test.root}${tail}`;

    it('hands on what a device publishes, as it was published', async () => {
      const client = await connect('a');
      await client.publishAsync(topic('a/m'), 'one', { qos: 1 });
      await handlers.receivedCount(1);
      expect(handlers.received).toMatchObject([
        { deviceId: 'a', topic: topic('a/m'), qos: 1, retain: false, lastWill: false, payloadBytes: 3 },
      ]);
      expect(textOf(handlers.received[0])).toBe('one');
    });

    if (acknowledgesWhenDurable) {
      it('acknowledges a message only after it is durable', async () => {
        const durable = Promise.withResolvers<void>();
        handlers.durable = () => durable.promise;
        const client = await connect('a');
        let acknowledged = false;
        const publishing = client.publishAsync(topic('a/m'), 'one', { qos: 1 }).then(() => (acknowledged = true));
        await handlers.receivedCount(1);
        // A round trip through the broker: an acknowledgement sent too early would have arrived before its answer.
        await client.subscribeAsync(topic('a/x'));
        expect(acknowledged).toBe(false);
        durable.resolve();
        await publishing;
      });

      it('does not acknowledge what could not be made durable, and ends the session so that it is sent again', async () => {
        handlers.durable = () => Promise.reject(new Error('the disk is full'));
        const client = await connect('a', { reconnectPeriod: 10 });
        const neighbour = await connect('b');
        const ended = closed(client);
        const publishing = client.publishAsync(topic('a/m'), 'one', { qos: 1 });
        await ended;
        handlers.durable = () => Promise.resolve();
        await publishing;
        expect(textOf(handlers.received.at(-1))).toBe('one');
        expect(handlers.received.length).toBeGreaterThan(1);
        expect(neighbour.connected).toBe(true);
      });

      it('acknowledges what is in flight before it closes, and takes nothing more', async () => {
        const durable = Promise.withResolvers<void>();
        handlers.durable = () => durable.promise;
        const client = await connect('a');
        const publishing = client.publishAsync(topic('a/m'), 'one', { qos: 1 });
        await handlers.receivedCount(1);
        const closing = broker.close();
        durable.resolve();
        await publishing;
        await closing;
        await expect(connect('b', { connectTimeout: 1_000 })).rejects.toThrow();
      });
    } else {
      it('hands on again what could not be made durable, and what came behind it, in their order', async () => {
        let refusals = 1;
        handlers.durable = async ({ payload }) => {
          if (Buffer.from(payload).toString() === '2' && refusals-- > 0) throw new Error('the disk is full');
        };
        const client = await connect('a');
        for (const text of ['1', '2', '3']) await client.publishAsync(topic('a/m'), text, { qos: 1 });
        await expect.poll(() => handlers.received.map(textOf).slice(-2), { timeout: 10_000 }).toEqual(['2', '3']);
        await expect.poll(() => handlers.received.map(textOf).filter((text) => text === '2').length).toBe(2);
        expect(client.connected, 'the device has nothing to do with it').toBe(true);
      });

      it('finishes what is in flight before it closes, and is given the rest when it is back, once', async () => {
        const durable = Promise.withResolvers<void>();
        handlers.durable = () => durable.promise;
        const client = await connect('a');
        await client.publishAsync(topic('a/m'), 'before', { qos: 1 });
        await handlers.receivedCount(1);
        const closing = broker.close();
        durable.resolve();
        await closing;
        await client.publishAsync(topic('a/m'), 'meanwhile', { qos: 1 });
        broker = await test.reopen();
        await handlers.receivedCount(2);
        await client.publishAsync(topic('a/m'), 'after', { qos: 1 });
        await handlers.receivedCount(3);
        expect(handlers.received.map(textOf)).toEqual(['before', 'meanwhile', 'after']);
      });
    }

    it('hands on messages of one client in their order, at QoS 0 and 1', async () => {
      const client = await connect('a');
      await Promise.all(
        ['1', '2', '3', '4'].map((text, index) =>
          client.publishAsync(topic('a/m'), text, { qos: index % 2 === 0 ? 0 : 1 }),
        ),
      );
      await handlers.receivedCount(4);
      expect(handlers.received.map(textOf)).toEqual(['1', '2', '3', '4']);
      expect(handlers.received.map(({ qos }) => qos)).toEqual([0, 1, 0, 1]);
    });

    if (asksHandlers) {
      it.each(['UNKNOWN_DEVICE', 'WRONG_CREDENTIALS', 'RETIRED_DEVICE'] as const)(
        'refuses a client that is %s and says so',
        async (reason) => {
          handlers.answer = { kind: 'refused', reason };
          await expect(signIn('a')).rejects.toMatchObject({ code: reason === 'RETIRED_DEVICE' ? 5 : 4 });
        },
      );

      it('turns a message away that its client may not publish, acknowledges it and goes on or ends as told', async () => {
        const client = await connect('a');
        await client.publishAsync(topic('a/denied'), 'x', { qos: 1 });
        await client.publishAsync(topic('a/m'), 'y', { qos: 1 });
        expect(handlers.turnedAway).toMatchObject([{ deviceId: 'a', topic: topic('a/denied') }]);
        expect(handlers.received.map(textOf)).toEqual(['y']);
        handlers.verdict = 'disconnect';
        const ended = closed(client);
        await client.publishAsync(topic('b/m'), 'z', { qos: 1 });
        await ended;
        expect(handlers.received.map(textOf)).toEqual(['y']);
      });

      it('has one session for each device: the newer one takes over', async () => {
        const will = { topic: topic('a/status'), payload: Buffer.from('gone'), qos: 1 as const, retain: false };
        const older = await connect('a', { will });
        const neighbour = await connect('b');
        const ended = closed(older);
        const newer = await connect('a', { clientId: 'another' });
        await ended;
        await newer.publishAsync(topic('a/m'), 'here', { qos: 1 });
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
        await neighbour.publishAsync(topic('ab/m'), 'x', { qos: 1 });
      });
    } else {
      it('refuses who was not let in, and who has another secret', async () => {
        await connect('a');
        await expect(signIn('b')).rejects.toMatchObject({ code: 5 });
        await expect(signIn('a', { password: 'guess' })).rejects.toMatchObject({ code: 5 });
      });

      it('hands on nothing that a client may not publish', async () => {
        const client = await connect('a');
        await client.publishAsync(topic('b/m'), 'x', { qos: 1 });
        await client.publishAsync(topic('a/m'), 'y', { qos: 1 });
        await handlers.receivedCount(1);
        expect(handlers.received.map(textOf)).toEqual(['y']);
        expect(handlers.turnedAway).toEqual([]);
      });
    }

    it('hands on the last will of a client that vanishes, and not of one that says goodbye', async () => {
      const will = { topic: topic('a/status'), payload: Buffer.from('gone'), qos: 1 as const, retain: true };
      await (await connect('a', { will })).endAsync();
      const vanishing = await signIn('a', { will });
      vanishing.stream.destroy();
      await handlers.receivedCount(1);
      expect(handlers.received).toMatchObject([
        { deviceId: 'a', topic: topic('a/status'), lastWill: tellsLastWills, retain: true },
      ]);
      expect(textOf(handlers.received[0])).toBe('gone');
    });

    it('gives a device its retained settings, those that come later, and nothing of another', async () => {
      await broker.publish(topic('a/config'), 'old', { retain: true });
      await broker.publish(topic('a/config'), 'kept', { retain: true });
      await broker.publish(topic('b/config'), 'other', { retain: true });
      const client = await connect('a');
      const told: string[] = [];
      const two = new Promise<void>((resolve) => {
        client.on('message', (from, payload) => {
          if (told.push(`${from} ${payload}`) === 2) resolve();
        });
      });
      await expect(client.subscribeAsync(topic('b/config'), { qos: 1 })).rejects.toThrow();
      await client.subscribeAsync(topic('a/#'), { qos: 1 });
      await broker.publish(topic('b/config'), 'other again', { retain: true });
      await broker.publish(topic('a/config'), 'new', { retain: true });
      await two;
      expect(told).toEqual([`${topic('a/config')} kept`, `${topic('a/config')} new`]);
      expect(handlers.received, 'what the platform publishes is not told to itself').toEqual([]);
    });

    it('lets a bounded number of messages wait, and takes the rest when there is room', async () => {
      const durable = Promise.withResolvers<void>();
      handlers.durable = () => durable.promise;
      const one = await connect('a');
      const ofOne = boundsEachClient ? LIMITS.inFlightPerClientMax : LIMITS.inFlightMax;
      const publishing = Array.from({ length: 50 }, (_, n) => one.publishAsync(topic('a/m'), String(n), { qos: 1 }));
      await handlers.receivedCount(ofOne);
      const two = await connect('b');
      publishing.push(...Array.from({ length: 50 }, (_, n) => two.publishAsync(topic('b/m'), String(n), { qos: 1 })));
      await handlers.receivedCount(LIMITS.inFlightMax);
      // A third client's sign-in and its answer come after whatever the broker would have taken too much.
      await connect('c');
      expect(handlers.received.filter(({ deviceId }) => deviceId === 'a')).toHaveLength(ofOne);
      expect(handlers.received).toHaveLength(LIMITS.inFlightMax);
      durable.resolve();
      await Promise.all(publishing);
      await handlers.receivedCount(100);
      for (const device of ['a', 'b']) {
        const texts = handlers.received.filter(({ deviceId }) => deviceId === device).map(textOf);
        expect(texts).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
      }
    });

    it('hands on no more of a message than the limit, says how long it was, and goes on', async () => {
      const client = await connect('a');
      await client.publishAsync(topic('a/m'), 'x'.repeat(8192), { qos: 1 });
      await client.publishAsync(topic('a/m'), 'x'.repeat(8193), { qos: 1 });
      await client.publishAsync(topic('a/m'), 'y'.repeat(500_000), { qos: 1 });
      await client.publishAsync(topic('a/m'), 'z', { qos: 1 });
      await handlers.receivedCount(4);
      const seen = handlers.received.map(({ payload, payloadBytes }) => [payload.length, payloadBytes]);
      expect(seen).toEqual([
        [8192, 8192],
        [8192, 8193],
        [8192, 500_000],
        [1, 1],
      ]);
    });
  });
}
