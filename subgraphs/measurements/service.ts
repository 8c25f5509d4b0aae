import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import type { KeyValue } from '@greencity/platform/key-value/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import { createAddMeasurements, type MeasurementsSettings } from './add-measurements.ts';
import { createAirQualityReader } from './air-quality/air-quality-reader.ts';
import { openConsumer } from './consumer.ts';
import type { Context } from './context.ts';
import { createDeadLetterBox, type Redeliver } from './dead-letter-box.ts';
import { createLatestReader } from './latest-reader.ts';
import { createLiveMeasurements } from './live-measurements.ts';
import { createLoaders } from './loaders.ts';
import { createPlacedDevices } from './placed-devices.ts';
import { resolvers } from './resolvers.ts';
import { keepRetention } from './retention.ts';
import { createSeriesReader } from './series-reader.ts';

export interface MeasurementsDependencies {
  readonly eventLog: EventLog;
  readonly timeSeries: TimeSeries;
  readonly directory: DeviceDirectory;
  readonly audit: AuditLog;
  readonly pubSub: PubSub;
  /** Holds the lease of the retention. */
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings: MeasurementsSettings;
  /** Sends a dead letter through validation again: ingest's, which this subgraph must not know. */
  readonly redeliver: Redeliver;
}

const SDL = subgraphSdl(new URL('./schema.graphql', import.meta.url));

/** Opens the subgraph of measurements: follows `raw.measurements` from where its group stopped, and answers from the time-series store. */
export async function openMeasurements(dependencies: MeasurementsDependencies): Promise<Subgraph> {
  const { eventLog, timeSeries, directory, pubSub, clock } = dependencies;
  const log = dependencies.log.child({ part: 'measurements' });
  const consumer = await openConsumer({ ...dependencies, log });
  const placed = createPlacedDevices(timeSeries, directory);
  const latest = createLatestReader(timeSeries, placed);
  const airQuality = createAirQualityReader({ timeSeries, directory, clock });
  const shared = {
    latest,
    series: createSeriesReader(timeSeries, directory),
    live: createLiveMeasurements({ pubSub, directory, eventLog, latest }),
    addMeasurements: createAddMeasurements(dependencies),
    deadLetters: createDeadLetterBox(eventLog, dependencies.redeliver),
  };
  const retention = keepRetention({ ...dependencies, log });

  const close = async () => {
    retention[Symbol.dispose]();
    placed[Symbol.dispose]();
    await consumer.close();
  };
  return {
    name: 'measurements',
    sdl: SDL,
    schema: subgraphSchema(SDL, resolvers),
    resumable: true,
    context: (viewer): Context => ({
      viewer,
      audit: dependencies.audit,
      ...shared,
      loaders: createLoaders({ latest, airQuality }),
    }),
    caughtUp: () => consumer.caughtUp(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
