/**
 * MQTT by way of a Mosquitto broker: devices connect there, and this program takes their messages from a shared subscription on several connections.
 * Mosquitto acknowledges a device when it has the message itself, before it is on its disk; to Mosquitto we acknowledge when it is durable in the log.
 */
import { randomBytes } from 'node:crypto';
import type { IPublishPacket, MqttClient } from 'mqtt';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import type { Broker, BrokerHandlers, BrokerLimits } from '../port.ts';
import { brokerError, brokerName, type MosquittoConnection, type MosquittoLink, openLink } from './connection.ts';

/** A connection hands on one message at a time: so many are on their way to the log at once. */
const CONNECTIONS = 8;
/** Mosquitto keeps what is not acknowledged, and what comes meanwhile, for a consumer that is away so long. */
const SESSION_S = 24 * 3_600;
const RECEIVE_MAX = 100;
const ALL_TOPICS = 'greencity/v1/#';
/** `config` is the platform's own: what it publishes there is not told to itself. */
const TOPIC = /^greencity\/v1\/([^/]+)\/(?!config$)/;
const NEVER_RETAINED = 2;
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
  /** `signIn`, `mayPublish` and `turnAway` are not asked: who may what is known to Mosquitto alone. */
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

/** Connects and takes messages; waits for a broker that does not answer yet. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED */
export async function openMosquittoBroker(options: MosquittoBrokerOptions): Promise<Broker> {
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
  const { connection, log } = options;
  const clientId = `${options.consumerName}-${randomBytes(4).toString('hex')}`;
  const publisher = stack.use(openLink({ connection, log, own: { clientId, clean: true } }));
  await publisher.connected();
  const consumers: MosquittoLink[] = [];
  for (let number = 0; number < (options.connections ?? CONNECTIONS); number += 1)
    consumers.push(stack.use(await consume(state, number)));
  const open = stack.move();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeAll(state, open);
    return closed;
  };
  return {
    port: portOf(connection),
    get trouble() {
      return consumers.find(({ trouble }) => trouble)?.trouble;
    },
    async publish(topic, payload, { retain }) {
      try {
        await publisher.client.publishAsync(topic, payload, { qos: 1, retain });
      } catch (error) {
        throw brokerError(connection, error);
      }
    },
    disconnect: () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function portOf({ url }: MosquittoConnection): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === 'mqtts:' ? 8_883 : 1_883);
}

async function consume(state: State, number: number): Promise<MosquittoLink> {
  const { connection, log } = state;
  let subscribed: Promise<void> | undefined;
  const link = openLink({
    ...{ connection, log },
    own: {
      clientId: `${state.consumerName}-${number}`,
      clean: false,
      properties: { sessionExpiryInterval: SESSION_S, receiveMaximum: RECEIVE_MAX },
    },
    prepare(client) {
      handleWith(state, client);
      client.on('connect', () => {
        subscribed = subscribe(state, link);
      });
    },
  });
  await link.connected();
  await subscribed;
  if (link.trouble?.code === 'ENGINE_REFUSED') throw link.trouble;
  return link;
}

/** At each connection: Mosquitto saves sessions now and then, and one that it found again after a crash may lack what was subscribed since. */
async function subscribe({ connection, group = 'ingest' }: State, link: MosquittoLink): Promise<void> {
  const filter = `$share/${group}/${ALL_TOPICS}`;
  try {
    // What is retained was told when it was published.
    await link.client.subscribeAsync(filter, { qos: 1, rap: true, rh: NEVER_RETAINED });
  } catch (cause) {
    if (!link.client.connected) return;
    link.blame(new AppError('ENGINE_REFUSED', `${brokerName(connection)}: may not subscribe to ${filter}`, { cause }));
  }
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
