/** Which engine keeps what: embedded in this process, unless a setting names one that processes share. */
import type { Reader } from './reader.ts';
import { VARIABLES } from './variables.ts';

export type TimeSeriesEngine =
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'influx';
      readonly url: string;
      readonly org: string;
      readonly token: string;
      readonly bucket: string;
    };

export type DocumentsEngine = { readonly kind: 'embedded' } | { readonly kind: 'mongodb'; readonly uri: string };

export type EventLogEngine =
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'kafka';
      readonly brokers: readonly string[];
      readonly partitions: number;
      readonly prefix: string;
      readonly sasl: KafkaSasl | undefined;
      readonly tls: boolean;
      /** File of the authority, in PEM, where the system does not know it. */
      readonly ca: string | undefined;
    };

/** And with it cache, rate limits and leases. */
export type PubSubEngine = { readonly kind: 'embedded' } | { readonly kind: 'redis'; readonly url: string };

/** Where devices publish: at this process, or at a broker that processes take messages from. */
export type MqttEngine =
  | { readonly kind: 'embedded'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'mosquitto';
      /** With user and password. */
      readonly url: string;
      /** File of the authority, in PEM, where the system does not know it. */
      readonly ca: string | undefined;
      /** Whether several processes take messages, so that they share them. */
      readonly several: boolean;
    };

const KAFKA_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** How this program signs in at Kafka. */
export interface KafkaSasl {
  readonly mechanism: (typeof KAFKA_MECHANISMS)[number];
  readonly username: string;
  readonly password: string;
}

/** `INFLUX_…` */
export function readTimeSeries({ text, environment, mistakes }: Reader): TimeSeriesEngine {
  const url = text('INFLUX_URL', '');
  const needed = ['INFLUX_ORG', 'INFLUX_TOKEN'] as const;
  if (!url) {
    for (const name of [...needed, 'INFLUX_BUCKET']) {
      if (environment[name]) mistakes.push(`${name} is set without INFLUX_URL; set both or none`);
    }
    return { kind: 'embedded' };
  }
  if (!/^https?:\/\/[^/\s]+/.test(url)) mistakes.push(`INFLUX_URL must be an http or https address, not "${url}"`);
  for (const name of needed) if (!environment[name]) mistakes.push(`${name} must be set when INFLUX_URL is`);
  const bucket = text('INFLUX_BUCKET', 'greencity');
  return { kind: 'influx', url, org: text('INFLUX_ORG', ''), token: text('INFLUX_TOKEN', ''), bucket };
}

/** `MONGODB_URI` */
export function readDocuments({ text, mistakes }: Reader): DocumentsEngine {
  const uri = text('MONGODB_URI', '');
  if (!uri) return { kind: 'embedded' };
  // It may hold a password: what was wrong is not repeated.
  if (!/^mongodb(\+srv)?:\/\/./.test(uri)) mistakes.push('MONGODB_URI must begin with mongodb:// or mongodb+srv://');
  return { kind: 'mongodb', uri };
}

/** `KAFKA_…` */
export function readEventLog(read: Reader): EventLogEngine {
  const { text, environment, mistakes } = read;
  const brokers = text('KAFKA_BROKERS', '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  const others = VARIABLES.filter((name) => name.startsWith('KAFKA_') && name !== 'KAFKA_BROKERS');
  if (brokers.length === 0) {
    for (const name of others)
      if (environment[name]) mistakes.push(`${name} is set without KAFKA_BROKERS; set both or none`);
    return { kind: 'embedded' };
  }
  for (const broker of brokers) {
    if (!/^[^\s:/]+:\d{1,5}$/.test(broker))
      mistakes.push(`KAFKA_BROKERS must be host:port, several by commas, not "${broker}"`);
  }
  const username = text('KAFKA_USERNAME', '');
  const password = environment['KAFKA_PASSWORD'] ?? '';
  if (Boolean(username) !== Boolean(password))
    mistakes.push('KAFKA_USERNAME and KAFKA_PASSWORD must be set both or none');
  const mechanism = read.choice('KAFKA_SASL_MECHANISM', 'SCRAM-SHA-512', KAFKA_MECHANISMS);
  const prefix = text('KAFKA_PREFIX', '');
  if (!/^[\w.-]{0,100}$/.test(prefix))
    mistakes.push(`KAFKA_PREFIX must be letters, digits, dots and dashes, not "${prefix}"`);
  return {
    kind: 'kafka',
    brokers,
    prefix,
    partitions: Math.trunc(read.number('KAFKA_PARTITIONS', { fallback: 6, low: 1, high: 1_000 })),
    sasl: username ? { mechanism, username, password } : undefined,
    tls: read.choice('KAFKA_TLS', 'off', ['on', 'off']) === 'on',
    ca: text('KAFKA_CA_FILE', '') || undefined,
  };
}

/** `REDIS_URL` */
export function readPubSub({ text, mistakes }: Reader): PubSubEngine {
  const url = text('REDIS_URL', '');
  if (!url) return { kind: 'embedded' };
  // It may hold a password: what was wrong is not repeated.
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url))
    mistakes.push('REDIS_URL must begin with redis:// or rediss://');
  return { kind: 'redis', url };
}

/** `MQTT_…` */
export function readMqtt(read: Reader): MqttEngine {
  const { text, environment, mistakes } = read;
  const url = text('MQTT_URL', '');
  const ca = text('MQTT_CA_FILE', '') || undefined;
  if (!url) {
    if (ca) mistakes.push('MQTT_CA_FILE is set without MQTT_URL; set both or none');
    const host = text('MQTT_HOST', text('HOST', '127.0.0.1'));
    return { kind: 'embedded', host, port: read.port('MQTT_PORT', 1883) };
  }
  // It holds a password: what was wrong is not repeated.
  if (!/^mqtts?:\/\/[^/?#]+\/?$/.test(url) || !URL.canParse(url) || !new URL(url).username || !new URL(url).password)
    mistakes.push('MQTT_URL must be as mqtt://user:password@host:port, or mqtts:// with TLS');
  if (ca && url.startsWith('mqtt:')) mistakes.push('MQTT_CA_FILE is for TLS: MQTT_URL must begin with mqtts://');
  for (const name of ['MQTT_PORT', 'MQTT_HOST']) {
    if (environment[name]) mistakes.push(`${name} is set, but with MQTT_URL no port is opened for devices; unset it`);
  }
  const several = read.choice('MQTT_CONSUMERS', 'one', ['one', 'several']) === 'several';
  return { kind: 'mosquitto', url, ca, several };
}
