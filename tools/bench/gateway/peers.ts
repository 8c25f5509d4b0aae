/** The gateways that ours is measured beside, installed from npm under a cache folder, each with exactly these packages. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../.cache/gateway-peers/', import.meta.url));

const PEERS = {
  apollo: { '@apollo/server': '5.5.1', '@apollo/gateway': '2.14.4', graphql: '16.15.0' },
  hive: { '@graphql-hive/gateway': '2.15.1', '@graphql-hive/router-runtime': '1.4.23', graphql: '16.15.0' },
  // Its gateway prints a node that later versions of graphql no longer print.
  mercurius: { mercurius: '16.10.1', '@mercuriusjs/gateway': '5.2.0', fastify: '5.12.8', graphql: '16.12.0' },
} as const;

export type Peer = keyof typeof PEERS;

/** What each peer consists of, for the record. */
export const PEER_PACKAGES: Readonly<Record<Peer, Readonly<Record<string, string>>>> = PEERS;

/** Folder of a peer's packages; installs them when they are not there yet. @throws Error when npm fails */
export function installed(peer: Peer): string {
  const folder = join(CACHE, peer);
  const manifest = JSON.stringify({ private: true, dependencies: PEERS[peer] });
  const done = join(folder, 'installed.json');
  if (existsSync(done) && readFileSync(done, 'utf8') === manifest) return folder;
  console.error(`installing ${peer} from npm ...`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  const npm = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) throw new Error(`npm could not install ${peer}; what it printed is above`);
  writeFileSync(done, manifest);
  return folder;
}

/** Loads a package of a peer, not ours of the same name. */
export function peerPackage<T>(folder: string, name: string): T {
  return createRequire(join(folder, 'package.json'))(name) as T;
}
