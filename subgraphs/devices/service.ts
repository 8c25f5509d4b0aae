import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceAccess } from '@greencity/platform/device-access/port';
import type { Documents } from '@greencity/platform/documents/port';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { Authenticate, Subgraph } from '@greencity/platform/graphql/port';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import type { KeyValue } from '@greencity/platform/key-value/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { OidcProvider } from '@greencity/platform/oidc/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { type AccessKeeper, openAccessKeeper } from './access-keeper.ts';
import { type ActivityBook, openActivityBook } from './activity.ts';
import { createAnnouncer } from './announcer.ts';
import { type Claims, createClaims } from './claims.ts';
import { openConsumers } from './consumer.ts';
import type { Context } from './context.ts';
import { createDeviceCommands, type DeviceCommands } from './device-commands.ts';
import { completed } from './domain/device.ts';
import { createRoster } from './domain/roster.ts';
import { createZoneMap } from './domain/zone-map.ts';
import type { ExternalRoles } from './identity/external-users.ts';
import type { MadeAdmin } from './identity/first-admin.ts';
import { type Identity, openIdentity } from './identity/identity.ts';
import type { KeyRing } from './identity/key-ring.ts';
import { createPartnerKeys } from './identity/partner-keys.ts';
import { createInTurn } from './in-turn.ts';
import { createQueries } from './queries.ts';
import { displacedDevices, type Registry, replaceDevices } from './registry.ts';
import { resolvers } from './resolvers.ts';
import { everyDocument, openStore, type Store } from './store/collections.ts';
import { createZoneCommands } from './zone-commands.ts';

export interface DevicesDependencies {
  readonly eventLog: EventLog;
  readonly documents: Documents;
  /** Who may sign in where devices connect; closed by whoever opened it. */
  readonly access: DeviceAccess;
  readonly pubSub: PubSub;
  readonly audit: AuditLog;
  /** Throttles sign-ins. */
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings: DevicesSettings;
}

export interface DevicesSettings {
  /** The signing key lies in `<dataDir>/keys`. */
  readonly dataDir: string;
  /** The first admin. Without a password one is made, see `madeAdmin`; with one, it is the password of this admin from this start on. */
  readonly admin: { readonly email: string; readonly password: string | undefined };
  /** How long a signing key signs before the next one does. */
  readonly keySignsForMs: number;
  /** Where people sign in as well as here. */
  readonly external?: ({ readonly provider: OidcProvider } & ExternalRoles) | undefined;
}

/** The subgraph of devices, zones and users, and what the platform asks of its identity. */
export interface Devices extends Subgraph {
  readonly authenticate: Authenticate;
  /** Present when this start made the admin: print it once, never log it. */
  readonly madeAdmin: MadeAdmin | undefined;
  /** A token of the role OPERATOR for programs on the same machine, to be kept in a file that its owner alone reads. Cannot be called back: keep it short. */
  issueOperatorToken(validMs: number): Promise<string>;
  /** Public keys of our access tokens, for `/.well-known/jwks.json`. */
  jwks(): ReturnType<KeyRing['jwks']>;
}

const SDL = subgraphSdl(new URL('./schema.graphql', import.meta.url));

/** How often status is looked at for changes by the passing of time. */
const SWEEP_INTERVAL_MS = 1_000;
/** How often ended secrets and sessions are removed, and what the log could not take is told again. */
const HOUSEKEEPING_INTERVAL_MS = 60_000;
const IDENTITY_INTERVAL_MS = 30_000;
const SETTLE_INTERVAL_MS = 5_000;

