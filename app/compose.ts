/** Puts the parts together: engines, ingest, subgraphs, gateway. What is opened here is closed by the stack, in reverse order. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openAlerts } from '@greencity/alerts/service';
import { type Devices, openDevices } from '@greencity/devices/service';
import { openGateway } from '@greencity/gateway/gateway';
import { type Handler, routes } from '@greencity/gateway/http/routes';
import { type HttpServer, openHttpServer } from '@greencity/gateway/http/server';
import { committedReleases } from '@greencity/gateway/operations/committed';
import { openIngest } from '@greencity/ingest/ingest';
import { openMeasurements } from '@greencity/measurements/service';
import { openEmbeddedBroker } from '@greencity/platform/broker/embedded/embedded-broker';
import type { Broker } from '@greencity/platform/broker/port';
import { type DeviceDirectory, openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { openPredictions } from '@greencity/predictions/service';
import { openPlatform, openPredictionsStore, type Platform } from './adapters.ts';
import type { Config } from './config.ts';

const SUPERGRAPH = new URL('../schema/supergraph.graphql', import.meta.url);
const OPERATIONS_FOLDER = fileURLToPath(new URL('../schema/operations', import.meta.url));
const WEB_FOLDER = fileURLToPath(new URL('../web/dist', import.meta.url));
const PAYLOAD_BYTES_MAX = 8 * 1024;
/** A back-fill array of the largest message holds fewer: the smallest reading takes 24 bytes. */
const READINGS_PER_MESSAGE_MAX = 500;
const BROKER_LIMITS = {
  payloadBytesMax: PAYLOAD_BYTES_MAX,
  inFlightPerClientMax: 100,
  inFlightMax: 20_000,
  clientsMax: 20_000,
};

/** A running platform. */
export interface Running {
  readonly platform: Platform;
  readonly devices: Devices;
  readonly http: HttpServer;
  readonly broker: Broker;
}

/**
 * Opens everything and listens on both ports. The stack closes it again: first the ways in, last the engines.
 * @throws AppError PORT_IN_USE, DATA_DIR_IN_USE, LOG_CORRUPT, STORE_UNWRITABLE
 */
export async function compose(config: Config, stack: AsyncDisposableStack): Promise<Running> {
  const platform = await openPlatform(config, stack);
  const directory = stack.use(await openDeviceDirectory(platform.eventLog, platform.log));
  const ingest = stack.use(
    openIngest({
      ...platform,
      directory,
      settings: {
        ...acceptance(config),
        readingsPerMessageMax: READINGS_PER_MESSAGE_MAX,
        payloadBytesMax: PAYLOAD_BYTES_MAX,
      },
    }),
  );
  const devices = stack.use(
    await openDevices({ ...platform, settings: { dataDir: config.dataDir, admin: config.admin } }),
  );
  const measurements = stack.use(
    await openMeasurements({ ...platform, directory, settings: acceptance(config), redeliver: ingest.redeliver }),
  );
  const alerts = stack.use(await openAlerts({ ...platform, directory }));
  const predictions = stack.use(
    await openPredictions({
      ...platform,
      directory,
      dataDir: config.dataDir,
      store: await openPredictionsStore(config),
    }),
  );
  const subgraphs = [devices, measurements, alerts, predictions];
  const http = await listen(config, { platform, directory, devices, subgraphs }, stack);
  const broker = stack.use(
    await openEmbeddedBroker({ ...platform, ...config.mqtt, limits: BROKER_LIMITS, handlers: ingest.handlers }),
  );
  ingest.guard(broker);
  keepHouse(platform, stack);
  return { platform, devices, http, broker };
}

function acceptance(config: Config): { readonly acceptAgeMs: number; readonly acceptAheadMs: number } {
  return { acceptAgeMs: config.acceptance.ageMs, acceptAheadMs: config.acceptance.aheadMs };
}

interface Parts {
  readonly platform: Platform;
  readonly directory: DeviceDirectory;
  readonly devices: Devices;
  readonly subgraphs: readonly Subgraph[];
}

async function listen(config: Config, parts: Parts, stack: AsyncDisposableStack): Promise<HttpServer> {
  const { platform, devices, subgraphs } = parts;
  const supergraphSdl = await readFile(SUPERGRAPH, 'utf8');
  const gateway = stack.use(
    await openGateway({
      ...platform,
      ...{ subgraphs, supergraphSdl, authenticate: devices.authenticate },
      operations: {
        mode: config.operations.mode,
        committed: await committedReleases(OPERATIONS_FOLDER),
        store: platform.documents,
      },
    }),
  );
  const ready = readiness(parts, stack);
  const handler: Handler = routes({ ...platform, gateway, webFolder: WEB_FOLDER, ready, keySet: () => devices.jwks() });
  return stack.use(
    await openHttpServer({
      ...config.http,
      handler,
      upgrade: gateway.upgrade,
      closing: gateway.close,
      log: platform.log,
    }),
  );
}

const CATCH_UP_AGAIN_MS = 1_000;

/** A part is ready once everything that was in the log when it started has had its effect; from then on it stays so. */
function readiness(
  { platform, directory, subgraphs }: Parts,
  stack: AsyncDisposableStack,
): Readonly<Record<string, () => void>> {
  const closing = new AbortController();
  stack.defer(() => closing.abort());
  const started = Object.entries({
    directory,
    ...Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, subgraph])),
  });
  return Object.fromEntries(
    started.map(([name, part]) => {
      let caughtUp = false;
      void catchUp({ name, part, platform, signal: closing.signal }).then(() => {
        caughtUp = true;
      });
      const check = () => {
        if (!caughtUp) throw new Error(`${name} is still reading the log`);
      };
      return [name, check];
    }),
  );
}

interface CatchingUp {
  readonly name: string;
  readonly part: { caughtUp(): Promise<void> };
  readonly platform: Platform;
  readonly signal: AbortSignal;
}

/** Resolves when a part has caught up, or the platform is closing. What fails, as on a full disk, is tried again: the other parts go on. */
async function catchUp({ name, part, platform: { clock, log }, signal }: CatchingUp): Promise<void> {
  while (!signal.aborted) {
    try {
      return await part.caughtUp();
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ part: name, error }, 'a part could not catch up with the log, will try again');
      await clock.sleep(CATCH_UP_AGAIN_MS, signal);
    }
  }
}

const EXPIRE_EVERY_MS = 10 * 60_000;

/** The log's retention; each store keeps its own. */
function keepHouse({ clock, eventLog, log }: Platform, stack: AsyncDisposableStack): void {
  const timer = clock.every(EXPIRE_EVERY_MS, async () => {
    try {
      await eventLog.expire(clock.nowMs());
    } catch (error) {
      // A full disk is no reason to end: what could not be compacted now is compacted later.
      log.warn({ error }, 'the event log could not be tidied, will try again');
    }
  });
  stack.defer(() => timer[Symbol.dispose]());
}
