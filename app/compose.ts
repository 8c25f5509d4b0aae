/** Puts the parts of a process together: engines, ingest, subgraphs, gateway. What is opened here is closed by the stack, in reverse order. */
import type { Devices } from '@greencity/devices/service';
import type { HttpServer } from '@greencity/gateway/http/server';
import type { Ingest } from '@greencity/ingest/ingest';
import type { Broker } from '@greencity/platform/broker/port';
import { AppError } from '@greencity/platform/errors';
import { openBroker, openPlatform, type Platform, type Settings } from './adapters.ts';
import { openDoor } from './door.ts';
import { openGatewayRole } from './gateway-role.ts';
import { openParts, PAYLOAD_BYTES_MAX, type Parts } from './parts.ts';
import { checkRoles, type Roles, servesSubgraphs } from './roles.ts';
import { openSubgraphRole } from './subgraph-role.ts';

const BROKER_LIMITS = {
  payloadBytesMax: PAYLOAD_BYTES_MAX,
  inFlightPerClientMax: 100,
  inFlightMax: 20_000,
  clientsMax: 20_000,
};

/** A running process of the platform. */
export interface Running {
  readonly platform: Platform;
  readonly roles: Roles;
  readonly http: HttpServer;
  readonly parts: Parts;
  /** Where the role is devices. */
  readonly devices: Devices | undefined;
  /** Where the role is ingest. */
  readonly broker: Broker | undefined;
  /** Where the role is gateway: reads the supergraph anew and serves it. @throws AppError BAD_SUPERGRAPH: the one before stays */
  readonly reloadSupergraph: (() => Promise<void>) | undefined;
}

/**
 * Listens, and opens what these roles need; waits for engines outside that cannot be used yet. The stack closes it again: first the ways in, last the engines.
 * @throws AppError BAD_SETTING, PORT_IN_USE, DATA_DIR_IN_USE, LOG_CORRUPT, STORE_UNWRITABLE, BAD_SUPERGRAPH
 */
export async function compose(settings: Settings, roles: Roles, stack: AsyncDisposableStack): Promise<Running> {
  const { config } = settings;
  checkRoles(roles, config);
  const platform = await openPlatform(settings, stack);
  const { patience } = platform;
  const door = stack.use(await openDoor({ ...platform, ...config.http, waiting: patience.waiting }));
  let broker: Broker | undefined;
  const opened = await openParts(config, roles, platform, stack);
  const access = opened.devices && config.mqtt.kind === 'mosquitto' ? await platform.deviceAccess() : undefined;
  const checks = {
    ...platform.health.checks(roles),
    ...(roles.has('ingest') && { mqtt: () => takesMessages(broker, platform) }),
  };
  const elsewhere = async () => ({
    ...(access && { deviceAccess: access.trouble?.code ?? 'ready' }),
    ...(await platform.health.states(roles)),
  });
  const parts: Parts = { ...opened, checks, elsewhere };
  const gateway = roles.has('gateway') ? await openGatewayRole({ config, roles, platform, parts }, stack) : undefined;
  const wayIn =
    gateway ??
    openSubgraphRole(parts, servesSubgraphs(roles) ? config.distributed.secrets : undefined, platform, stack);
  door.lead(wayIn);
  // It was the first to open, and is the first to close.
  const http = stack.use(door);
  broker = parts.ingest && roles.has('ingest') ? await openIntake(platform, parts.ingest, stack) : undefined;
  if (parts.directory) await keepHouse(platform, stack);
  const { reloadSupergraph } = gateway ?? {};
  return { platform, roles, http, parts, devices: parts.devices, broker, reloadSupergraph };
}

async function openIntake(platform: Platform, ingest: Ingest, stack: AsyncDisposableStack): Promise<Broker> {
  const broker = stack.use(await openBroker(platform, { handlers: ingest.handlers, limits: BROKER_LIMITS }));
  ingest.guard(broker);
  return broker;
}

const NOT_YET = new AppError('ENGINE_UNREACHABLE', 'the broker of devices: not connected yet');

/** @throws AppError that says why no messages come in */
function takesMessages(broker: Broker | undefined, { patience }: Platform): void {
  const trouble = broker ? broker.trouble : (patience.waiting.get('mqtt') ?? NOT_YET);
  if (trouble) throw trouble;
}

const EXPIRE_EVERY_MS = 10 * 60_000;

/** The log's retention; each store keeps its own. */
async function keepHouse(platform: Platform, stack: AsyncDisposableStack): Promise<void> {
  const { clock, log } = platform;
  const eventLog = await platform.eventLog();
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
