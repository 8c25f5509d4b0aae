/** The engines that the processes of one city share, each with credentials of its own, and the settings by which a role finds them. */
import { randomBytes } from 'node:crypto';
import type { Role } from '../../app/roles.ts';
import { startInflux } from '../engines/influx.ts';
import { startKafka } from '../engines/kafka.ts';
import { startMongo } from '../engines/mongo.ts';
import { startMosquitto } from '../engines/mosquitto.ts';
import { startRedis } from '../engines/redis.ts';
import { freePort, type Server } from '../engines/server.ts';
import { together } from './together.ts';

export const ENGINES = ['Kafka', 'InfluxDB', 'MongoDB', 'Redis', 'Mosquitto'] as const;
export type EngineName = (typeof ENGINES)[number];

const USER = 'greencity';
const PARTITIONS = '6';

/** Carries what goes to an engine's port by way of another port. */
export type Relay = (engine: EngineName, ports: { readonly from: number; readonly to: number }) => Promise<void>;

export interface CityEngine extends Server {
  /** `host:port`, as the roles know it. */
  readonly address: string;
  /** Settings of the platform that are no secret. */
  readonly settings: Readonly<Record<string, string>>;
  /** Settings that are, as a role is told them: each goes into a file. */
  secrets(role: Role): Readonly<Record<string, string>>;
}

/** How the engines are started otherwise than alone and near. */
export interface EnginesOptions {
  /** With it, roles reach the engines by way of it. */
  readonly relay?: Relay;
  /** Where InfluxDB keeps its points, when they are to lie elsewhere than the rest. */
  readonly influxFolder?: string;
}

type Start = (options: EnginesOptions) => Promise<CityEngine>;

/** A word for one start, in letters that need no quoting. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** The port that roles are told of: the engine's own, or one in front of it. */
async function reachedAt(engine: EngineName, port: number, relay: Relay | undefined): Promise<number> {
  if (!relay) return port;
  const front = await freePort();
  await relay(engine, { from: front, to: port });
  return front;
}

const portOf = (url: string) => Number(new URL(url).port);
const local = (port: number) => `127.0.0.1:${port}`;

async function kafka({ relay }: EnginesOptions): Promise<CityEngine> {
  const password = newSecret();
  // A broker tells its clients where it is: with a relay in front of it, there.
  const front = relay ? await freePort() : undefined;
  const settings = front === undefined ? {} : { 'advertised.listeners': `CLIENTS://${local(front)}` };
  const { brokers, nodes } = await startKafka({ user: { name: USER, password }, settings });
  const [node] = nodes;
  const own = Number(brokers[0]?.split(':')[1]);
  if (!node) throw new Error('Kafka was started without a broker');
  if (front !== undefined) await relay?.('Kafka', { from: front, to: own });
  const address = local(front ?? own);
  return Object.assign(node, {
    address,
    settings: {
      ...{ KAFKA_BROKERS: address, KAFKA_PARTITIONS: PARTITIONS },
      ...{ KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_USERNAME: USER },
    },
    secrets: () => ({ KAFKA_PASSWORD: password }),
  });
}

async function influx({ relay, influxFolder }: EnginesOptions): Promise<CityEngine> {
  const server = await startInflux(influxFolder === undefined ? {} : { dataFolder: influxFolder });
  const address = local(await reachedAt('InfluxDB', portOf(server.url), relay));
  const settings = { INFLUX_URL: `http://${address}`, INFLUX_ORG: server.org };
  return Object.assign(server, { address, settings, secrets: () => ({ INFLUX_TOKEN: server.token }) });
}

async function mongo({ relay }: EnginesOptions): Promise<CityEngine> {
  const set = await startMongo({ user: { name: USER, password: newSecret() } });
  const [member] = set.members;
  const uri = new URL(set.uri(USER));
  if (!member) throw new Error('MongoDB was started without a member');
  const address = local(await reachedAt('MongoDB', Number(uri.port), relay));
  uri.host = address;
  if (relay) {
    // The set knows its member by the port behind the relay, so that a client must not ask it where it is.
    uri.searchParams.delete('replicaSet');
    uri.searchParams.set('directConnection', 'true');
  }
  return Object.assign(member, { address, settings: {}, secrets: () => ({ MONGODB_URI: uri.href }) });
}

async function redis({ relay }: EnginesOptions): Promise<CityEngine> {
  const server = await startRedis();
  const url = new URL(server.url);
  const address = local(await reachedAt('Redis', server.port, relay));
  url.host = address;
  return Object.assign(server, { address, settings: {}, secrets: () => ({ REDIS_URL: url.href }) });
}

/** Devices find it by its own port, relay or not. */
async function mosquitto({ relay }: EnginesOptions): Promise<CityEngine> {
  const server = await startMosquitto();
  const front = await reachedAt('Mosquitto', server.port, relay);
  const byFront = (url: string) => Object.assign(new URL(url), { port: String(front) }).href;
  const urls = { devices: byFront(server.devicesUrl), ingest: byFront(server.ingestUrl) };
  return Object.assign(server, {
    address: local(server.port),
    settings: {},
    secrets: (role: Role) => ({ MQTT_URL: role === 'devices' ? urls.devices : urls.ingest }),
  });
}

const STARTS: Readonly<Record<EngineName, Start>> = {
  ...{ Kafka: kafka, InfluxDB: influx, MongoDB: mongo, Redis: redis, Mosquitto: mosquitto },
};

/** Starts all of them side by side; the stack ends them. What this machine lacks is fetched or built first. */
export async function startEngines(
  stack: AsyncDisposableStack,
  options: EnginesOptions,
): Promise<Readonly<Record<EngineName, CityEngine>>> {
  const engines = await together(ENGINES.map(async (name) => [name, stack.use(await STARTS[name](options))] as const));
  return Object.fromEntries(engines) as Record<EngineName, CityEngine>;
}
