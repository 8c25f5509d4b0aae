/** Opens the engines behind the ports. Here alone an adapter is chosen; each closes itself when the stack that holds it does. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditLog, openAuditLog } from '@greencity/platform/audit-log/audit-log';
import { openEmbeddedBroker } from '@greencity/platform/broker/embedded/embedded-broker';
import type { Broker, BrokerHandlers, BrokerLimits } from '@greencity/platform/broker/port';
import type { Clock } from '@greencity/platform/clock/port';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { accessByHash } from '@greencity/platform/device-access/by-hash';
import type { DeviceAccess } from '@greencity/platform/device-access/port';
import type { Documents } from '@greencity/platform/documents/port';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { AppError } from '@greencity/platform/errors';
import { openEmbeddedLog } from '@greencity/platform/event-log/embedded/embedded-log';
import type { EventLog, Retention, Topic } from '@greencity/platform/event-log/port';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
import type { KeyValue } from '@greencity/platform/key-value/port';
import { jsonLog } from '@greencity/platform/log/json-log';
import type { Logger } from '@greencity/platform/log/port';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import type { Metrics } from '@greencity/platform/metrics/port';
import { memoryPubSub } from '@greencity/platform/pub-sub/memory';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import type { TaggedCache } from '@greencity/platform/tagged-cache/port';
import { openEmbeddedTimeSeries } from '@greencity/platform/time-series/embedded/store';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import type { PredictionsStore } from '@greencity/predictions/store/port';
import type { Config } from './config.ts';
import { consumerName } from './consumer-name.ts';
import { type EngineHealth, engineHealth, type PingedEngine } from './engine-health.ts';
import { untilItAnswers } from './until-it-answers.ts';

/** What every part is built on. */
export interface Basics {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** The engines of this process. Each is opened when it is first asked for: a role opens what it uses, and no more. */
export interface Platform extends Basics {
  eventLog(): Promise<EventLog>;
  timeSeries(): Promise<TimeSeries>;
  documents(): Promise<Documents>;
  /** One for all parts of this process. */
  auditLog(): Promise<AuditLog>;
  pubSub(): Promise<PubSub>;
  keyValue(): Promise<KeyValue>;
  /** Answers that gateways share; undefined where there is one process alone. */
  answerCache(): Promise<TaggedCache | undefined>;
  /** Who may sign in where devices connect. */
  deviceAccess(): Promise<DeviceAccess>;
  /** Of those that have been opened. */
  readonly health: EngineHealth;
}

function retentionOf(config: Config): Record<Topic, Retention> {
  const expire: Retention = { kind: 'expire', ageMs: config.retention.logMs, bytesMax: config.retention.logBytesMax };
  return {
    'raw.measurements': expire,
    'processed.measurements': expire,
    alerts: expire,
    'raw.measurements.dlq': expire,
    'device.status': expire,
    'device.status.changes': expire,
    devices: { kind: 'compact' },
  };
}

/**
 * An engine's client is loaded where a setting names the engine: together they take 27 MiB that a small machine has better uses for.
 *
 * The engines: those that a setting names, and embedded ones below the data folder; `stack` closes them in reverse order. Opening one
 * throws AppError DATA_DIR_IN_USE, LOG_CORRUPT, STORE_UNWRITABLE, STORE_REFUSED, STORE_NEWER, UNAVAILABLE, ENGINE_REFUSED.
 */
export async function openPlatform(config: Config, stack: AsyncDisposableStack): Promise<Platform> {
  const { level, format } = config.log;
  const log = jsonLog({ level, format, write: (line) => process.stderr.write(line) });
  const clock = systemClock((error) =>
    log.error({ error }, 'periodic work failed; it is tried again at its next time'),
  );
  const metrics = memoryMetrics();
  const basics: Basics = { clock, log, metrics };
  await mkdir(config.dataDir, { recursive: true });
  const below = (name: string) => join(config.dataDir, name);
  const health = engineHealth(clock);
  const once = <T extends AsyncDisposable>(open: () => Promise<T>): (() => Promise<T>) => {
    let opened: Promise<T> | undefined;
    return () => {
      opened ??= open().then((engine) => stack.use(engine));
      return opened;
    };
  };
  const pinged = <T extends AsyncDisposable & { ping(): Promise<void> }>(name: PingedEngine, open: () => Promise<T>) =>
    once(async () => {
      const engine = await open();
      health.watch(name, engine.ping);
      return engine;
    });
  const documents = pinged('documents', () => openDocuments(config, below('documents.sqlite'), basics));
  let audit: Promise<AuditLog> | undefined;
  const { pubSub: shared } = config;
  const answerCache = shared.kind === 'redis' ? once(() => openAnswerCache(shared.url, basics)) : undefined;
  return {
    ...{ ...basics, health },
    eventLog: pinged('eventLog', () => openEventLog(config, below('log'), basics)),
    timeSeries: pinged('timeSeries', () => openTimeSeries(config, below('series'), basics)),
    documents,
    auditLog: () => {
      audit ??= documents().then((opened) => openAuditLog({ documents: opened, clock, log }));
      return audit;
    },
    pubSub: pinged('pubSub', () => openPubSub(config, basics)),
    keyValue: once(() => openKeyValue(config, basics)),
    answerCache: async () => await answerCache?.(),
    deviceAccess: once(() => openDeviceAccess(config, basics)),
  };
}

/** @throws AppError BAD_SETTING for a file that cannot be read */
async function readPem(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('BAD_SETTING', `${variable} must name a file that can be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

async function openEventLog(config: Config, folder: string, basics: Basics): Promise<EventLog> {
  const { eventLog: engine } = config;
  const options = { ...basics, retention: retentionOf(config) };
  switch (engine.kind) {
    case 'embedded':
      return await openEmbeddedLog({ ...options, folder });
    case 'kafka': {
      const { brokers, sasl, tls, ca, partitions, prefix } = engine;
      const authority = ca === undefined ? {} : { ca: await readPem('KAFKA_CA_FILE', ca) };
      const connection = { brokers, ...(sasl && { sasl }), ...(tls && { tls: authority }) };
      const { openKafkaLog } = await import('@greencity/platform/event-log/kafka/kafka-log');
      return await openKafkaLog({ ...options, connection, partitions, prefix });
    }
  }
}

async function mosquittoAt({ url, ca }: { readonly url: string; readonly ca: string | undefined }) {
  return { url, ...(ca !== undefined && { ca: await readPem('MQTT_CA_FILE', ca) }) };
}

/**
 * Where messages of devices come from: a broker in this process, or Mosquitto.
 * @throws AppError PORT_IN_USE, ENGINE_REFUSED, ENGINE_UNTRUSTED
 */
export async function openBroker(
  { mqtt: engine, dataDir }: Config,
  options: Basics & { readonly handlers: BrokerHandlers; readonly limits: BrokerLimits },
): Promise<Broker> {
  switch (engine.kind) {
    case 'embedded':
      return await openEmbeddedBroker({ ...options, ...engine });
    case 'mosquitto': {
      const { openMosquittoBroker } = await import('@greencity/platform/broker/mosquitto/mosquitto-broker');
      const connection = await mosquittoAt(engine);
      const { several } = engine;
      return await openMosquittoBroker({ ...options, connection, several, consumerName: await consumerName(dataDir) });
    }
  }
}

async function openDeviceAccess({ mqtt: engine }: Config, { log }: Basics): Promise<DeviceAccess> {
  if (engine.kind === 'embedded') return accessByHash();
  const { openMosquittoAccess } = await import('@greencity/platform/device-access/mosquitto');
  return await openMosquittoAccess({ connection: await mosquittoAt(engine), log });
}

async function openPubSub({ pubSub: engine }: Config, basics: Basics): Promise<PubSub> {
  if (engine.kind === 'embedded') return memoryPubSub(basics);
  const { openRedisPubSub } = await import('@greencity/platform/pub-sub/redis');
  return await openRedisPubSub({ ...basics, url: engine.url });
}

async function openKeyValue({ pubSub: engine }: Config, basics: Basics): Promise<KeyValue> {
  if (engine.kind === 'embedded') return memoryKeyValue(basics);
  const { openRedisKeyValue } = await import('@greencity/platform/key-value/redis');
  return await openRedisKeyValue({ ...basics, url: engine.url });
}

async function openAnswerCache(url: string, basics: Basics): Promise<TaggedCache> {
  const { openRedisTaggedCache } = await import('@greencity/platform/tagged-cache/redis');
  return await openRedisTaggedCache({ ...basics, url });
}

async function openTimeSeries(
  { timeSeries: engine, retention: { rawMs, rollupMs } }: Config,
  folder: string,
  platform: Basics,
): Promise<TimeSeries> {
  const options = { ...platform, retention: { rawMs, rollupMs } };
  switch (engine.kind) {
    case 'embedded':
      return await openEmbeddedTimeSeries({ ...options, folder });
    case 'influx': {
      const { openInfluxTimeSeries } = await import('@greencity/platform/time-series/influx/store');
      return await untilItAnswers({ ...platform, engine: 'InfluxDB' }, () =>
        openInfluxTimeSeries({ ...options, ...engine }),
      );
    }
  }
}

async function openDocuments({ documents: engine }: Config, path: string, basics: Basics): Promise<Documents> {
  switch (engine.kind) {
    case 'embedded':
      return await openSqliteDocuments({ path });
    case 'mongodb': {
      const { openMongoDocuments } = await import('@greencity/platform/documents/mongo/store');
      return await untilItAnswers({ ...basics, engine: 'MongoDB' }, () =>
        openMongoDocuments({ uri: engine.uri, log: basics.log }),
      );
    }
  }
}

/** The predictions' own store on a database that processes share; undefined where it lies in the data folder. */
export async function openPredictionsStore(
  { documents: engine }: Config,
  { health, clock, log }: Platform,
): Promise<PredictionsStore | undefined> {
  if (engine.kind === 'embedded') return undefined;
  const { openMongo } = await import('@greencity/platform/documents/mongo/connection');
  const { openMongoStore } = await import('@greencity/predictions/store/mongo');
  const connection = await untilItAnswers({ engine: 'MongoDB', clock, log }, () => openMongo({ uri: engine.uri }));
  health.watch('documents', connection.ping);
  return await openMongoStore(connection);
}
