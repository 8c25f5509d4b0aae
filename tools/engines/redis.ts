/** Redis 7 from Debian: append-only file and snapshots, a password, bounded memory; alone or as a cluster of three. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DebianProgram, debianProgram } from './debian.ts';
import { runProgram } from './program.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const MAJOR = 7;
const CLUSTER_NODES = 3;
const OWNER_ONLY = 0o600;

export interface Redis extends Server {
  readonly port: number;
  readonly password: string;
  /** `redis://:password@127.0.0.1:port` */
  readonly url: string;
  /** What its append-only file holds now. */
  written(): Promise<string>;
}

export interface RedisOptions {
  /** As Redis writes it. Default `256mb`. */
  readonly memoryMax?: string;
}

/** The settings that docs/operate.md recommends, at the size of a test. */
function settings(port: number, folder: string, lines: readonly string[]): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${folder}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'aof-use-rdb-preamble yes',
    'save 300 100 60 10000',
    'maxmemory-policy volatile-lru',
    'client-output-buffer-limit pubsub 64mb 32mb 30',
    ...lines,
    '',
  ].join('\n');
}

async function program(): Promise<DebianProgram> {
  const found = await debianProgram('redis-server', ['redis-server', 'redis-tools']);
  const version = await runProgram(found.path, ['--version'], { env: found.env });
  if (!version.includes(`v=${MAJOR}.`)) throw new Error(`Redis ${MAJOR} is needed, this is: ${version.trim()}`);
  return found;
}

interface Node extends Server {
  readonly folder: string;
}

async function startNode(port: number, lines: readonly string[]): Promise<Node> {
  const { path, env } = await program();
  const folder = await serverFolder('redis');
  const file = join(folder, 'redis.conf');
  await writeFile(file, settings(port, folder, lines), { mode: OWNER_ONLY });
  const start = { name: 'Redis', command: path, args: [file], env, folder, port };
  return Object.assign(await startServer(start), { folder });
}

/** The append-only file and what was there before it began. */
async function readAppended(folder: string): Promise<string> {
  const below = join(folder, 'appendonlydir');
  const parts = await Promise.all((await readdir(below)).map((name) => readFile(join(below, name), 'latin1')));
  return parts.join('\n');
}

/** Starts one Redis with a password of its own. */
export async function startRedis({ memoryMax = '256mb' }: RedisOptions = {}): Promise<Redis> {
  const port = await freePort();
  const password = randomBytes(18).toString('base64url');
  const server = await startNode(port, [`requirepass ${password}`, `maxmemory ${memoryMax}`]);
  const url = `redis://:${password}@127.0.0.1:${port}`;
  return Object.assign(server, { port, password, url, written: () => readAppended(server.folder) });
}

export interface RedisCluster extends AsyncDisposable {
  /** `redis://…?cluster` of its first node, which knows the others. */
  readonly url: string;
  /** Of each node alone. */
  readonly urls: readonly string[];
  readonly nodes: readonly Server[];
  stop(): Promise<void>;
}

/** Starts three masters that share the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  await using starting = new AsyncDisposableStack();
  const password = randomBytes(18).toString('base64url');
  const nodes: Node[] = [];
  const ports: number[] = [];
  const addresses: string[] = [];
  for (let node = 0; node < CLUSTER_NODES; node += 1) {
    const port = await freePort();
    const busPort = await freePort();
    const secret = [`requirepass ${password}`, `masterauth ${password}`];
    const cluster = ['cluster-enabled yes', 'cluster-node-timeout 2000', `cluster-port ${busPort}`];
    nodes.push(starting.use(await startNode(port, [...secret, ...cluster])));
    ports.push(port);
    addresses.push(`127.0.0.1:${port}@${busPort}`);
  }
  const { env } = await program();
  const cli = await debianProgram('redis-cli', ['redis-server', 'redis-tools']);
  const ask = (args: readonly string[]) => runProgram(cli.path, args, { env: { ...env, REDISCLI_AUTH: password } });
  await ask(['--cluster', 'create', ...addresses, '--cluster-yes']);
  for (const port of ports) {
    while (!(await ask(['-p', String(port), 'cluster', 'info'])).includes('cluster_state:ok'));
  }
  const open = starting.move();
  const stop = () => open.disposeAsync();
  return {
    url: `redis://:${password}@127.0.0.1:${ports[0]}?cluster`,
    urls: ports.map((port) => `redis://:${password}@127.0.0.1:${port}`),
    nodes,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
