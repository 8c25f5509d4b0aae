/** A connection to a Mosquitto broker for what we publish and ask; it mends itself. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from '../../log/port.ts';
import { type MosquittoConnection, openStanding, type Standing } from './standing.ts';

const CONNECT_WITHIN_MS = 5_000;
const RECONNECT_MS = 500;
const KEEP_ALIVE_S = 30;
const PROTOCOL_5 = 5;

export interface MosquittoLink extends AsyncDisposable {
  readonly client: MqttClient;
  readonly standing: Standing;
}

export interface LinkOptions {
  readonly connection: MosquittoConnection;
  readonly log: Logger;
  readonly clientId: string;
}

/** Connects over MQTT 5 without a session, and again whenever the connection is lost or was refused. */
export function openLink({ connection, log, clientId }: LinkOptions): MosquittoLink {
  const client = mqtt.connect(connection.url, {
    ...{ clientId, clean: true, protocolVersion: PROTOCOL_5, keepalive: KEEP_ALIVE_S },
    ...{ connectTimeout: CONNECT_WITHIN_MS, reconnectPeriod: RECONNECT_MS, reconnectOnConnackError: true },
    // Who subscribes does it at each connection.
    resubscribe: false,
    // What could not be sent is said to have failed, and is not sent later behind everybody's back.
    queueQoSZero: false,
    ...(connection.ca !== undefined && { ca: connection.ca }),
  } satisfies IClientOptions);
  const standing = openStanding(connection, log);
  client.on('error', standing.fails);
  client.on('close', standing.closed);
  client.on('connect', standing.stands);
  return {
    client,
    standing,
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}
