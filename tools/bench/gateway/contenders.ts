/** The gateways of a comparison, each in a process of its own, the peers in front of the same subgraphs over HTTP. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from './peers.ts';
import { freePort, type ServingProgram, serve, serveCommand } from './program.ts';
import { supergraphOf } from './world.ts';
import { type WorldName, worldNamed } from './worlds.ts';

export interface Contender extends ServingProgram {
  readonly name: string;
  readonly token?: string;
}

/** Somebody's, so that the gateway does not share their answers; it says when it ends, as tokens do. */
const TOKEN = `bench.${Buffer.from(JSON.stringify({ exp: 4_000_000_000 })).toString('base64url')}.bench`;

export const NAMES = {
  ours: 'GreenCity, subgraphs in process',
  oursRemote: 'GreenCity, subgraphs over HTTP',
  oursSharing: 'GreenCity, over HTTP, equal queries under way shared',
  stock: 'Apollo Server + @apollo/gateway',
  hiveCompiling: 'Hive Gateway, JS planner, jit',
  hiveRust: 'Hive Gateway, Rust planner',
  mercurius: 'Mercurius gateway, jit',
  hiveRouter: 'Hive Router (Rust)',
} as const;

export type ContenderKey = keyof typeof NAMES;

export interface Comparing extends AsyncDisposable {
  readonly contenders: readonly Contender[];
}

/** Where peers find the subgraphs. */
interface Scene {
  readonly world: WorldName;
  readonly folder: string;
  readonly supergraph: string;
  readonly subgraphs: ServingProgram;
}

/** Starts the gateways named, in this order. Hive Router only takes part where `HIVE_ROUTER` names its binary. */
export async function startContenders(world: WorldName, keys: readonly ContenderKey[]): Promise<Comparing> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-bench-gateway-'));
  const subgraphs = await serve({ file: 'subgraph-server.ts', arguments: [world] });
  const supergraph = join(folder, 'supergraph.graphql');
  writeFileSync(
    supergraph,
    supergraphOf(worldNamed(world), (name) => `http://127.0.0.1:${subgraphs.port}/${name}`),
  );
  const contenders: Contender[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([subgraphs, ...contenders].map((program) => program[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const key of keys) {
      if (key === 'hiveRouter' && process.env['HIVE_ROUTER'] === undefined) continue;
      const program = await STARTS[key]({ world, folder, supergraph, subgraphs });
      contenders.push({
        name: NAMES[key],
        ...program,
        ...(key === 'ours' || key === 'oursRemote' ? { token: TOKEN } : {}),
      });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { contenders, [Symbol.asyncDispose]: stop };
}

const STARTS: Readonly<Record<ContenderKey, (scene: Scene) => Promise<ServingProgram>>> = {
  ours: ({ world }) => serve({ file: 'our-server.ts', arguments: [world], runtime: 'platform' }),
  oursRemote,
  oursSharing: oursRemote,
  stock: ({ supergraph }) => serve({ file: 'stock-server.ts', arguments: [installed('apollo'), supergraph] }),
  hiveCompiling: (scene) => hiveGateway(scene, '--jit'),
  hiveRust: (scene) => hiveGateway(scene, '--hive-router-runtime'),
  mercurius: ({ world, subgraphs }) => {
    const names = worldNamed(world).services.map(({ name }) => name);
    const given = [installed('mercurius'), `http://127.0.0.1:${subgraphs.port}`, names.join(',')];
    return serve({ file: 'mercurius-server.ts', arguments: given });
  },
  hiveRouter,
};

async function oursRemote({ world, subgraphs }: Scene): Promise<ServingProgram> {
  const given = [world, `http://127.0.0.1:${subgraphs.port}`];
  return serve({ file: 'our-server.ts', arguments: given, runtime: 'platform' });
}

async function hiveGateway({ supergraph }: Scene, flag: string): Promise<ServingProgram> {
  const folder = installed('hive');
  const port = await freePort();
  const program = join(folder, 'node_modules/@graphql-hive/gateway/dist/bin.js');
  const given = ['supergraph', supergraph, flag, '--fork', '1', '--host', '127.0.0.1', '--port', String(port)];
  return serveCommand([process.execPath, program, ...given], { port, folder, env: { LOG_LEVEL: 'error' } });
}

async function hiveRouter({ folder, supergraph }: Scene): Promise<ServingProgram> {
  const port = await freePort();
  const own = join(folder, 'hive-router');
  const config = join(own, 'router.config.yaml');
  mkdirSync(own);
  writeFileSync(
    config,
    `supergraph: { source: file, path: ${supergraph} }
http: { host: 127.0.0.1, port: ${port} }
log: { level: error }
traffic_shaping: { router: { dedupe: { enabled: false } } }
`,
  );
  const env = { ROUTER_CONFIG_FILE_PATH: config };
  return serveCommand([process.env['HIVE_ROUTER'] ?? 'hive_router'], { port, folder: own, env });
}
