/**
 * Our gateway on a port, in a process of its own: `our-server.ts WORLD` with the subgraphs in the same process, `our-server.ts WORLD URL` with them over HTTP.
 * Sends its port.
 */
import { type GatewayOptions, openGateway } from '@greencity/gateway/gateway';
import type { Handler } from '@greencity/gateway/http/handler';
import { routes } from '@greencity/gateway/http/routes';
import { openHttpServer } from '@greencity/gateway/http/server';
import { DEFAULT_SETTINGS } from '@greencity/gateway/settings';
import { openRemoteExecutor } from '@greencity/gateway/subgraph/remote/remote-executor';
import { systemClock } from '@greencity/platform/clock/system-clock';
import type { Viewer } from '@greencity/platform/graphql/port';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { subgraphsOf, supergraphOf, type World } from './world.ts';
import { worldNamed } from './worlds.ts';

const around = { clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() };

/** The Guild's query would cost more than a client of the platform may ask for at once; peers have no such limit. */
const settings = { ...DEFAULT_SETTINGS, limits: { ...DEFAULT_SETTINGS.limits, costMax: 1_000_000 } };

/** How clients are limited: in the gateway, and in front of it. */
export interface Limiting extends Required<Pick<GatewayOptions, 'budgets' | 'settings'>> {
  readonly behind: (handler: Handler) => Handler;
}

/** Opens the gateway over these subgraphs on a free port, as the platform does. */
export async function serveGateway(
  supergraphSdl: string,
  subgraphs: GatewayOptions['subgraphs'],
  limiting?: Limiting,
): Promise<number> {
  const authenticate = async (token: string | undefined): Promise<Viewer> =>
    token === undefined ? { kind: 'anonymous' } : userViewer('bench', 'CITIZEN');
  const { behind = (handler: Handler) => handler, ...limits } = limiting ?? {};
  const options = { subgraphs, supergraphSdl, authenticate, settings, ...around, ...limits };
  const gateway = await openGateway(options);
  const handler = behind(routes({ ...options, gateway, webFolder: '.', ready: {} }));
  const { upgrade, close: closing } = gateway;
  const server = await openHttpServer({ host: '127.0.0.1', port: 0, handler, upgrade, closing, log: around.log });
  return server.port;
}

/** A world with its subgraphs in this process. */
export async function serveWorld(world: World): Promise<number> {
  const supergraphSdl = supergraphOf(world, (name) => `http://${name}.invalid`);
  return await serveGateway(supergraphSdl, subgraphsOf(world));
}

/** A world with its subgraphs over HTTP, in plain GraphQL, as the peers have it. */
async function serveRemoteWorld(world: World, url: string): Promise<number> {
  const remote = world.services.map(({ name }) => ({ name, url: `${url}/${name}` }));
  const subgraphs = openRemoteExecutor({ subgraphs: remote, secrets: undefined, ...around });
  return await serveGateway(
    supergraphOf(world, (name) => `${url}/${name}`),
    subgraphs,
  );
}

if (import.meta.main) {
  const [name = '', url] = process.argv.slice(2);
  const world = worldNamed(name);
  const port = url === undefined ? await serveWorld(world) : await serveRemoteWorld(world, url);
  process.send?.({ port });
  process.on('disconnect', () => process.exit(0));
}
