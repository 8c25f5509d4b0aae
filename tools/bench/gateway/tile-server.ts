/**
 * Our gateway with the platform's own live measurements over pub/sub, in a process of its own: `tile-server.ts DEVICES`, each device on a map tile of
 * its own. Sends its port; then answers `{ readings }` with what that many, 2,000 a second over all devices in turn, have cost this process, and how many full
 * collections were among it.
 */
import { readFileSync } from 'node:fs';
import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import { createLivePublisher } from '@greencity/measurements/live';
import { createLiveMeasurements, type LiveMeasurementsOptions } from '@greencity/measurements/live-measurements';
import { resolvers } from '@greencity/measurements/resolvers';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import { memoryPubSub } from '@greencity/platform/pub-sub/memory';
import { serveGateway } from './our-server.ts';
import { placeOfTile } from './tiles.ts';

const ROOT = new URL('../../../', import.meta.url);
const READINGS_PER_SECOND = 2_000;
const EVERY_MS = 10;
/** What was published last is told by then. */
const SETTLE_MS = 100;

const places = Array.from({ length: Number(process.argv[2]) }, (_, index) => placeOfTile(index));
const byId = new Map(places.map((place, index) => [`device-${index}`, place]));
const pubSub = memoryPubSub();
// Live readings ask the directory for a place and nothing else, and need neither the log nor the store.
const directory = { device: (id: string) => byId.get(id) } as unknown as DeviceDirectory;
const live = createLiveMeasurements({ pubSub, directory } as LiveMeasurementsOptions);
const publisher = createLivePublisher(pubSub, directory);
const close = async (): Promise<void> => undefined;

function subgraph(name: string): Subgraph {
  const sdl = subgraphSdl(new URL(`subgraphs/${name}/schema.graphql`, ROOT));
  const schema = subgraphSchema(sdl, name === 'measurements' ? resolvers : {});
  const context: Subgraph['context'] = (viewer) => ({ viewer, live });
  return { name, sdl, schema, resumable: true, context, caughtUp: close, close, [Symbol.asyncDispose]: close };
}

function publishOne(number: number): void {
  const deviceId = `device-${number % places.length}`;
  const value = performance.timeOrigin + performance.now();
  const timeMs = Math.floor(value);
  publisher.publish(
    deviceId,
    JSON.stringify({ deviceId, timeMs, receivedAtMs: timeMs, values: { pm2_5: value } }),
    number,
  );
}

export interface Cost {
  readonly userMicroseconds: number;
  readonly systemMicroseconds: number;
  readonly fullCollections: number;
}

let fullCollections = 0;
new PerformanceObserver((seen) => {
  for (const { detail } of seen.getEntries() as readonly { readonly detail?: unknown }[]) {
    if ((detail as { readonly kind?: number }).kind === constants.NODE_PERFORMANCE_GC_MAJOR) fullCollections += 1;
  }
}).observe({ entryTypes: ['gc'] });

let published = 0;

async function publish(readings: number): Promise<Cost> {
  const [before, collectionsBefore] = [process.cpuUsage(), fullCollections];
  const startedMs = performance.now();
  for (let sent = 0; sent < readings; ) {
    const due = Math.min(readings, ((performance.now() - startedMs) / 1_000) * READINGS_PER_SECOND);
    for (; sent < due; sent += 1) {
      publishOne(published);
      published += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const { user, system } = process.cpuUsage(before);
  return { userMicroseconds: user, systemMicroseconds: system, fullCollections: fullCollections - collectionsBefore };
}

const supergraph = readFileSync(new URL('schema/supergraph.graphql', ROOT), 'utf8');
const port = await serveGateway(supergraph, ['measurements', 'devices', 'alerts', 'predictions'].map(subgraph));
process.on('message', ({ readings }: { readings: number }) => {
  void publish(readings).then((cost) => process.send?.(cost));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
