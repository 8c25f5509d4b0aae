/** The deployment files, held against the settings that the platform knows. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROLES } from './roles.ts';
import { SECRETS, VARIABLES } from './settings/variables.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const roles = services.filter(([, { build }]) => build !== undefined);
const dockerfile = read('Dockerfile');
const runtime = JSON.parse(read('app/runtime.json')) as {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};
/** A name that holds a secret, of the platform or of an engine. */
const SECRET = /PASSWORD|TOKEN|SECRET|_URI$|REDIS_URL|MQTT_URL/;

describe('docker-compose.yml', () => {
  it('has one service for each role', () => {
    expect(roles.map(([name, { command }]) => [name, command])).toEqual(
      expect.arrayContaining(ROLES.map((role) => [role, [role]])),
    );
    expect(roles).toHaveLength(ROLES.length);
  });

  it.each(roles)('gives %s variables that the platform knows, and no other', (_, { environment = {} }) => {
    expect(Object.keys(environment).filter((name) => !(VARIABLES as readonly string[]).includes(name))).toEqual([]);
  });

  it.each(services)('gives %s each secret as a file that it may read', (_, service) => {
    const secret = Object.entries(service.environment ?? {}).filter(([name]) => SECRET.test(name));
    for (const [name, value] of secret) {
      expect(name).toMatch(/_FILE$/);
      const file = value.replace('/run/secrets/', '');
      expect(service.secrets, name).toContain(file);
      expect(Object.keys(compose.secrets)).toContain(file);
    }
    for (const name of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(name);
  });

  it('keeps every secret in a file of its own, and each is read by somebody', () => {
    const files = Object.values(compose.secrets).map(({ file }) => file);
    for (const file of files) expect(file).toMatch(/^\.\/secrets\//);
    expect(new Set(files).size).toBe(files.length);
    const used = new Set(services.flatMap(([, service]) => service.secrets ?? []));
    expect([...used].sort()).toEqual(Object.keys(compose.secrets).sort());
  });

  it.each(services)('pins the image of %s to a version', (_, { image }) => {
    expect(image).toMatch(/^[a-z0-9./-]+:\d+\.\d+\.\d+(-[a-z0-9.]+)?$/);
  });

  it.each(services)('gives %s a health check, and limits of memory, processors and processes', (_, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(Object.keys(service.deploy?.resources?.limits ?? {}).sort()).toEqual(['cpus', 'memory', 'pids']);
  });

  it('opens the gateway and MQTT over TLS to the outside, and nothing else', () => {
    expect(services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]))).toEqual([
      ['gateway', '4000:4000'],
      ['mosquitto', '8883:8883'],
    ]);
    const reachable = services.filter(([, { networks }]) => networks.includes('outside')).map(([name]) => name);
    expect(reachable).toEqual(['gateway', 'mosquitto']);
    expect(compose.networks['inside']?.internal).toBe(true);
    for (const [name, { networks }] of services) expect(networks, name).toContain('inside');
  });

  it('names every volume, and keeps what a role writes on one of its own', () => {
    const named = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    expect(named.filter((name) => !name.startsWith('./')).sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const [name, role] of roles) expect(role.volumes, name).toEqual([`${name}:/data`]);
  });

  it.each(roles)('lets %s write nowhere else and do nothing that it need not', (_, role) => {
    expect(role.read_only).toBe(true);
    expect(role.cap_drop).toEqual(['ALL']);
  });

  it('tells the gateway where each subgraph is, by the name of its service', () => {
    const { environment = {} } = compose.services['gateway'] ?? {};
    for (const role of ['devices', 'measurements', 'alerts', 'predictions']) {
      expect(environment[`${role.toUpperCase()}_URL`]).toBe(`http://${role}:4000`);
    }
  });
});

describe('Mosquitto', () => {
  const lines = read('deploy/mosquitto/mosquitto.conf')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const mosquitto = compose.services['mosquitto'];

  it('speaks TLS 1.3 and nothing older where devices come in, and knows everybody who does', () => {
    const [, ...listeners] = lines.join('\n').split(/^listener /m);
    expect(listeners.map((listener) => listener.split('\n')[0])).toEqual(['1883', '8883']);
    expect(listeners[1]).toContain('tls_version tlsv1.3');
    expect(listeners[1], 'no device ends the session of another').toContain('use_username_as_clientid true');
    expect(lines).toContain('allow_anonymous false');
    expect(mosquitto?.ports, 'the other is for the roles alone').toEqual(['8883:8883']);
  });

  it('keeps messages, sessions and credentials on its volume', () => {
    expect(lines).toEqual(expect.arrayContaining(['persistence true', 'persistence_location /mosquitto/data/']));
    expect(lines).toContain('plugin_opt_config_file /mosquitto/data/dynamic-security.json');
    expect(mosquitto?.volumes).toContain('mosquitto:/mosquitto/data');
  });

  it('reads no file that it is not given', () => {
    const secrets = (text: string) => [...text.matchAll(/\/run\/secrets\/(\w+)/g)].map(([, name]) => name);
    const named = secrets([...lines, ...(mosquitto?.entrypoint ?? [])].join('\n'));
    expect([...new Set(named)].sort()).toEqual([...(mosquitto?.secrets ?? [])].sort());
  });

  it('is where the roles that need it look for it, each as a user of its own', () => {
    for (const role of ['devices', 'ingest'])
      expect(compose.services[role]?.environment?.['MQTT_URL_FILE']).toBe(`/run/secrets/mqtt_${role}_url`);
    const users = read('deploy/mosquitto/first-rights.sh');
    for (const role of ['devices', 'ingest']) {
      expect(users).toContain(`user ${role}`);
      expect(read('docs/deploy.md')).toContain(`mqtt://greencity.$name:`);
    }
  });
});

describe('the Dockerfile', () => {
  it('pins its base, runs as a user, and starts the platform with the flags that it has elsewhere', () => {
    expect(dockerfile).toMatch(/^ARG NODE=node:\d+\.\d+\.\d+-/m);
    expect(dockerfile.lastIndexOf('\nUSER node\n')).toBeGreaterThan(dockerfile.lastIndexOf('\nFROM '));
    const entrypoint = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]') as readonly string[];
    expect(entrypoint).toEqual(['node', ...runtime.flags, 'app/main.ts']);
    for (const [name, value] of Object.entries(runtime.env)) expect(dockerfile).toContain(`${name}=${value}`);
  });

  it('installs nothing for development into what runs, and names no secret', () => {
    expect(dockerfile).toMatch(/npm ci .*--omit=dev --workspace app/);
    for (const name of SECRETS) expect(dockerfile).not.toContain(name);
  });

  it('sets variables that the platform knows', () => {
    const [, environment = ''] = /^ENV ([\s\S]*?)\nUSER/m.exec(dockerfile) ?? [];
    const names = [...environment.matchAll(/([A-Z_]+)=/g)].map((match) => match[1] ?? '');
    const known = [...VARIABLES, ...Object.keys(runtime.env), 'NODE_ENV', 'APOLLO_TELEMETRY_DISABLED'];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(names).toContain('DATA_DIR');
  });

  it('leaves secrets, data and what was installed out of what the image is made from', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const path of ['secrets', 'data', '**/node_modules', '.git']) expect(ignored).toContain(path);
  });
});
