/** Opens the engines behind the ports. Here alone an adapter is chosen; each closes itself when the stack that holds it does. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@greencity/platform/clock/port';
import { systemClock } from '@greencity/platform/clock/system-clock';
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
import type { TimeSeries } from '@greencity/platform/time-series/port';
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

/** Opens the embedded engines below the data folder; `stack` closes them in reverse order. @throws AppError DATA_DIR_IN_USE, LOG_CORRUPT, STORE_UNWRITABLE */
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
  const timeSeries = stack.use(
    await openEmbeddedTimeSeries({
      folder: below('series'),
      retention: { rawMs: config.retention.rawMs, rollupMs: config.retention.rollupMs },
      clock,
      log,
      metrics,
    }),
  );
  const documents = stack.use(await openSqliteDocuments({ path: below('documents.sqlite') }));
  const pubSub = stack.use(memoryPubSub());
  const keyValue = stack.use(memoryKeyValue({ clock }));
  return { clock, log, metrics, eventLog, timeSeries, documents, pubSub, keyValue };
}
