/**
 * A city of processes: each role of the platform in one of its own, on the engines that they share. Whoever holds it may end and start
 * each of them; it starts nothing again by itself, so that a process which cannot go on is seen.
 */
import { ROLES, type Role, SUBGRAPHS } from '../../app/roles.ts';
import { freePort } from '../engines/server.ts';
import { type CityEngine, ENGINES, type EngineName, type EnginesOptions, newSecret, startEngines } from './engines.ts';
import { type RoleProcess, startRole, untilReady } from './role.ts';
import { together } from './together.ts';

const READY_WITHIN_MS = 120_000;
const ADMIN_EMAIL = 'admin@greencity.local';

/** Which roles are told of an engine, and of its secrets. */
const USERS: Readonly<Record<EngineName, readonly Role[]>> = {
  Kafka: ['ingest', ...SUBGRAPHS],
  InfluxDB: ['measurements'],
  MongoDB: ['devices', 'measurements', 'alerts', 'predictions', 'gateway'],
  Redis: ROLES,
  Mosquitto: ['ingest', 'devices'],
};

export interface CityOptions extends EnginesOptions {
  /** Which port a process gets; a free one where it is not given. */
  readonly portFor?: (role: Role) => Promise<number>;
  /** Further settings of every role, as docs/operate.md lists them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told of each step. */
  readonly onStep?: (sentence: string) => void;
}

/** Settings and secrets of one process that are not those of its role. */
export interface Changed {
  readonly settings?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

export interface City extends AsyncDisposable {
  readonly engines: Readonly<Record<EngineName, CityEngine>>;
  /** The first process of each role. */
  readonly roles: Readonly<Record<Role, RoleProcess>>;
  /** Every process, further ones of a role included. */
  readonly processes: readonly RoleProcess[];
  /** Where devices sign in. */
  readonly mqttUrl: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** Starts another process of a role; resolves when its port is open, ready or not. @param changed what it is told otherwise than the first one */
  enter(role: Exclude<Role, 'gateway'>, changed?: Changed): Promise<RoleProcess>;
  /** Starts another process of a role, which shares its work; resolves when it is ready. @param changed what it is told otherwise than the first one */
  join(role: Exclude<Role, 'gateway'>, changed?: Changed): Promise<RoleProcess>;
  /** Resolves when every process says that it is ready. */
  ready(): Promise<void>;
  /** Ends every process by its id, roles first, and removes what they kept. */
  stop(): Promise<void>;
}

interface Plan {
  readonly engines: Readonly<Record<EngineName, CityEngine>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly gatewaySecret: string;
  readonly adminPassword: string;
}

interface Place {
  readonly role: Role;
  readonly port: number;
  readonly changed?: Changed;
}

/** Starts the process with what its role needs to know, and no more. */
function startPlanned(plan: Plan, { role, port, changed = {} }: Place): Promise<RoleProcess> {
  const { engines, settings, gatewaySecret, adminPassword } = plan;
  const used = ENGINES.filter((name) => USERS[name].includes(role)).map((name) => engines[name]);
  return startRole({
    ...{ role, port },
    settings: Object.assign({}, settings, ...used.map((engine) => engine.settings), changed.settings),
    secrets: Object.assign(
      { GATEWAY_SECRET: gatewaySecret },
      role === 'devices' ? { ADMIN_PASSWORD: adminPassword } : {},
      ...used.map((engine) => engine.secrets(role)),
      changed.secrets,
    ),
  });
}

async function portsOf(portFor: (role: Role) => Promise<number>): Promise<Record<Role, number>> {
  const ports: [Role, number][] = [];
  for (const role of ROLES) ports.push([role, await portFor(role)]);
  return Object.fromEntries(ports) as Record<Role, number>;
}

/** Starts the engines and then the roles; resolves when all of them are ready. */
export async function startCity(options: CityOptions = {}): Promise<City> {
  const { portFor = () => freePort(), onStep = () => undefined } = options;
  await using stack = new AsyncDisposableStack();
  onStep(
    'Starting Kafka, InfluxDB, MongoDB, Redis and Mosquitto; what this machine lacks of them is fetched or built once.',
  );
  const engines = await startEngines(stack, options);
  const ports = await portsOf(portFor);
  const admin = { email: options.settings?.['ADMIN_EMAIL'] ?? ADMIN_EMAIL, password: newSecret() };
  const urls = SUBGRAPHS.map((name) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${ports[name]}`]);
  const plan: Plan = {
    engines,
    settings: { DEMO: 'off', ADMIN_EMAIL: admin.email, ...Object.fromEntries(urls), ...options.settings },
    gatewaySecret: newSecret(),
    adminPassword: admin.password,
  };
  onStep('Starting the roles.');
  const processes = await together(
    ROLES.map(async (role) => stack.use(await startPlanned(plan, { role, port: ports[role] }))),
  );
  const ready = async () => void (await Promise.all(processes.map((one) => untilReady(one, READY_WITHIN_MS))));
  await ready();
  const open = stack.move();
  const stop = () => open.disposeAsync();
  const enter: City['enter'] = async (role, changed = {}) =>
    open.use(await startPlanned(plan, { role, port: await freePort(), changed }));
  return {
    mqttUrl: `mqtt://${engines.Mosquitto.address}`,
    ...{ engines, processes, admin, ready, stop, [Symbol.asyncDispose]: stop },
    roles: Object.fromEntries(processes.map((one) => [one.role, one])) as Record<Role, RoleProcess>,
    enter,
    async join(role, changed) {
      const joined = await enter(role, changed);
      await untilReady(joined, READY_WITHIN_MS);
      processes.push(joined);
      return joined;
    },
  };
}
