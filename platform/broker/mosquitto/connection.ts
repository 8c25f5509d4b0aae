/** Connections to a Mosquitto broker that mend themselves, and how its failures are named. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';

const CONNECT_WITHIN_MS = 5_000;
const RECONNECT_MS = 500;
const KEEP_ALIVE_S = 30;
const PROTOCOL_5 = 5;
/** Reason codes of CONNACK: bad user name or password, not authorised, banned (3.1.1 and 5). */
const REFUSED = new Set<unknown>([4, 5, 134, 135, 138]);
/** What Node calls a certificate that it does not believe. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS|ERR_SSL|^EPROTO$/;

export interface MosquittoConnection {
  /** `mqtt://user:password@host:port`, `mqtts://` with TLS. */
  readonly url: string;
  /** Certificate of the authority in PEM, where the system does not know it. */
  readonly ca?: string;
}

export interface MosquittoLink extends AsyncDisposable {
  readonly client: MqttClient;
  /** Why it does not stand now; undefined while it does. */
  readonly trouble: AppError | undefined;
  /** Notes what else is wrong while it is connected; forgotten with the next connection. */
  blame(trouble: AppError): void;
  /** Resolves with the first connection. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED: waiting would not help */
  connected(): Promise<void>;
}

export interface LinkOptions {
  readonly connection: MosquittoConnection;
  readonly log: Logger;
  /** Of this connection: client id, session. */
  readonly own: IClientOptions;
  /** Puts handlers in place before the first message can come: what waited for a session comes at once. */
  readonly prepare?: (client: MqttClient) => void;
}

/** Where it is and as whom we come, without the password. */
export function brokerError({ url }: MosquittoConnection, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { code, message } = cause as Error & { readonly code?: number | string };
  return new AppError(codeOf(code), `${brokerName({ url })}: ${message}`, { cause });
}

function codeOf(code: number | string | undefined): 'ENGINE_REFUSED' | 'ENGINE_UNTRUSTED' | 'ENGINE_UNREACHABLE' {
  if (REFUSED.has(code)) return 'ENGINE_REFUSED';
  return typeof code === 'string' && UNTRUSTED.test(code) ? 'ENGINE_UNTRUSTED' : 'ENGINE_UNREACHABLE';
}

/** Broker and user, as messages name them. */
export function brokerName({ url }: Pick<MosquittoConnection, 'url'>): string {
  const { host, username } = new URL(url);
  return `Mosquitto at ${host}, user ${decodeURIComponent(username) || 'none'}`;
}

/** Connects over MQTT 5, and again whenever the connection is lost or was refused. */
export function openLink({ connection, log, own, prepare }: LinkOptions): MosquittoLink {
  const client = mqtt.connect(connection.url, {
    protocolVersion: PROTOCOL_5,
    keepalive: KEEP_ALIVE_S,
    connectTimeout: CONNECT_WITHIN_MS,
    reconnectPeriod: RECONNECT_MS,
    reconnectOnConnackError: true,
    // Who subscribes does it at each connection: a session may have been found again without its newest subscriptions.
    resubscribe: false,
    // What could not be sent is said to have failed, and is not sent later behind everybody's back.
    queueQoSZero: false,
    ...(connection.ca !== undefined && { ca: connection.ca }),
    ...own,
    manualConnect: true,
  });
  prepare?.(client);
  const state = watch(client, connection, log);
  client.connect();
  const close = () => client.endAsync(true);
  return {
    client,
    get trouble() {
      return state.trouble;
    },
    blame: (trouble) => state.note(trouble),
    connected: () => state.connected,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}

/** Follows how the connection stands, and says each change once. */
function watch(client: MqttClient, connection: MosquittoConnection, log: Logger) {
  const first = Promise.withResolvers<void>();
  // Whoever does not wait for it is told by `trouble`.
  first.promise.catch(() => undefined);
  const state = {
    trouble: new AppError('ENGINE_UNREACHABLE', `${brokerName(connection)}: not connected yet`) as AppError | undefined,
    connected: first.promise,
    note(trouble: AppError): void {
      const told = state.trouble?.code === trouble.code && said;
      state.trouble = trouble;
      if (told) return;
      said = true;
      if (trouble.code === 'ENGINE_UNREACHABLE')
        log.warn({ detail: trouble.subject }, 'Mosquitto does not answer, connecting again and again');
      else log.error({ code: trouble.code, detail: trouble.subject }, 'Mosquitto cannot be used; it is tried again');
      if (trouble.code !== 'ENGINE_UNREACHABLE') first.reject(trouble);
    },
  };
  let said = false;
  client.on('error', (error) => state.note(brokerError(connection, error)));
  client.on('close', () => {
    // What was said of this connection before it was closed is the reason.
    if (!state.trouble) state.note(brokerError(connection, new Error('the connection was closed')));
  });
  client.on('connect', () => {
    if (said) log.info({ broker: brokerName(connection) }, 'connected to Mosquitto again');
    said = false;
    state.trouble = undefined;
    first.resolve();
  });
  return state;
}
