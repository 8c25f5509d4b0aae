/** Mosquitto 2 from Debian: TLS 1.3, credentials and rights kept by its dynamic-security plugin, messages kept on disk; alone or bridged to another. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from './certificates.ts';
import { debianProgram } from './debian.ts';
import { findProgram, runProgram } from './program.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const OWNER_ONLY = 0o600;
const PACKAGES = ['mosquitto', 'mosquitto-clients'] as const;

export interface Mosquitto extends Server {
  /** TLS 1.3 only. */
  readonly tlsPort: number;
  /** Without TLS, for programs on this machine. */
  readonly port: number;
  readonly certificates: Certificates;
  /** May change credentials and rights, over `$CONTROL/dynamic-security/v1`. */
  readonly admin: { readonly username: string; readonly password: string };
  /** `mqtt://admin:password@127.0.0.1:port` */
  readonly url: string;
}

export interface MosquittoOptions {
  /** A broker that this one is joined to, over TLS: what is published on one is heard on the other. */
  readonly bridgeTo?: Mosquitto;
  /** Further lines of mosquitto.conf. */
  readonly settings?: readonly string[];
}

/** Why Mosquitto cannot be started here, Debian's packages aside; undefined when it can. */
export function mosquittoLacks(): string | undefined {
  return findProgram('openssl') ? undefined : 'openssl not found: it makes the certificates of the MQTT broker';
}

interface Placed {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly certificates: Certificates;
  readonly plugin: string;
}

function settings({ folder, port, tlsPort, certificates, plugin }: Placed, lines: readonly string[]): string {
  return [
    `user ${userInfo().username}`,
    'per_listener_settings false',
    'allow_anonymous false',
    `plugin ${plugin}`,
    `plugin_opt_config_file ${join(folder, 'dynamic-security.json')}`,
    'persistence true',
    `persistence_location ${folder}/`,
    'autosave_interval 5',
    'max_queued_messages 100000',
    'max_inflight_messages 100',
    `listener ${port} 127.0.0.1`,
    `listener ${tlsPort} 127.0.0.1`,
    `cafile ${certificates.ca}`,
    `certfile ${certificates.certificate}`,
    `keyfile ${certificates.key}`,
    'tls_version tlsv1.3',
    ...lines,
    '',
  ].join('\n');
}

function bridge({ certificates, tlsPort, admin }: Mosquitto): readonly string[] {
  return [
    'connection neighbour',
    `address 127.0.0.1:${tlsPort}`,
    `bridge_cafile ${certificates.ca}`,
    'bridge_tls_version tlsv1.3',
    `remote_username ${admin.username}`,
    `remote_password ${admin.password}`,
    'cleansession false',
    'try_private true',
    'restart_timeout 1 5',
    'topic greencity/# both 1',
  ];
}

/** Starts a broker that knows its administrator and nobody else. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const lacking = mosquittoLacks();
  if (lacking) throw new Error(lacking);
  const program = await debianProgram('mosquitto', PACKAGES);
  const control = await debianProgram('mosquitto_ctrl', PACKAGES);
  const folder = await serverFolder('mosquitto');
  const [port, tlsPort, certificates] = [await freePort(), await freePort(), await makeCertificates(folder)];
  const admin = { username: 'admin', password: randomBytes(18).toString('base64url') };
  const rights = ['dynsec', 'init', join(folder, 'dynamic-security.json'), admin.username, admin.password];
  await runProgram(control.path, rights, { env: control.env });
  const plugin = program.library('mosquitto_dynamic_security.so');
  const lines = [...(options.settings ?? []), ...(options.bridgeTo ? bridge(options.bridgeTo) : [])];
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, settings({ folder, port, tlsPort, certificates, plugin }, lines), { mode: OWNER_ONLY });
  const { path: command, env } = program;
  const server = await startServer({ name: 'Mosquitto', command, args: ['-c', file], env, folder, port });
  const url = `mqtt://${admin.username}:${admin.password}@127.0.0.1:${port}`;
  return Object.assign(server, { port, tlsPort, certificates, admin, url });
}
