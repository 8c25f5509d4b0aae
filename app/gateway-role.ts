/** The gateway in this process: over its subgraphs here and those elsewhere. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ChangeSource } from '@greencity/gateway/cache/changes';
import { liveChanges } from '@greencity/gateway/cache/live-changes';
import { openBudgets } from '@greencity/gateway/cost/budgets';
import { type Gateway, openGateway } from '@greencity/gateway/gateway';
import { trustedProxies } from '@greencity/gateway/http/client-address';
import { frontDoor } from '@greencity/gateway/http/front-door';
import type { Handler } from '@greencity/gateway/http/handler';
import { routes } from '@greencity/gateway/http/routes';
import { committedReleases } from '@greencity/gateway/operations/committed';
import { DEFAULT_SETTINGS } from '@greencity/gateway/settings';
import { inProcessExecutor } from '@greencity/gateway/subgraph/in-process';
import type { SubgraphExecutor } from '@greencity/gateway/subgraph/port';
import type { RemoteExecutor } from '@greencity/gateway/subgraph/remote/remote-executor';
import { routedExecutor } from '@greencity/gateway/subgraph/routed-executor';
import { AppError } from '@greencity/platform/errors';
import type { SigningSecrets } from '@greencity/platform/graphql/gateway-token';
import type { Authenticate } from '@greencity/platform/graphql/port';
import { AUTHENTICATE_PATH, subgraphPath } from '@greencity/platform/graphql/subgraph-wire';
import type { Platform } from './adapters.ts';
import type { Config } from './config.ts';
import type { Parts } from './parts.ts';
import { readiness } from './readiness.ts';
import { type Roles, type SubgraphName, subgraphsElsewhere } from './roles.ts';

const SUPERGRAPH = new URL('../schema/supergraph.graphql', import.meta.url);
const OPERATIONS_FOLDER = fileURLToPath(new URL('../schema/operations', import.meta.url));
const WEB_FOLDER = fileURLToPath(new URL('../web/dist', import.meta.url));
/** Subgraphs whose subscriptions can go on where they stopped. */
const RESUMABLE: ReadonlySet<SubgraphName> = new Set(['devices', 'measurements', 'alerts']);
const KEYS_WITHIN_MS = 3_000;

/** What answers on the port of a process. */
export interface WayIn {
  readonly handler: Handler;
  readonly upgrade: Gateway['upgrade'];
  readonly closing: () => Promise<void>;
}

/** The gateway's way in. */
export interface GatewayWayIn extends WayIn {
  /** Reads the supergraph anew and serves it. @throws AppError BAD_SUPERGRAPH: the one before stays */
  readonly reloadSupergraph: () => Promise<void>;
}

export interface GatewayRole {
  readonly config: Config;
  readonly roles: Roles;
  readonly platform: Platform;
  readonly parts: Parts;
}

/** Opens the gateway. The stack closes it. @throws AppError BAD_SUPERGRAPH */
export async function openGatewayRole(role: GatewayRole, stack: AsyncDisposableStack): Promise<GatewayWayIn> {
  const { config, roles, platform, parts } = role;
  const elsewhere = subgraphsElsewhere(roles);
  const remote = elsewhere.length > 0 ? await openElsewhere(role, elsewhere, stack) : undefined;
  const local = inProcessExecutor(parts.subgraphs);
  const identity = await identityOf(role, stack);
  const changes = await changesOf(role);
  const keepsReleases = config.documents.kind !== 'embedded' || parts.devices !== undefined;
  const answerCache = changes && (await platform.answerCache());
  const budgets = openBudgets(await platform.keyValue(), config.rates);
  const gateway = stack.use(
    await openGateway({
      ...{ clock: platform.clock, log: platform.log, metrics: platform.metrics, budgets },
      subgraphs: remote ? routedExecutor((name) => executorOf(name, elsewhere, { remote, local })) : parts.subgraphs,
      supergraphSdl: await readSupergraph(config),
      authenticate: identity.authenticate,
      settings: {
        ...DEFAULT_SETTINGS,
        streams: { ...DEFAULT_SETTINGS.streams, limitLocal: config.rates.limitLocal },
      },
      ...(changes ? { changes } : {}),
      ...(answerCache ? { answerCache } : {}),

      operations: {
        mode: config.operations.mode,
        committed: await committedReleases(OPERATIONS_FOLDER),
        ...(keepsReleases ? { store: await platform.documents(), audit: await platform.auditLog() } : {}),
      },
    }),
  );
  const handler = routes({
    ...platform,
    gateway,
    webFolder: WEB_FOLDER,
    ready: readiness(parts, platform, stack),
    elsewhere: async () => ({ ...remote?.states(), ...(await parts.elsewhere()) }),
    keySet: identity.keySet,
  });
  const reloadSupergraph = async () => await gateway.reload(await readSupergraph(config));
  const door = frontDoor({
    ...{ proxies: trustedProxies(config.trustedProxies).proxies, origins: config.origins },
    budgets,
  });
  const entries = { handler: door.handler(handler), upgrade: door.upgrade(gateway.upgrade) };
  return { ...entries, closing: gateway.close, reloadSupergraph };
}

