import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { Documents } from '@greencity/platform/documents/port';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { type AlertBook, createAlertBook } from './alert-book.ts';
import { createCommands } from './commands.ts';
import { openReadingsConsumer } from './consumer.ts';
import type { Context } from './context.ts';
import { type AlertEngine, createAlertEngine } from './domain/alert-engine.ts';
import type { Rule } from './domain/rule.ts';
import { createInTurn } from './in-turn.ts';
import { createLoaders } from './loaders.ts';
import { createQueries } from './queries.ts';
import { resolvers } from './resolvers.ts';
import { openAlertStore, type Unfinished } from './store/alert-store.ts';

export interface AlertsDependencies {
  readonly eventLog: EventLog;
  readonly documents: Documents;
  readonly audit: AuditLog;
  /** Stays the caller's to close, after this subgraph. */
  readonly directory: DeviceDirectory;
  readonly pubSub: PubSub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const SDL = subgraphSdl(new URL('./schema.graphql', import.meta.url));

/** How often what the log could not take is told again. */
const TELL_INTERVAL_MS = 5_000;

/** Opens the subgraph: takes up its rules and open alerts, tells what a crash left untold, and follows the readings from where it stopped. */
export async function openAlerts(dependencies: AlertsDependencies): Promise<Subgraph> {
  const { eventLog, pubSub, directory, clock, metrics } = dependencies;
  const log = dependencies.log.child({ part: 'alerts' });
  const store = await openAlertStore(dependencies.documents);
  const engine = createAlertEngine((deviceId) => directory.device(deviceId));
  const unfinished = await store.unfinished();
  takeUp(engine, await store.allRules(), unfinished, clock.nowMs());
  const book = createAlertBook({ store, engine, eventLog, pubSub, log, metrics, owed: unfinished.owed });
  await book.settleStore();
  metrics.gauge('greencity_alerts_open', 'Alerts that are pending, firing, acknowledged or held.', () =>
    engine.openCount(),
  );

  const inTurn = createInTurn();
  const work = async (name: string, step: () => Promise<void>) => {
    try {
      await inTurn(step);
    } catch (error) {
      log.warn({ error, work: name }, 'work on alerts failed and is tried again');
    }
  };
  await using opening = new AsyncDisposableStack();
  opening.defer(() => inTurn(() => book.settle()));
  const consumer = opening.use(await openReadingsConsumer({ eventLog, engine, book, inTurn, log, metrics }));
  opening.use(clock.every(TELL_INTERVAL_MS, () => work('tell', () => book.settleStore())));
  opening.use(
    directory.onDevice(({ deviceId }) => {
      if (engine.follows(deviceId)) void work('device', () => followDevice(engine, book, deviceId, clock.nowMs()));
    }),
  );
  const queries = createQueries({ store, engine, pubSub, eventLog });
  const commands = createCommands({ store, engine, book, directory, clock, inTurn });

  const opened = opening.move();
  const close = () => opened.disposeAsync();
  return {
    name: 'alerts',
    sdl: SDL,
    schema: subgraphSchema(SDL, resolvers),
    resumable: true,
    context: (viewer): Context => ({
      viewer,
      audit: dependencies.audit,
      queries,
      commands,
      loaders: createLoaders(queries),
    }),
    async caughtUp() {
      await directory.caughtUp();
      await consumer.caughtUp();
      await inTurn(async () => {});
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Takes up rules and open alerts as they were stored, and ends the alerts whose device or rule went while nobody looked. */
function takeUp(engine: AlertEngine, rules: readonly Rule[], unfinished: Unfinished, nowMs: number): void {
  for (const rule of rules) engine.setRule(rule, nowMs);
  for (const progress of unfinished.progress) engine.adoptProgress(progress);
  for (const alert of unfinished.open) engine.adopt(alert);
  for (const deviceId of new Set(unfinished.open.map((alert) => alert.deviceId))) engine.deviceChanged(deviceId, nowMs);
}

async function followDevice(engine: AlertEngine, book: AlertBook, deviceId: string, nowMs: number): Promise<void> {
  engine.deviceChanged(deviceId, nowMs);
  if (engine.hasNews()) await book.settleStore();
}
