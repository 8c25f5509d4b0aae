/**
 * MQTT by way of a Mosquitto broker: devices connect there, and this program takes their messages from a shared subscription on several connections.
 * Mosquitto acknowledges a device when it has the message itself, before it is on its disk; to Mosquitto we acknowledge when it is durable in the log.
 */
import { randomBytes } from 'node:crypto';
import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import type { Broker, BrokerHandlers, BrokerLimits } from '../port.ts';
import { brokerError, connectBroker, type MosquittoConnection } from './connection.ts';
import { type DeviceAccess, openDeviceAccess } from './control.ts';

/** A connection hands on one message at a time: so many are on their way to the log at once. */
const CONNECTIONS = 8;
/** Mosquitto keeps what is not acknowledged, and what comes meanwhile, for a consumer that is away so long. */
const SESSION_S = 24 * 3_600;
const TOPICS = ['greencity/v1/+/measurements', 'greencity/v1/+/status', 'greencity/v1/+/config/state'];
const TOPIC = /^greencity\/v1\/([^/]+)\//;
const RETRY_DELAY_FIRST_MS = 200;
const RETRY_DELAY_MAX_MS = 10_000;

export interface MosquittoBrokerOptions {
  readonly connection: MosquittoConnection;
  /**
   * Names this program's connections, so that it finds its sessions again after a restart. A program that stays away keeps its share of the messages
   * waiting: one that is given up for good has to come back once under its name and find them.
   */
  readonly consumerName: string;
  /** Programs of one group share the messages; each group gets all. Default `ingest`. */
  readonly group?: string;
  readonly handlers: BrokerHandlers;
  readonly limits: Pick<BrokerLimits, 'payloadBytesMax'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Default 8. */
  readonly connections?: number;
}

interface State extends MosquittoBrokerOptions {
  readonly closing: AbortController;
  readonly inHand: Set<Promise<void>>;
  readonly unacknowledged: { add(): void };
}

/** Devices are let in by what `access` told Mosquitto; `signIn`, `mayPublish` and `turnAway` of the handlers are Mosquitto's own business here. */
export interface MosquittoBroker extends Broker {
  readonly access: DeviceAccess;
}

/** Connects and takes messages. @throws AppError ENGINE_REFUSED */
export async function openMosquittoBroker(options: MosquittoBrokerOptions): Promise<MosquittoBroker> {
  await using stack = new AsyncDisposableStack();
  const state: State = {
    ...options,
    closing: new AbortController(),
    inHand: new Set(),
    unacknowledged: options.metrics.counter(
      'mqtt_unacknowledged_total',
      'Messages that were not acknowledged because they could not be made durable.',
    ),
  };
  const { connection } = options;
  const { username, hostname, port, protocol } = new URL(connection.url);
  const clientId = `${options.consumerName}-control-${randomBytes(4).toString('hex')}`;
  const control = await connectBroker(options, { clientId, clean: true });
  stack.defer(() => control.endAsync(true));
  const access = await openDeviceAccess(control, decodeURIComponent(username));
  for (let number = 0; number < (options.connections ?? CONNECTIONS); number += 1) {
    const consumer = await consume(state, number);
    stack.defer(() => consumer.endAsync(true));
  }
  const open = stack.move();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeAll(state, open);
    return closed;
  };
  return {
    access,
    port: Number(port) || (protocol === 'mqtts:' ? 8_883 : 1_883),
    async publish(topic, payload, { retain }) {
      try {
        await control.publishAsync(topic, payload, { qos: 1, retain });
      } catch (error) {
        throw brokerError(connection, error);
      }
    },
    disconnect(deviceId) {
      access.kick(deviceId).catch((error: unknown) => {
        options.log.error({ deviceId, host: hostname, error }, 'the session of a device could not be ended');
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function consume(state: State, number: number): Promise<MqttClient> {
  const session: IClientOptions = {
    clientId: `${state.consumerName}-${number}`,
    clean: false,
    properties: { sessionExpiryInterval: SESSION_S, receiveMaximum: 100 },
  };
  const client = await connectBroker(state, session, (made) => handleWith(state, made));
  const topics = TOPICS.map((topic) => `$share/${state.group ?? 'ingest'}/${topic}`);
  await client.subscribeAsync(topics, { qos: 1 });
  // Mosquitto saves sessions now and then: one that it found again after a crash may lack what was subscribed since.
  client.on('connect', () => {
    client.subscribeAsync(topics, { qos: 1 }).catch((error: unknown) => {
      state.log.debug({ error }, 'not subscribed; it is tried again with the next connection');
    });
  });
  return client;
}

/** Acknowledges a message when it is durable. When it cannot be, hangs up after a while: Mosquitto sends it again only to a consumer that comes back. */
function handleWith(state: State, client: MqttClient): void {
  let failures = 0;
  async function handle(packet: IPublishPacket): Promise<Error | undefined> {
    try {
      await take(state, packet);
      failures = 0;
      return undefined;
    } catch (error) {
      state.unacknowledged.add();
      const retryDelayMs = Math.min(RETRY_DELAY_FIRST_MS * 2 ** failures, RETRY_DELAY_MAX_MS);
      failures += 1;
      state.log.warn({ topic: packet.topic, retryDelayMs, error }, 'a message is not durable and not acknowledged');
      await state.clock.sleep(retryDelayMs, state.closing.signal);
      client.stream.destroy();
      return error as Error;
    }
  }
  client.handleMessage = (packet, done) => {
    const handled = handle(packet).then((failure) => done(failure));
    state.inHand.add(handled);
    void handled.finally(() => state.inHand.delete(handled));
  };
}

async function take({ handlers, limits }: State, packet: IPublishPacket): Promise<void> {
  const deviceId = TOPIC.exec(packet.topic)?.[1];
  if (deviceId === undefined) return;
  const bytes = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload, 'utf8');
  await handlers.receive({
    deviceId,
    topic: packet.topic,
    payload: bytes.subarray(0, limits.payloadBytesMax),
    payloadBytes: bytes.length,
    qos: packet.qos === 0 ? 0 : 1,
    retain: packet.retain,
    // Mosquitto publishes a last will as any message.
    lastWill: false,
  });
}

/** What is in hand is finished and acknowledged; what comes after goes to the other consumers, or waits for this one. */
async function closeAll(state: State, open: AsyncDisposableStack): Promise<void> {
  state.closing.abort();
  await Promise.allSettled(state.inHand);
  await new Promise((resolve) => setImmediate(resolve));
  await open.disposeAsync();
}
