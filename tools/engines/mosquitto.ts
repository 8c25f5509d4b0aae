/** Mosquitto 2 from Debian: TLS 1.3, credentials and rights kept by its dynamic-security plugin, messages kept on disk; alone or bridged to another. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openControl } from '@greencity/platform/broker/mosquitto/control';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { type Certificates, makeCertificates } from './certificates.ts';
import { debianProgram } from './debian.ts';
import { findProgram, runProgram } from './program.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const OWNER_ONLY = 0o600;
const DEPLOYMENT = fileURLToPath(new URL('../../deploy/mosquitto/', import.meta.url));
const PACKAGES = ['mosquitto', 'mosquitto-clients'] as const;

export interface Mosquitto extends Server {
  /** TLS 1.3 only, for devices, whose sessions have their user names. */
  readonly tlsPort: number;
  /** The same for roles of the platform, which have several sessions each. */
  readonly rolesTlsPort: number;
  /** Without TLS, for programs on this machine. */
  readonly port: number;
  readonly certificates: Certificates;
  /** `mqtt://user:password@127.0.0.1:port` of the user for the role devices, which may change credentials and rights and nothing else. */
  readonly devicesUrl: string;
  /** The same for the role ingest, which may take messages. */
  readonly ingestUrl: string;
  /** The same for a process with both roles. */
  readonly url: string;
  /** File of the dynamic-security plugin. */
  readonly rightsFile: string;
}

export interface MosquittoOptions {
  /** A broker that this one is joined to, over TLS: what is published on one is heard on the other. */
  readonly bridgeTo?: Mosquitto;
  /** Without the dynamic-security plugin: a broker that lets everybody in. */
  readonly withoutPlugin?: boolean;
}

/** Why Mosquitto cannot be started here, Debian's packages aside; undefined when it can. */
export function mosquittoLacks(): string | undefined {
  return findProgram('openssl') ? undefined : 'openssl not found: it makes the certificates of the MQTT broker';
}

interface Placed {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly rolesTlsPort: number;
  readonly certificates: Certificates;
  readonly plugin: string;
  readonly rightsFile: string;
}

/** The deployment's settings, with the paths and ports of this machine. */
async function settings(placed: Placed, lines: readonly string[]): Promise<string> {
  const { folder, port, tlsPort, certificates, plugin, rightsFile } = placed;
  const here: Readonly<Record<string, string>> = {
    '/usr/lib/mosquitto_dynamic_security.so': plugin,
    '/mosquitto/data/dynamic-security.json': rightsFile,
    '/mosquitto/data/': `${folder}/`,
    '/run/secrets/mqtt_certificate': certificates.certificate,
    '/run/secrets/mqtt_key': certificates.key,
    'listener 1883': `listener ${port} 127.0.0.1`,
    'listener 8883': `listener ${tlsPort} 127.0.0.1`,
  };
  const deployed = await readFile(join(DEPLOYMENT, 'mosquitto.conf'), 'utf8');
  const replaced = Object.entries(here).reduce((text, [there, place]) => text.replaceAll(there, place), deployed);
  const forRoles = [`listener ${placed.rolesTlsPort} 127.0.0.1`, `certfile ${certificates.certificate}`];
  const tls = [...forRoles, `keyfile ${certificates.key}`, 'tls_version tlsv1.3'];
  return [`user ${userInfo().username}`, replaced, ...tls, ...lines, ''].join('\n');
}

const open = (settings: string) =>
  settings.replace(/^plugin.*$/gm, '').replace('allow_anonymous false', 'allow_anonymous true');

const BRIDGE = 'greencity.bridge';
const WHOLE = 'greencity.platform';