/** Opens the subgraph: reads its documents, repairs what a crash left between them and the log, and follows the log from where it stopped. */
export async function openDevices(dependencies: DevicesDependencies): Promise<Devices> {
  const { eventLog, documents, pubSub, clock, metrics, settings } = dependencies;
  const log = dependencies.log.child({ part: 'devices' });
  const store = await openStore(documents);
  const registry = await openRegistry(store, { eventLog, clock, log });
  const { roster, zones } = registry;
  const book = await openActivityBook({
    ...{ collection: store.activity, roster, eventLog, pubSub, clock, log, metrics },
  });
  await registry.announcer.repair();
  using opening = new DisposableStack();
  const access = opening.use(await openAccessKeeper(dependencies.access, registry));
  const devices = createDeviceCommands(registry, access, (deviceId) => book.retired(deviceId));
  const identity = await openIdentity({
    store,
    audit: dependencies.audit,
    keyValue: dependencies.keyValue,
    clock,
    log,
    metrics,
    ...settings,
  });
  const consumers = await openConsumers(eventLog, book, log);
  const queries = createQueries({ roster, zones, book, pubSub, eventLog, clock });
  const claims = createClaims({
    ...{ codes: store.claimCodes, devices, keyValue: dependencies.keyValue, clock },
    ownerOf: (deviceId) => roster.get(deviceId)?.ownerId,
  });
  const shared = {
    ...{ queries, devices, zones: createZoneCommands(registry), claims, identity, audit: identity.audit },
    apiKeys: createPartnerKeys({ ...identity, clock }),
  };
  const housekeeping = keepHouse({ registry, access, book, devices, identity, claims });
  opening.move();
  metrics.gauge('devices_without_access', 'Devices whose newest secret the MQTT broker does not know.', access.lacking);
  metrics.gauge('devices_registered', 'Devices that are registered, retired ones included.', () => roster.size);

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      housekeeping[Symbol.dispose]();
      // A change that has begun is finished: the queue is empty when this piece of work has had its turn.
      await registry.inTurn(async () => {});
      await consumers.close();
      await book.flush();
    })();
    return closing;
  };
  return {
    name: 'devices',
    sdl: SDL,
    schema: subgraphSchema(SDL, resolvers),
    resumable: true,
    context: (viewer): Context => ({ viewer, ...shared }),
    authenticate: identity.authenticate,
    madeAdmin: identity.madeAdmin,
    issueOperatorToken: (validMs) => identity.issueOperatorToken(validMs),
    jwks: () => identity.signingKeys.jwks(),
    caughtUp: () => consumers.caughtUp(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Reads devices and zones into memory and puts every device into the zone it lies in, which a crash may have left undone. */
async function openRegistry(
  store: Store,
  { eventLog, clock, log }: { readonly eventLog: EventLog; readonly clock: Clock; readonly log: Logger },
): Promise<Registry> {
  const roster = createRoster((await everyDocument(store.devices)).map(completed));
  const zones = createZoneMap(await everyDocument(store.zones));
  const announcer = createAnnouncer({ eventLog, roster, zones, clock, log });
  const registry: Registry = { store, roster, zones, announcer, inTurn: createInTurn(), clock, log };
  await replaceDevices(registry, displacedDevices(registry));
  return registry;
}

interface Housekeeping {
  readonly registry: Registry;
  readonly access: AccessKeeper;
  readonly book: ActivityBook;
  readonly devices: DeviceCommands;
  readonly identity: Identity;
  readonly claims: Claims;
}

function keepHouse({ registry, access, book, devices, identity, claims }: Housekeeping): Disposable {
  const { clock, log, announcer } = registry;
  const regularly = (intervalMs: number, work: () => Promise<void>) =>
    clock.every(intervalMs, async () => {
      try {
        await work();
      } catch (error) {
        log.warn({ error }, 'housekeeping failed and is tried again');
      }
    });
  const running = [
    clock.every(SWEEP_INTERVAL_MS, () => book.sweep()),
    regularly(SETTLE_INTERVAL_MS, () => announcer.settle()),
    regularly(SETTLE_INTERVAL_MS, () => access.settle()),
    regularly(SETTLE_INTERVAL_MS, () => book.settle()),
    regularly(HOUSEKEEPING_INTERVAL_MS, () => devices.endSecrets()),
    regularly(HOUSEKEEPING_INTERVAL_MS, () => claims.expire()),
    // Twice as often as a revocation by another process must be known here.
    regularly(IDENTITY_INTERVAL_MS, () => identity.tend()),
  ];
  return {
    [Symbol.dispose]() {
      for (const timer of [...running, access]) timer[Symbol.dispose]();
    },
  };
}
