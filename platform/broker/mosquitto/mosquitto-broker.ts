/**
 * MQTT by way of a Mosquitto broker: devices connect there, and this program takes their messages, alone or by a subscription that it shares with others of its kind.
 * Mosquitto acknowledges a device when it has the message itself, before it is on its disk; to Mosquitto we acknowledge when it is durable in the log.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import type { Broker, BrokerHandlers, BrokerLimits } from '../port.ts';
import { openLink } from './connection.ts';
import { openConsumer } from './consumer.ts';
import type { Message } from './packets.ts';
import { brokerError, type MosquittoConnection, portOf } from './standing.ts';

/** Mosquitto keeps what is not acknowledged, and what comes meanwhile, for a consumer that is away so long. */
const SESSION_S = 24 * 3_600;
/** Two full groups of the log on Kafka: one that is on its way, and one that gathers meanwhile. */
const IN_FLIGHT_MAX = 8_000;
const ALL_TOPICS = 'greencity/v1/#';
/** `config` is the platform's own: what it publishes there is not told to itself. */
const TOPIC = /^greencity\/v1\/([^/]+)\/(?!config$)/;

export interface MosquittoBrokerOptions {
  readonly connection: MosquittoConnection;
  /**
   * Names this program's session, so that it is found again after a restart. A program that stays away keeps its share of the messages waiting: one that is
   * given up for good has to come back once under its name and find them.
   */
  readonly consumerName: string;
  /**
   * Whether several programs share the messages. A program that is alone has a subscription that Mosquitto finds again after a crash; a shared one it has to be
   * told of anew (2.0), and acknowledges and drops what devices send before that.
   */
  readonly several?: boolean;
  /** Programs of one group share the messages; each group gets all. Default `ingest`. */
  readonly group?: string;
  /** `signIn`, `mayPublish` and `turnAway` are not asked: who may what is known to Mosquitto alone. */
  readonly handlers: Pick<BrokerHandlers, 'receive'>;
  readonly limits: Pick<BrokerLimits, 'payloadBytesMax' | 'inFlightMax'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Connects and takes messages; waits for a broker that does not answer yet. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED */
export async function openMosquittoBroker(options: MosquittoBrokerOptions): Promise<Broker> {
  const { connection, consumerName, several = false, group = 'ingest', limits, log, metrics } = options;
  await using stack = new AsyncDisposableStack();
  const clientId = `${consumerName}-${randomBytes(4).toString('hex')}`;
  const publisher = stack.use(openLink({ connection, log, clientId }));
  await publisher.standing.connected();
  const unacknowledged = metrics.counter(
    'mqtt_unacknowledged_total',
    'Messages that were not acknowledged because they could not be made durable.',
  );
  const consumer = openConsumer({
    ...options,
    // Sessions of their own: each would keep the subscription of the other.
    clientId: several ? consumerName : `${consumerName}-alone`,
    filter: several ? `$share/${group}/${ALL_TOPICS}` : ALL_TOPICS,
    sessionS: SESSION_S,
    payloadBytesMax: limits.payloadBytesMax,
    inFlightMax: Math.min(limits.inFlightMax, IN_FLIGHT_MAX),
    handle: (message) => take(options, message),
    onUnacknowledged: (messages) => unacknowledged.add(messages),
  });
  stack.defer(() => consumer.close());
  await consumer.standing.connected();
  const open = stack.move();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= open.disposeAsync();
    return closed;
  };
  return {
    port: portOf(connection),
    get trouble() {
      return consumer.standing.trouble;
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

const NOTHING_TO_DO = Promise.resolve();

/** Hands a message on, and returns the very promise it is given for it: messages that end together are acknowledged together. */
function take({ handlers, limits }: MosquittoBrokerOptions, message: Message): Promise<void> {
  const { topic, payload, payloadBytes, retain } = message;
  const deviceId = TOPIC.exec(topic)?.[1];
  if (deviceId === undefined) return NOTHING_TO_DO;
  return handlers.receive({
    ...{ deviceId, topic, payloadBytes, retain },
    payload: payload.length <= limits.payloadBytesMax ? payload : payload.subarray(0, limits.payloadBytesMax),
    qos: message.qos === 0 ? 0 : 1,
    // Mosquitto publishes a last will as any message.
    lastWill: false,
  });
}