/** Lets one more user in, with these roles; resolves to its password. */
async function addUser(devicesUrl: string, username: string, rolenames: readonly string[]): Promise<string> {
  const password = randomBytes(18).toString('base64url');
  await using control = openControl({
    ...{ connection: { url: devicesUrl }, clientId: 'user-maker', log: memoryLog(), onConnected: () => undefined },
  });
  await control.connected();
  if (rolenames.includes(BRIDGE)) {
    const acls = ['publishClientSend', 'publishClientReceive', 'subscribePattern'].map((acltype) => ({
      ...{ acltype, topic: 'greencity/#', allow: true },
    }));
    await control.settle({ command: 'createRole', rolename: BRIDGE, acls }, /already exists/i);
  }
  await control.tell({
    command: 'createClient',
    username,
    password,
    roles: rolenames.map((rolename) => ({ rolename })),
  });
  return password;
}

/** Lets another broker in, and gives it the lines of its settings. */
async function bridge({ certificates, tlsPort, devicesUrl }: Mosquitto): Promise<readonly string[]> {
  const password = await addUser(devicesUrl, BRIDGE, [BRIDGE]);
  return [
    'connection neighbour',
    `address 127.0.0.1:${tlsPort}`,
    `bridge_cafile ${certificates.ca}`,
    'bridge_tls_version tlsv1.3',
    `remote_username ${BRIDGE}`,
    `remote_password ${password}`,
    'cleansession false',
    'try_private true',
    'restart_timeout 1 5',
    'topic greencity/# both 1',
  ];
}

/** The users of the platform, as its deployment makes them. */
async function firstRights(folder: string, rightsFile: string): Promise<{ readonly [user: string]: string }> {
  const hashing = await debianProgram('mosquitto_passwd', PACKAGES);
  const users = { devices: randomBytes(18).toString('base64url'), ingest: randomBytes(18).toString('base64url') };
  const files = await Promise.all(
    Object.entries(users).map(async ([user, password]) => {
      await writeFile(join(folder, user), password, { mode: OWNER_ONLY });
      return join(folder, user);
    }),
  );
  const path = `${dirname(hashing.path)}:${process.env['PATH'] ?? ''}`;
  await runProgram('sh', [join(DEPLOYMENT, 'first-rights.sh'), rightsFile, ...files], {
    env: { ...hashing.env, PATH: path },
  });
  return users;
}

/** Starts a broker that knows the platform and no device. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const lacking = mosquittoLacks();
  if (lacking) throw new Error(lacking);
  const program = await debianProgram('mosquitto', PACKAGES);
  const folder = await serverFolder('mosquitto');
  const [port, tlsPort, rolesTlsPort] = [await freePort(), await freePort(), await freePort()];
  const certificates = await makeCertificates(folder);
  const rightsFile = join(folder, 'dynamic-security.json');
  const users = await firstRights(folder, rightsFile);
  const plugin = program.library('mosquitto_dynamic_security.so');
  const lines = options.bridgeTo ? await bridge(options.bridgeTo) : [];
  const file = join(folder, 'mosquitto.conf');
  const placed = { folder, port, tlsPort, rolesTlsPort, certificates, plugin, rightsFile };
  const text = await settings(placed, lines);
  await writeFile(file, options.withoutPlugin ? open(text) : text, { mode: OWNER_ONLY });
  const { path: command, env } = program;
  const server = await startServer({ name: 'Mosquitto', command, args: ['-c', file], env, folder, port });
  const urlOf = (user: 'devices' | 'ingest') => `mqtt://greencity.${user}:${users[user]}@127.0.0.1:${port}`;
  const devicesUrl = urlOf('devices');
  const roles = ['greencity.devices', 'greencity.ingest'];
  const both = options.withoutPlugin ? 'any' : await addUser(devicesUrl, WHOLE, roles);
  const urls = { devicesUrl, ingestUrl: urlOf('ingest'), url: `mqtt://${WHOLE}:${both}@127.0.0.1:${port}` };
  return Object.assign(server, { port, tlsPort, rolesTlsPort, certificates, rightsFile, ...urls });
}
