/** Connections to a Mosquitto broker, and how its failures are named. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';

const CONNECT_WITHIN_MS = 5_000;
const RECONNECT_MS = 500;
const START_DELAY_FIRST_MS = 500;
const START_DELAY_MAX_MS = 15_000;
const KEEP_ALIVE_S = 30;
const PROTOCOL_5 = 5;
/** Reason codes of CONNACK: bad user name or password, not authorised (3.1.1 and 5). */
const REFUSED = new Set([4, 5, 134, 135]);

export interface MosquittoConnection {
  /** `mqtt://user:password@host:port`, `mqtts://` with TLS. */
  readonly url: string;
  /** Certificate of the authority in PEM, where the system does not know it. */
  readonly ca?: string;
}

export interface ConnectOptions {
  readonly connection: MosquittoConnection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/** Where it is and as whom we come, without the password. */
export function brokerError({ url }: MosquittoConnection, cause: unknown): AppError {
  const { host, username } = new URL(url);
  const { code, message } = cause as Error & { readonly code?: number | string };
  const refused = typeof code === 'number' && REFUSED.has(code);
  const subject = `Mosquitto at ${host}, user ${decodeURIComponent(username) || 'none'}: ${message}`;
  return new AppError(refused ? 'ENGINE_REFUSED' : 'ENGINE_UNREACHABLE', subject, { cause });
}

/**
 * Connects over MQTT 5. Waits for a broker that does not answer yet; one that does not let this program in is an error at once. Later losses mend themselves.
 * @param prepare puts handlers in place before the first message can come: what waited for a session comes at once
 * @throws AppError ENGINE_REFUSED, ENGINE_UNREACHABLE when the signal ends the waiting
 */
export async function connectBroker(
  options: ConnectOptions,
  own: IClientOptions,
  prepare: (client: MqttClient) => void = () => undefined,
): Promise<MqttClient> {
  const { connection, clock, log, signal } = options;
  const settings: IClientOptions = {
    protocolVersion: PROTOCOL_5,
    keepalive: KEEP_ALIVE_S,
    connectTimeout: CONNECT_WITHIN_MS,
    reconnectPeriod: RECONNECT_MS,
    resubscribe: true,
    ...(connection.ca !== undefined && { ca: connection.ca }),
    ...own,
  };
  for (let delayMs = START_DELAY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, START_DELAY_MAX_MS)) {
    const client = mqtt.connect(connection.url, { ...settings, manualConnect: true });
    prepare(client);
    try {
      await connected(client);
      tellLosses(client, log);
      return client;
    } catch (error) {
      client.end(true);
      const failure = brokerError(connection, error);
      if (failure.code === 'ENGINE_REFUSED' || signal?.aborted) throw failure;
      log.warn({ retryDelayMs: delayMs, detail: failure.subject }, 'Mosquitto does not answer, will try again');
    }
    await clock.sleep(delayMs, signal);
  }
}

function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new Error('the connection was closed'));
    client.on('error', reject);
    client.once('close', closed);
    client.once('connect', () => {
      client.off('error', reject);
      client.off('close', closed);
      resolve();
    });
    client.connect();
  });
}

/** Says once that the connection is lost, and once that it is back. */
function tellLosses(client: MqttClient, log: Logger): void {
  let lost = false;
  client.on('error', (error) => log.debug({ error }, 'connection to Mosquitto failed'));
  client.on('offline', () => {
    if (!lost) log.warn({}, 'connection to Mosquitto lost, connecting again');
    lost = true;
  });
  client.on('connect', () => {
    if (lost) log.info({}, 'connected to Mosquitto again');
    lost = false;
  });
}
