/** Opens the engines behind the ports. Here alone an adapter is chosen; each closes itself when the stack that holds it does. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@greencity/platform/clock/port';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openMongo } from '@greencity/platform/documents/mongo/connection';
import { openMongoDocuments } from '@greencity/platform/documents/mongo/store';
import type { Documents } from '@greencity/platform/documents/port';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
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
import { openEmbeddedTimeSeries } from '@greencity/platform/time-series/embedded/store';
import { openInfluxTimeSeries } from '@greencity/platform/time-series/influx/store';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import { openMongoStore } from '@greencity/predictions/store/mongo';
import type { PredictionsStore } from '@greencity/predictions/store/port';
import type { Config } from './config.ts';

/** What every part is built on. */
export interface Platform {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly eventLog: EventLog;
  readonly timeSeries: TimeSeries;
  readonly documents: Documents;
  readonly pubSub: PubSub;
  readonly keyValue: KeyValue;
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

/** Opens the engines: those that a setting names, and embedded ones below the data folder; `stack` closes them in reverse order. @throws AppError DATA_DIR_IN_USE, LOG_CORRUPT, STORE_UNWRITABLE, STORE_REFUSED, STORE_NEWER, UNAVAILABLE */
export async function openPlatform(config: Config, stack: AsyncDisposableStack): Promise<Platform> {
  const log = jsonLog({
    level: config.log.level,
    format: config.log.format,
    write: (line) => process.stderr.write(line),
  });
  const clock = systemClock((error) =>
    log.error({ error }, 'periodic work failed; it is tried again at its next time'),
  );
  const metrics = memoryMetrics();
  await mkdir(config.dataDir, { recursive: true });
  const below = (name: string) => join(config.dataDir, name);
  const eventLog = stack.use(
    await openEmbeddedLog({ folder: below('log'), retention: retentionOf(config), clock, log, metrics }),
  );
  const timeSeries = stack.use(await openTimeSeries(config, below('series'), { clock, log, metrics }));
  const documents = stack.use(await openDocuments(config, below('documents.sqlite'), log));
  const pubSub = stack.use(memoryPubSub());
  const keyValue = stack.use(memoryKeyValue({ clock }));
  return { clock, log, metrics, eventLog, timeSeries, documents, pubSub, keyValue };
}

function openTimeSeries(
  { timeSeries: engine, retention: { rawMs, rollupMs } }: Config,
  folder: string,
  platform: Pick<Platform, 'clock' | 'log' | 'metrics'>,
): Promise<TimeSeries> {
  const options = { ...platform, retention: { rawMs, rollupMs } };
  switch (engine.kind) {
    case 'embedded':
      return openEmbeddedTimeSeries({ ...options, folder });
    case 'influx':
      return openInfluxTimeSeries({ ...options, ...engine });
  }
}

function openDocuments({ documents: engine }: Config, path: string, log: Logger): Promise<Documents> {
  switch (engine.kind) {
    case 'embedded':
      return openSqliteDocuments({ path });
    case 'mongodb':
      return openMongoDocuments({ uri: engine.uri, log });
  }
}

/** The predictions' own store on a database that processes share; undefined where it lies in the data folder. */
export async function openPredictionsStore({ documents: engine }: Config): Promise<PredictionsStore | undefined> {
  return engine.kind === 'mongodb' ? await openMongoStore(await openMongo({ uri: engine.uri })) : undefined;
}
