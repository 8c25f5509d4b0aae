/** What the gateway costs: a join over four subgraphs beside Apollo's own executor, and one delivery to a subscriber. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApolloGateway, LocalGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { startApolloServer } from '@greencity/gateway/apollo-server';
import { type Gateway, openGateway } from '@greencity/gateway/gateway';
import { routes } from '@greencity/gateway/http/routes';
import { openHttpServer } from '@greencity/gateway/http/server';
import { DEFAULT_SETTINGS } from '@greencity/gateway/settings';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { benchCity, JOIN, LIVE } from './gateway-city.ts';

const ROUNDS = 5;
const REQUESTS_PER_ROUND = 200;
const WARM_UP_REQUESTS = 300;
const SUBSCRIBERS = 1_000;
const EVENTS = 40;
const EVENT_EVERY_MS = 100;

/** CPU per request of the join, and per delivery of a joined event. Takes half a minute. */
export async function benchGateway(): Promise<object> {
  return { join: await benchJoin(), delivery: await benchDelivery() };
}

function gatewayOptions(city: ReturnType<typeof benchCity>) {
  return {
    ...city,
    authenticate: async () => ({ kind: 'anonymous' }) as const,
    clock: systemClock(),
    log: memoryLog(),
    metrics: memoryMetrics(),
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

type Ask = () => Promise<string>;

/** Apollo Server as it stands in front of both; no socket. */
function asker(server: ApolloServer<Record<string, unknown>>, contextValue: Record<string, unknown>): Ask {
  const headers = new HeaderMap([['content-type', 'application/json']]);
  return async () => {
    const httpGraphQLRequest = { method: 'POST', headers, search: '', body: { query: JOIN } };
    const answer = await server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => contextValue });
    if (answer.body.kind !== 'complete') throw new Error('the answer came in parts');
    return answer.body.string;
  };
}

async function benchJoin(): Promise<object> {
  const city = benchCity();
  await using gateway: Gateway = await openGateway(gatewayOptions(city));
  const ourServer = await startApolloServer({
    supergraphSdl: city.supergraphSdl,
    limits: DEFAULT_SETTINGS.limits,
    log: memoryLog(),
    loaded: () => undefined,
    execute: async ({ source }) => await gateway.execute(source),
  });
  const byName = new Map(city.subgraphs.map((subgraph) => [subgraph.name, subgraph.schema]));
  const stock = new ApolloServer({
    gateway: new ApolloGateway({
      supergraphSdl: city.supergraphSdl,
      buildService({ name }) {
        const schema = byName.get(name);
        if (!schema) throw new Error(`no subgraph ${name}`);
        return new LocalGraphQLDataSource(schema);
      },
    }),
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
  });
  await stock.start();
  const variants: Readonly<Record<string, Ask>> = {
    ours: asker(ourServer as unknown as ApolloServer<Record<string, unknown>>, {
      viewer: { kind: 'anonymous' },
      requestId: '',
    }),
    stock: asker(stock as ApolloServer<Record<string, unknown>>, {}),
    executorAlone: async () => {
      const answer = await gateway.execute(JOIN);
      return `{"data":${answer.data}}`;
    },
  };
  const figures = await interleaved(variants);
  await Promise.all([ourServer.stop(), stock.stop()]);
  const [ours = Number.NaN, theirs = Number.NaN] = [figures['ours'], figures['stock']];
  return { cpuMsPerRequest: figures, stockByOurs: Math.round((theirs / ours) * 10) / 10 };
}

/** Medians over rounds in which each variant has its turn, so that the machine's mood hits all alike. */
async function interleaved(variants: Readonly<Record<string, Ask>>): Promise<Record<string, number>> {
  const answers = new Set<string>();
  const rounds: Record<string, number[]> = {};
  for (const [name, ask] of Object.entries(variants)) {
    rounds[name] = [];
    for (let request = 0; request < WARM_UP_REQUESTS; request += 1) await ask();
    answers.add(JSON.stringify(JSON.parse(await ask())));
  }
  if (answers.size !== 1) throw new Error('the variants do not give the same answer');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, ask] of Object.entries(variants)) {
      const before = cpuMs();
      for (let request = 0; request < REQUESTS_PER_ROUND; request += 1) await ask();
      rounds[name]?.push((cpuMs() - before) / REQUESTS_PER_ROUND);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, each]) => [name, rounded(median(each))]));
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** One group of subscribers in another process. */
async function benchDelivery(): Promise<object> {
  const city = benchCity();
  const options = gatewayOptions(city);
  const gateway = await openGateway(options);
  const handler = routes({ ...options, gateway, webFolder: '.', ready: {} });
  const { upgrade, close: closing } = gateway;
  await using server = await openHttpServer({
    host: '127.0.0.1',
    port: 0,
    handler,
    upgrade,
    closing,
    log: options.log,
  });
  globalThis.gc?.();
  const bareBytes = process.memoryUsage().rss;
  const program = fileURLToPath(new URL('gateway-clients.ts', import.meta.url));
  const clients = fork(program, [`ws://127.0.0.1:${server.port}/graphql`, String(SUBSCRIBERS), LIVE]);
  try {
    await once(clients, 'message');
    globalThis.gc?.();
    const openBytes = process.memoryUsage().rss;
    for (let warm = 0; warm < 5; warm += 1) {
      city.events.publish();
      await sleep(EVENT_EVERY_MS);
    }
    const before = cpuMs();
    for (let event = 0; event < EVENTS; event += 1) {
      city.events.publish();
      await sleep(EVENT_EVERY_MS);
    }
    const usedMs = cpuMs() - before;
    const received = await receivedBy(clients, (EVENTS + 5) * SUBSCRIBERS);
    return {
      subscribers: SUBSCRIBERS,
      events: EVENTS,
      lost: (EVENTS + 5) * SUBSCRIBERS - received,
      cpuMicrosecondsPerDelivery: rounded((usedMs * 1_000) / (EVENTS * SUBSCRIBERS)),
      residentKibPerSubscriber: rounded((openBytes - bareBytes) / SUBSCRIBERS / 1_024),
    };
  } finally {
    clients.disconnect();
    await once(clients, 'exit');
  }
}

async function receivedBy(clients: ReturnType<typeof fork>, wanted: number): Promise<number> {
  let received = 0;
  for (let attempt = 0; attempt < 50 && received < wanted; attempt += 1) {
    clients.send('count');
    const [message] = (await once(clients, 'message')) as [{ received: number }];
    received = message.received;
    if (received < wanted) await sleep(EVENT_EVERY_MS);
  }
  return received;
}
