/** Our gateway on a port, in a process of its own, its subgraphs in the same process: `our-server.ts WORLD`. Sends its port. */
import { openGateway } from '@greencity/gateway/gateway';
import { routes } from '@greencity/gateway/http/routes';
import { openHttpServer } from '@greencity/gateway/http/server';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { subgraphsOf, supergraphOf, type World } from './world.ts';
import { worldNamed } from './worlds.ts';

/** Opens the gateway over a world on a free port, as the platform does. */
export async function serveWorld(world: World): Promise<number> {
  const options = {
    subgraphs: subgraphsOf(world),
    supergraphSdl: supergraphOf(world, (name) => `http://${name}.invalid`),
    authenticate: async () => ({ kind: 'anonymous' }) as const,
    clock: systemClock(),
    log: memoryLog(),
    metrics: memoryMetrics(),
  };
  const gateway = await openGateway(options);
  const handler = routes({ ...options, gateway, webFolder: '.', ready: {} });
  const { upgrade, close: closing } = gateway;
  const server = await openHttpServer({ host: '127.0.0.1', port: 0, handler, upgrade, closing, log: options.log });
  return server.port;
}

if (import.meta.main) {
  const port = await serveWorld(worldNamed(process.argv[2] ?? ''));
  process.send?.({ port });
  process.on('disconnect', () => process.exit(0));
}
