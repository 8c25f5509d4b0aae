/** Apache Kafka 4 in KRaft mode (no ZooKeeper), one broker or three, from its published jars. Needs Java 17 and Maven. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clientOptions } from '@greencity/platform/event-log/kafka/connection';
import { Admin } from '@platformatic/kafka';
import { cached } from './cache.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { findProgram, runProgram } from './program.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const VERSION = '4.4.0';
const CLUSTER_ID_BYTES = 16;
const REPLICATED_FROM = 3;
const POLL_MS = 50;
const USABLE_WITHIN_MS = 60_000;
const OWNER_ONLY = 0o600;
const HEAP = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC'] as const;
const LOGGING = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
const POM = fileURLToPath(new URL('./kafka-jars.pom.xml', import.meta.url));
const CHECKSUMS = fileURLToPath(new URL('./kafka-jars.sha256', import.meta.url));

export interface KafkaOptions {
  /** 1 or 3. Default 1. */
  readonly brokers?: number;
  /** With it, clients sign in by SASL/PLAIN as this user. */
  readonly user?: { readonly name: string; readonly password: string };
  /** With it, clients speak TLS. One broker only. */
  readonly tls?: boolean;
  /** Further lines of server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Kafka extends AsyncDisposable {
  /** `host:port` of each broker, as KAFKA_BROKERS takes them. */
  readonly brokers: readonly string[];
  readonly nodes: readonly Server[];
  /** Of a broker that speaks TLS. */
  readonly certificates: Certificates | undefined;
  stop(): Promise<void>;
}

/** Why Kafka cannot be started here; undefined when it can. */
export function kafkaLacks(): string | undefined {
  const lacking = ['java', 'mvn'].filter((name) => !findProgram(name));
  return lacking.length === 0
    ? undefined
    : `${lacking.join(' and ')} not found: Kafka needs Java 17 or later, and Maven`;
}

/** Rejects when a jar is not the one that this version was made with. */
async function checkJars(folder: string): Promise<void> {
  const lines = readFileSync(CHECKSUMS, 'utf8').trim().split('\n');
  for (const line of lines) {
    const [expected = '', name = ''] = line.split(/\s+/);
    const found = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
    if (found !== expected) throw new Error(`${name} has the checksum ${found}, expected ${expected}`);
  }
}

/** Classpath of the broker. */
async function classpath(): Promise<string> {
  const lacking = kafkaLacks();
  if (lacking) throw new Error(lacking);
  const folder = await cached(`kafka-${VERSION}`, async (target) => {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${target}`];
    await runProgram('mvn', ['-q', '-B', '-C', '-f', POM, ...goal]);
    await checkJars(target);
  });
  return join(folder, '*');
}

interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly folder: string;
}

/** Kafka takes PEM as it is, with key and certificate in one file. */
async function keyStore({ ca, certificate, key }: Certificates, folder: string) {
  const file = join(folder, 'key-store.pem');
  await writeFile(file, `${await readFile(key, 'utf8')}${await readFile(certificate, 'utf8')}`, { mode: OWNER_ONLY });
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': file,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
  };
}

const PROTOCOLS = { plain: 'PLAINTEXT', user: 'SASL_PLAINTEXT', tls: 'SSL', both: 'SASL_SSL' } as const;

function protocolOf({ user, tls }: KafkaOptions): string {
  if (tls) return user ? PROTOCOLS.both : PROTOCOLS.tls;
  return user ? PROTOCOLS.user : PROTOCOLS.plain;
}

function properties(node: Node, nodes: readonly Node[], options: KafkaOptions): string {
  const { user, settings } = options;
  const replicas = nodes.length >= REPLICATED_FROM ? REPLICATED_FROM : 1;
  const inSync = replicas > 1 ? 2 : 1;
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const lines: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    listeners: `CLIENTS://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `CLIENTS://127.0.0.1:${node.port}`,
    'listener.security.protocol.map': `CLIENTS:${protocolOf(options)},CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'CLIENTS',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(node.folder, 'data'),
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    ...(user && {
      'sasl.enabled.mechanisms': 'PLAIN',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'listener.name.clients.plain.sasl.jaas.config': `${module} required username="${user.name}" password="${user.password}" user_${user.name}="${user.password}";`,
    }),
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function startNode(
  node: Node,
  nodes: readonly Node[],
  start: { readonly clusterId: string; readonly options: KafkaOptions },
): Promise<Server> {
  const jars = await classpath();
  const { folder, port } = node;
  const file = join(folder, 'server.properties');
  await writeFile(file, properties(node, nodes, start.options), { mode: OWNER_ONLY });
  const format = ['kafka.tools.StorageTool', 'format', '-t', start.clusterId, '-c', file];
  await runProgram('java', ['-Xmx64m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', LOGGING, '-cp', jars, ...format]);
  const args = [...HEAP, '-Djava.awt.headless=true', LOGGING, '-cp', jars, 'kafka.Kafka', file];
  return await startServer({ name: 'Kafka', command: 'java', args, folder, port });
}

/** Starts a cluster of one broker or three, each with the controller in it; resolves when topics can be made. They are made by who needs them, never by a typing error. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  await classpath();
  const nodes: Node[] = [];
  for (let id = 1; id <= (options.brokers ?? 1); id += 1) {
    nodes.push({ id, port: await freePort(), controllerPort: await freePort(), folder: await serverFolder('kafka') });
  }
  // One that begins with a dash would be read as an option.
  const clusterId = randomBytes(CLUSTER_ID_BYTES).toString('base64url').replace(/^-/, 'A');
  const [{ folder }] = nodes as [Node];
  const certificates = options.tls ? await makeCertificates(folder) : undefined;
  const settings = { ...(certificates && (await keyStore(certificates, folder))), ...options.settings };
  await using starting = new AsyncDisposableStack();
  const servers = await Promise.all(
    nodes.map(async (node) =>
      starting.use(await startNode(node, nodes, { clusterId, options: { ...options, settings } })),
    ),
  );
  const brokers = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await usable(brokers, options, certificates);
  const open = starting.move();
  const stop = () => open.disposeAsync();
  return {
    brokers,
    nodes: servers,
    certificates,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Resolves when every broker knows all others: ports are open before that. */
async function usable(brokers: readonly string[], { user }: KafkaOptions, certificates: Certificates | undefined) {
  const sasl = user && { mechanism: 'PLAIN' as const, username: user.name, password: user.password };
  const tls = certificates && { ca: await readFile(certificates.ca, 'utf8') };
  const untilMs = performance.now() + USABLE_WITHIN_MS;
  for (const broker of brokers) {
    const connection = { brokers: [broker], ...(sasl && { sasl }), ...(tls && { tls }) };
    await using stack = new AsyncDisposableStack();
    const admin = new Admin(clientOptions(connection));
    stack.defer(() => admin.close());
    while ((await known(admin)) < brokers.length) {
      if (performance.now() > untilMs) throw new Error('the brokers of Kafka do not know each other');
      await sleep(POLL_MS);
    }
  }
}

/** How many brokers this one knows. */
async function known(admin: Admin): Promise<number> {
  try {
    return (await admin.metadata({ topics: [], forceUpdate: true })).brokers.size;
  } catch {
    return 0;
  }
}
