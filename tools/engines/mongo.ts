/** MongoDB: a replica set of one member or three, without access control or with one user. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mongoClient } from '@greencity/platform/documents/mongo/connection';
import { mongod } from './mongod-fetch.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const SET = 'rs0';
const POLL_MS = 50;
const SETTLED_WITHIN_MS = 60_000;
const KEY_BYTES = 48;

export interface MongoOptions {
  /** 1 or 3. Default 1. */
  readonly members?: number;
  /** With it, clients sign in as this user, who may do everything. */
  readonly user?: { readonly name: string; readonly password: string };
  /** For the documents of a set of one member, when they are to lie elsewhere than the rest. */
  readonly dataFolder?: string;
  /** Further arguments of mongod. */
  readonly args?: readonly string[];
}

export interface Mongo extends AsyncDisposable {
  /** What MONGODB_URI takes, for a database of this name. */
  uri(database: string): string;
  readonly members: readonly Server[];
  stop(): Promise<void>;
}

/** Starts a replica set; resolves when it has a primary. */
export async function startMongo({
  members: count = 1,
  user,
  dataFolder,
  args = [],
}: MongoOptions = {}): Promise<Mongo> {
  const command = await mongod();
  await using starting = new AsyncDisposableStack();
  const key = randomBytes(KEY_BYTES).toString('base64');
  const members: Server[] = [];
  const hosts: string[] = [];
  for (let member = 0; member < count; member += 1) {
    const port = await freePort();
    const folder = await serverFolder('mongo');
    const dbpath = dataFolder ?? join(folder, 'data');
    await mkdir(dbpath, { recursive: true });
    const keyFile = join(folder, 'key');
    await writeFile(keyFile, key, { mode: 0o400 });
    const access = user ? ['--keyFile', keyFile] : [];
    const all = [...settings(dbpath, port), ...access, ...args];
    members.push(starting.use(await startServer({ name: 'MongoDB', command, args: all, folder, port })));
    hosts.push(`127.0.0.1:${port}`);
  }
  await formSet(hosts);
  if (user) await addUser(hosts, user);
  const open = starting.move();
  const stop = () => open.disposeAsync();
  const login = user ? `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@` : '';
  const source = user ? '&authSource=admin' : '';
  return {
    uri: (database) => `mongodb://${login}${hosts.join(',')}/${database}?replicaSet=${SET}${source}`,
    ...{ members, stop, [Symbol.asyncDispose]: stop },
  };
}

function settings(dbpath: string, port: number): readonly string[] {
  return [
    ...['--dbpath', dbpath, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'],
    ...['--replSet', SET, '--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '128', '--quiet'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  ];
}

async function formSet(hosts: readonly string[]): Promise<void> {
  await using client = mongoClient(`mongodb://${hosts[0]}/?directConnection=true`);
  const admin = client.db('admin');
  await admin.command({
    replSetInitiate: {
      _id: SET,
      members: hosts.map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 })),
      settings: { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 },
    },
  });
  const untilMs = performance.now() + SETTLED_WITHIN_MS;
  while (!(await admin.command({ hello: 1 }))['isWritablePrimary']) {
    if (performance.now() > untilMs) throw new Error('the replica set has no primary');
    await sleep(POLL_MS);
  }
}

/** The first user is made from this machine, which MongoDB allows while there is none. */
async function addUser(hosts: readonly string[], user: { readonly name: string; readonly password: string }) {
  await using client = mongoClient(`mongodb://${hosts[0]}/?directConnection=true`);
  await client.db('admin').command({ createUser: user.name, pwd: user.password, roles: ['root'] });
}