/** @throws AppError BAD_SUPERGRAPH when the file cannot be read */
async function readSupergraph({ supergraphFile }: Config): Promise<string> {
  try {
    return await readFile(supergraphFile ?? SUPERGRAPH, 'utf8');
  } catch (cause) {
    throw new AppError('BAD_SUPERGRAPH', `${supergraphFile}: ${(cause as Error).message}`, { cause });
  }
}

/** Whether changes are heard here: where all who tell them are in this process, or tell them through an engine that processes share. */
async function changesOf({
  config,
  roles,
  platform,
  parts: { directory },
}: GatewayRole): Promise<ChangeSource | undefined> {
  const tellers: readonly SubgraphName[] = ['devices', 'measurements', 'alerts'];
  if (config.pubSub.kind === 'embedded' && !tellers.every((name) => roles.has(name))) return undefined;
  return liveChanges(await platform.pubSub(), (deviceId) => directory?.device(deviceId));
}

function executorOf(
  name: string,
  elsewhere: readonly string[],
  { remote, local }: { readonly remote: SubgraphExecutor; readonly local: SubgraphExecutor },
): SubgraphExecutor {
  return elsewhere.includes(name) ? remote : local;
}

/** The client of other processes is loaded where there are any. */
async function openElsewhere(
  { config, platform }: GatewayRole,
  names: readonly SubgraphName[],
  stack: AsyncDisposableStack,
): Promise<RemoteExecutor> {
  const { openRemoteExecutor } = await import('@greencity/gateway/subgraph/remote/remote-executor');
  const { clock, log, metrics } = platform;
  const subgraphs = names.map((name) => ({
    name,
    url: `${addressOf(config, name)}${subgraphPath(name)}`,
    resumable: RESUMABLE.has(name),
  }));
  return stack.use(openRemoteExecutor({ subgraphs, secrets: secretsOf(config), clock, log, metrics }));
}

interface Identity {
  readonly authenticate: Authenticate;
  readonly keySet: () => unknown | Promise<unknown>;
}

/** Who is who is known by the subgraph of devices, wherever it is. */
async function identityOf(
  { config, platform: { clock }, parts: { devices } }: GatewayRole,
  stack: AsyncDisposableStack,
): Promise<Identity> {
  if (devices) return { authenticate: devices.authenticate, keySet: () => devices.jwks() };
  const { openRemoteAuthenticate } = await import('@greencity/gateway/subgraph/remote/remote-authenticate');
  const address = addressOf(config, 'devices');
  const { authenticate } = stack.use(
    openRemoteAuthenticate({
      url: `${address}${AUTHENTICATE_PATH}`,
      audience: 'devices',
      secrets: secretsOf(config),
      clock,
    }),
  );
  return {
    authenticate,
    async keySet() {
      const answer = await fetch(`${address}/.well-known/jwks.json`, { signal: AbortSignal.timeout(KEYS_WITHIN_MS) });
      return await answer.json();
    },
  };
}

/** Settings that `checkRoles` has found to be there. */
function addressOf({ distributed }: Config, name: SubgraphName): string {
  const url = distributed.subgraphUrls[name];
  if (!url) throw new Error(`the address of ${name} is not set`);
  return url;
}

function secretsOf({ distributed: { secrets } }: Config): SigningSecrets {
  if (!secrets) throw new Error('the secret of the gateway is not set');
  return secrets;
}
