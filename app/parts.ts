/** The parts that take in and keep data: ingest and the subgraphs, each opened where its role is. */
import { openAlerts } from '@greencity/alerts/service';
import { type Devices, type DevicesSettings, openDevices } from '@greencity/devices/service';
import type { ReadinessCheck } from '@greencity/gateway/http/health';
import { type Ingest, openIngest } from '@greencity/ingest/ingest';
import { openMeasurements } from '@greencity/measurements/service';
import type { Clock } from '@greencity/platform/clock/port';
import { type DeviceDirectory, openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { joseProvider } from '@greencity/platform/oidc/jose-provider';
import { openPredictions } from '@greencity/predictions/service';
import { openPredictionsStore, type Platform } from './adapters.ts';
import type { Config } from './config.ts';
import { type Roles, type SubgraphName, subgraphsOf } from './roles.ts';

export const PAYLOAD_BYTES_MAX = 8 * 1024;
/** A back-fill array of the largest message holds fewer: the smallest reading takes 24 bytes. */
const READINGS_PER_MESSAGE_MAX = 500;

/** What of the data's way runs in this process. */
export interface Parts {
  /** Missing in a process that has only the gateway. */
  readonly directory: DeviceDirectory | undefined;
  readonly ingest: Ingest | undefined;
  readonly devices: Devices | undefined;
  readonly subgraphs: readonly Subgraph[];
  /** What else `/ready` asks, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** What `/ready` tells besides, and does not depend on. */
  readonly elsewhere: () => Promise<Readonly<Record<string, string>>>;
}

interface Opening {
  readonly config: Config;
  readonly platform: Platform;
  readonly eventLog: EventLog;
  readonly directory: DeviceDirectory;
  readonly stack: AsyncDisposableStack;
}

/** Opens the parts of these roles, each again and again while an engine outside keeps it from opening. The stack closes them. @throws AppError as embedded engines do */
export async function openParts(
  config: Config,
  roles: Roles,
  platform: Platform,
  stack: AsyncDisposableStack,
): Promise<Omit<Parts, 'checks' | 'elsewhere'>> {
  const names = subgraphsOf(roles);
  if (names.length === 0 && !roles.has('ingest')) {
    return { directory: undefined, ingest: undefined, devices: undefined, subgraphs: [] };
  }
  const eventLog = await platform.eventLog();
  const { untilItOpens } = platform.patience;
  const directory = stack.use(await untilItOpens('directory', () => openDeviceDirectory(eventLog, platform.log)));
  const opening: Opening = { config, platform, eventLog, directory, stack };
  // Measurements sends dead letters through validation again, which is ingest's, with or without a broker in this process.
  const ingest = roles.has('ingest') || roles.has('measurements') ? ingestOf(opening) : undefined;
  const subgraphs: Subgraph[] = [];
  let devices: Devices | undefined;
  for (const name of names) {
    if (name === 'devices') {
      devices = stack.use(await untilItOpens(name, () => devicesOf(opening)));
      tellAdmin(devices);
      subgraphs.push(devices);
    } else subgraphs.push(stack.use(await untilItOpens(name, () => subgraphOf(name, opening, ingest))));
  }
  return { directory, ingest, devices, subgraphs };
}

/** At once: a start that fails later must not take along a password that is nowhere else. */
function tellAdmin({ madeAdmin }: Devices): void {
  if (!madeAdmin) return;
  const { email, password } = madeAdmin;
  process.stdout.write(`Administrator ${email}, password ${password} (printed this once; keep it).\n`);
}

function acceptance({ acceptance: { ageMs, aheadMs } }: Config) {
  return { acceptAgeMs: ageMs, acceptAheadMs: aheadMs };
}

function ingestOf({ config, platform, eventLog, directory, stack }: Opening): Ingest {
  const limits = { readingsPerMessageMax: READINGS_PER_MESSAGE_MAX, payloadBytesMax: PAYLOAD_BYTES_MAX };
  return stack.use(
    openIngest({ ...basics(platform), eventLog, directory, settings: { ...acceptance(config), ...limits } }),
  );
}

function devicesSettings({ dataDir, admin, keySignsForMs, oidc }: Config, clock: Clock): DevicesSettings {
  const external = oidc && { provider: joseProvider({ ...oidc, clock }), claim: oidc.claim, roles: oidc.roles };
  return { dataDir, admin, keySignsForMs, external };
}

async function devicesOf({ config, platform, eventLog }: Opening): Promise<Devices> {
  return await openDevices({
    ...basics(platform),
    eventLog,
    documents: await platform.documents(),
    access: await platform.deviceAccess(),
    audit: await platform.auditLog(),
    pubSub: await platform.pubSub(),
    keyValue: await platform.keyValue(),
    settings: devicesSettings(config, platform.clock),
  });
}

async function subgraphOf(
  name: Exclude<SubgraphName, 'devices'>,
  { config, platform, eventLog, directory }: Opening,
  ingest: Ingest | undefined,
): Promise<Subgraph> {
  const shared = { ...basics(platform), eventLog, directory };
  switch (name) {
    case 'measurements': {
      if (!ingest) throw new Error('measurements needs the validation of ingest');
      return await openMeasurements({
        ...shared,
        timeSeries: await platform.timeSeries(),
        audit: await platform.auditLog(),
        pubSub: await platform.pubSub(),
        keyValue: await platform.keyValue(),
        settings: acceptance(config),
        redeliver: ingest.redeliver,
      });
    }
    case 'alerts':
      return await openAlerts({
        ...shared,
        documents: await platform.documents(),
        audit: await platform.auditLog(),
        pubSub: await platform.pubSub(),
      });
    case 'predictions':
      return await openPredictions({
        ...shared,
        dataDir: config.dataDir,
        store: await openPredictionsStore(platform),
      });
  }
}

function basics({ clock, log, metrics }: Platform) {
  return { clock, log, metrics };
}
