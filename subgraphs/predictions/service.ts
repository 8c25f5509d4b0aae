import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '@greencity/air/time';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { EventLog, LogConsumer } from '@greencity/platform/event-log/port';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { openConsumer } from './consumer.ts';
import type { Context } from './context.ts';
import { createEnergyPlans } from './energy-plans.ts';
import { createForecasts } from './forecasts.ts';
import { createHeatMaps } from './heat-maps.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { createLoaders } from './loaders.ts';
import { createModels } from './models.ts';
import { followNeighbourhood } from './neighbourhood.ts';
import { resolvers } from './resolvers.ts';
import type { PredictionsStore } from './store/port.ts';
import { openSqliteStore } from './store/sqlite.ts';

export interface PredictionsDependencies {
  readonly eventLog: EventLog;
  readonly directory: DeviceDirectory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The store lies in `<dataDir>/predictions.sqlite`, unless another is given. */
  readonly dataDir: string;
  /** A store that several processes may share; it is closed with the subgraph. */
  readonly store?: PredictionsStore | undefined;
}

const SDL = subgraphSdl(new URL('./schema.graphql', import.meta.url));

/** How often devices are looked at for being silent. */
const SWEEP_INTERVAL_MS = 60_000;
/** How often what faults are found by is written; a crash loses no reading, and at most so much of this memory. */
const REMEMBER_INTERVAL_MS = 5 * 60_000;
const EXPIRE_INTERVAL_MS = 60 * 60_000;
const KEPT_MS = 365 * DAY_MS;

/** Opens the subgraph: its store, and the consumer where it stopped. @throws AppError STORE_UNWRITABLE */
export async function openPredictions(dependencies: PredictionsDependencies): Promise<Subgraph> {
  const { eventLog, directory, clock, metrics, dataDir } = dependencies;
  const log = dependencies.log.child({ part: 'predictions' });
  await using stack = new AsyncDisposableStack();
  const store = stack.use(dependencies.store ?? (await openFile(dataDir)));
  const neighbourhood = stack.use(followNeighbourhood(directory));
  const models = createModels(clock);
  stack.defer(() => models.close());
  const ledger = await openLedger(store, neighbourhood.neighboursOf);
  stack.defer(() => ledger.persistAll());
  const consumer = stack.use(await openConsumer(eventLog, ledger, log));
  stack.use(keepHouse({ store, ledger, consumer, directory, clock, log }));
  metrics.gauge('predictions_lag_records', 'Processed readings that predictions have not taken yet.', () =>
    consumer.lagRecords(),
  );

  const shared = {
    forecasts: createForecasts({ store, ledger, neighbourhood, models, clock }),
    heatMaps: createHeatMaps({ store, ledger, neighbourhood, models, clock }),
    energyPlans: createEnergyPlans({ store, ledger, directory, clock }),
  };
  const opened = stack.move();
  const close = () => opened.disposeAsync();
  return {
    name: 'predictions',
    sdl: SDL,
    schema: subgraphSchema(SDL, resolvers),
    context: (viewer): Context => ({ viewer, ...shared, loaders: createLoaders(store) }),
    async caughtUp() {
      await consumer.caughtUp();
      await ledger.persist();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openFile(dataDir: string): Promise<PredictionsStore> {
  await mkdir(dataDir, { recursive: true });
  return await openSqliteStore(join(dataDir, 'predictions.sqlite'));
}

interface Housekeeping {
  readonly store: PredictionsStore;
  readonly ledger: Ledger;
  readonly consumer: LogConsumer;
  readonly directory: DeviceDirectory;
  readonly clock: Clock;
  readonly log: Logger;
}

function keepHouse({ store, ledger, consumer, directory, clock, log }: Housekeeping): Disposable {
  const inUse = (deviceId: string) => directory.device(deviceId)?.retired === false;
  async function sweep(): Promise<void> {
    // Who is behind takes old readings for silence.
    if (consumer.lagRecords() > 0) return;
    ledger.watchSilence(clock.nowMs(), inUse);
    await ledger.persist();
  }
  const regularly = (intervalMs: number, work: () => Promise<void>) =>
    clock.every(intervalMs, async () => {
      try {
        await work();
      } catch (error) {
        log.warn({ error }, 'housekeeping failed and is tried again');
      }
    });
  const running = [
    regularly(SWEEP_INTERVAL_MS, sweep),
    regularly(REMEMBER_INTERVAL_MS, () => ledger.persistAll()),
    regularly(EXPIRE_INTERVAL_MS, () => store.expire(clock.nowMs() - KEPT_MS)),
  ];
  return {
    [Symbol.dispose]() {
      for (const timer of running) timer[Symbol.dispose]();
    },
  };
}
