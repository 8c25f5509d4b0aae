/** Opens the engines behind the ports. Here alone an adapter is chosen; each closes itself when the stack that holds it does. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ANCHOR_FILE, fileAnchor } from '@greencity/platform/audit-log/anchor';
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
import { closeToOthers, openDataFolder } from './data-folder.ts';
import { type EngineHealth, engineHealth, type PingedEngine } from './engine-health.ts';
import { openPatience, type Patience } from './patience.ts';

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
  /** With engines that are not there yet, or do not let this process in. */
  readonly patience: Patience;
  /** Settings, with those that name engines read anew: the file of a secret may be another one by now. */
  renewed(): Config;
}

/** Where the settings of a process come from. */
export interface Settings {
  readonly config: Config;
  /** Reads them anew. @throws AppError BAD_SETTING */
  readonly reread: () => Config;
  /** Ends the waiting for engines. */
  readonly signal: AbortSignal;
}

/** Whether some engine is outside of this process. */
function usesOthers({ eventLog, timeSeries, documents, pubSub, mqtt }: Config): boolean {
  return [eventLog, timeSeries, documents, pubSub, mqtt].some(({ kind }) => kind !== 'embedded');
}

function renewing({ config, reread }: Omit<Settings, 'signal'>): () => Config {
  let last = config;
  return () => {
    try {
      const { eventLog, timeSeries, documents, pubSub, mqtt } = reread();
      last = { ...config, eventLog, timeSeries, documents, pubSub, mqtt };
    } catch (error) {
      // A file that is being replaced is not there for a moment.
      if (!(error instanceof AppError)) throw error;
    }
    return last;
  };
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
 * The engines: those that a setting names, and embedded ones below the data folder; `stack` closes them in reverse order. Opening one outside
 * of this process waits until it can be used; opening an embedded one throws AppError DATA_DIR_IN_USE, LOG_CORRUPT, STORE_UNWRITABLE, STORE_NEWER.
 */
export async function openPlatform(settings: Settings, stack: AsyncDisposableStack): Promise<Platform> {
  const { config } = settings;
  const { level, format } = config.log;
  const log = jsonLog({ level, format, write: (line) => process.stderr.write(line) });
  for (const { variable, meant } of config.lookalikes)
    log.warn({ variable, meant }, 'a variable is no setting and is ignored, but looks like one');
  const clock = systemClock((error) =>
    log.error({ error }, 'periodic work failed; it is tried again at its next time'),
  );
  const metrics = memoryMetrics();
  const basics: Basics = { clock, log, metrics };
  await openDataFolder(config.dataDir);
  await closeToOthers(config.dataDir, log);
  const below = (name: string) => join(config.dataDir, name);
  const health = engineHealth(clock);
  const patience = openPatience({ clock, log, waits: usesOthers(config), signal: settings.signal });
  const opening: Opening = { ...basics, patience, renewed: renewing(settings) };
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
  const documents = pinged('documents', () => openDocuments(opening, below('documents.sqlite')));
  let audit: Promise<AuditLog> | undefined;
  const answerCache = config.pubSub.kind === 'redis' ? once(() => openAnswerCache(opening)) : undefined;
  return {
    ...{ ...opening, health },
    eventLog: pinged('eventLog', () => openEventLog(opening, below('log'))),
    timeSeries: pinged('timeSeries', () => openTimeSeries(opening, below('series'))),
    documents,
    auditLog: () => {
      audit ??= documents().then((opened) =>
        patience.untilItOpens('auditLog', () =>
          openAuditLog({ documents: opened, clock, log, anchor: fileAnchor(below(ANCHOR_FILE)) }),
        ),
      );
      return audit;
    },
    pubSub: pinged('pubSub', () => openPubSub(opening)),
    keyValue: once(() => openKeyValue(opening)),
    answerCache: async () => await answerCache?.(),
    deviceAccess: once(() => openDeviceAccess(opening)),
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

type Opening = Pick<Platform, 'clock' | 'log' | 'metrics' | 'patience' | 'renewed'>;

async function openEventLog({ patience, renewed, ...basics }: Opening, folder: string): Promise<EventLog> {
  const config = renewed();
  const options = { ...basics, retention: retentionOf(config) };
  if (config.eventLog.kind === 'embedded') return await openEmbeddedLog({ ...options, folder });
  const { openKafkaLog } = await import('@greencity/platform/event-log/kafka/kafka-log');
  return await patience.untilItOpens('eventLog', async () => {
    const { brokers, sasl, tls, ca, partitions, prefix } = named(renewed().eventLog, 'kafka');
    const authority = ca === undefined ? {} : { ca: await readPem('KAFKA_CA_FILE', ca) };
    const connection = { brokers, ...(sasl && { sasl }), ...(tls && { tls: authority }) };
    return await openKafkaLog({ ...options, connection, partitions, prefix });
  });
}

/** An engine as the settings name it; which one it is does not change while a process runs. */
function named<E extends { readonly kind: string }, K extends E['kind']>(engine: E, kind: K): Extract<E, { kind: K }> {
  if (engine.kind !== kind) throw new Error(`the engine is ${engine.kind}, expected ${kind}`);
  return engine as Extract<E, { kind: K }>;
}

async function mosquittoAt({ mqtt }: Config) {
  const { url, ca } = named(mqtt, 'mosquitto');
  return { url, ...(ca !== undefined && { ca: await readPem('MQTT_CA_FILE', ca) }) };
}

/** Where messages of devices come from: a broker in this process, or Mosquitto, which is waited for. @throws AppError PORT_IN_USE */
export async function openBroker(
  { patience, renewed, ...basics }: Opening,
  served: { readonly handlers: BrokerHandlers; readonly limits: BrokerLimits },
): Promise<Broker> {
  const { mqtt: engine, dataDir } = renewed();
  const options = { ...basics, ...served };
  if (engine.kind === 'embedded') return await openEmbeddedBroker({ ...options, ...engine });
  const { openMosquittoBroker } = await import('@greencity/platform/broker/mosquitto/mosquitto-broker');
  const { several } = engine;
  const name = await consumerName(dataDir);
  return await patience.untilItOpens('mqtt', async () =>
    openMosquittoBroker({ ...options, connection: await mosquittoAt(renewed()), several, consumerName: name }),
  );
}

async function openDeviceAccess({ patience, renewed, log }: Opening): Promise<DeviceAccess> {
  if (renewed().mqtt.kind === 'embedded') return accessByHash();
  const { openMosquittoAccess } = await import('@greencity/platform/device-access/mosquitto');
  return await patience.untilItOpens('deviceAccess', async () =>
    openMosquittoAccess({ connection: await mosquittoAt(renewed()), log }),
  );
}

const redisUrl = ({ pubSub }: Config): string => named(pubSub, 'redis').url;

async function openPubSub({ patience, renewed, ...basics }: Opening): Promise<PubSub> {
  if (renewed().pubSub.kind === 'embedded') return memoryPubSub(basics);
  const { openRedisPubSub } = await import('@greencity/platform/pub-sub/redis');
  return await patience.untilItOpens('pubSub', () => openRedisPubSub({ ...basics, url: redisUrl(renewed()) }));
}

async function openKeyValue({ patience, renewed, ...basics }: Opening): Promise<KeyValue> {
  if (renewed().pubSub.kind === 'embedded') return memoryKeyValue(basics);
  const { openRedisKeyValue } = await import('@greencity/platform/key-value/redis');
  const { reckonedKeyValue } = await import('@greencity/platform/key-value/reckoned');
  const open = () => openRedisKeyValue({ ...basics, url: redisUrl(renewed()) });
  return reckonedKeyValue({ ...basics, shared: await patience.untilItOpens('keyValue', open) });
}

async function openAnswerCache({ patience, renewed, ...basics }: Opening): Promise<TaggedCache> {
  const { openRedisTaggedCache } = await import('@greencity/platform/tagged-cache/redis');
  return await patience.untilItOpens('answerCache', () =>
    openRedisTaggedCache({ ...basics, url: redisUrl(renewed()) }),
  );
}

async function openTimeSeries({ patience, renewed, ...basics }: Opening, folder: string): Promise<TimeSeries> {
  const { timeSeries: engine, retention: kept } = renewed();
  const options = { ...basics, retention: { rawMs: kept.rawMs, rollupMs: kept.rollupMs } };
  if (engine.kind === 'embedded') return await openEmbeddedTimeSeries({ ...options, folder });
  const { openInfluxTimeSeries } = await import('@greencity/platform/time-series/influx/store');
  return await patience.untilItOpens('timeSeries', () =>
    openInfluxTimeSeries({ ...options, ...named(renewed().timeSeries, 'influx') }),
  );
}

const mongoUri = ({ documents }: Config): string => named(documents, 'mongodb').uri;

async function openDocuments({ patience, renewed, log }: Opening, path: string): Promise<Documents> {
  if (renewed().documents.kind === 'embedded') return await openSqliteDocuments({ path });
  const { openMongoDocuments } = await import('@greencity/platform/documents/mongo/store');
  return await patience.untilItOpens('documents', () => openMongoDocuments({ uri: mongoUri(renewed()), log }));
}

/** The predictions' own store on a database that processes share; undefined where it lies in the data folder. */
export async function openPredictionsStore({
  health,
  patience,
  renewed,
}: Platform): Promise<PredictionsStore | undefined> {
  if (renewed().documents.kind === 'embedded') return undefined;
  const { openMongo } = await import('@greencity/platform/documents/mongo/connection');
  const { openMongoStore } = await import('@greencity/predictions/store/mongo');
  return await patience.untilItOpens('documents', async () => {
    await using stack = new AsyncDisposableStack();
    const connection = stack.use(await openMongo({ uri: mongoUri(renewed()) }));
    const store = await openMongoStore(connection);
    health.watch('documents', connection.ping);
    stack.move();
    return store;
  });
}
