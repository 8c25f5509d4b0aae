/**
 * What clients cost that take nothing, or little: memory over time, beside a stream of events. 60 s; `STALLED_S=600` for ten minutes. 2,000 events a second about
 * 300 things, so that newer messages replace older ones and then clients are closed; `STALLED_EVENTS=400` for a stream that takes longer to get there.
 * Each client that is closed comes again at once, as a broken program would.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { subgraphOf, supergraphOf } from '../../gateway/fixtures/composed.ts';
import { type KeptChannel, keptCity } from '../../gateway/fixtures/small-city.ts';
import { socketClient } from '../../gateway/fixtures/socket-client.ts';
import { openGateway } from '../../gateway/gateway.ts';
import { routes } from '../../gateway/http/routes.ts';
import { openHttpServer } from '../../gateway/http/server.ts';
import { DEFAULT_SETTINGS } from '../../gateway/settings.ts';

const EVENTS_PER_SECOND = Number(process.env['STALLED_EVENTS'] ?? 2_000);
/** What waits of them for one client is below what may wait: it is closed for taking nothing, not for having too much. */
const SUBJECTS = 300;
const EVENTS_KEPT = 2_000;
const CLIENTS_OF_EACH_KIND = 20;
const SAMPLE_EVERY_MS = 1_000;
/** A client that reads nothing learns that it was closed when it writes. */
const CLIENT_PING_EVERY_MS = 1_000;
/** One answer has some 600 bytes. */
const QUERY = 'subscription { reading { metric value device { id name zone { id name } mood(how: "HOW") } } }'.replace(
  'HOW',
  'x'.repeat(400),
);

interface City {
  readonly url: string;
  readonly readings: KeptChannel;
  readonly exposition: () => string;
  /** How often clients have come. */
  connections: number;
}

async function openCity(stack: AsyncDisposableStack): Promise<City> {
  const city = keptCity();
  const [log, metrics] = [memoryLog(), memoryMetrics()];
  const clock = systemClock(() => undefined);
  const gateway = await openGateway({
    subgraphs: city.subgraphs.map(subgraphOf),
    supergraphSdl: supergraphOf(city.subgraphs),
    authenticate: async () => ({ kind: 'anonymous' }),
    ...{ clock, log, metrics },
    settings: { ...DEFAULT_SETTINGS, streams: { ...DEFAULT_SETTINGS.streams, conflateBy: { reading: ['device.id'] } } },
  });
  const handler = routes({ gateway, webFolder: '/nonexistent', metrics, log, ready: {} });
  const where = { host: '127.0.0.1', port: 0 };
  const server = await openHttpServer({ ...where, handler, upgrade: gateway.upgrade, closing: gateway.close, log });
  stack.use(server);
  const url = `ws://127.0.0.1:${server.port}/graphql`;
  return { url, readings: city.readings, exposition: () => metrics.exposition(), connections: 0 };
}

/** Stays subscribed until the run ends; `behave` decides what is read of the connection. */
async function client(city: City, behave: (pause: (forMs: number) => void) => void, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    const { socket, closed, init, subscribe } = await socketClient(city.url);
    city.connections += 1;
    await init();
    subscribe('1', QUERY);
    const stop = () => socket.terminate();
    ended.addEventListener('abort', stop, { once: true });
    socket.removeAllListeners('message');
    socket.on('error', () => undefined);
    socket.pause();
    const pinging = setInterval(() => socket.readyState === socket.OPEN && socket.ping(), CLIENT_PING_EVERY_MS);
    socket.once('close', () => clearInterval(pinging));
    behave((forMs) => {
      const resume = setInterval(() => {
        socket.resume();
        setImmediate(() => socket.pause());
      }, forMs);
      socket.once('close', () => clearInterval(resume));
    });
    await closed;
    ended.removeEventListener('abort', stop);
  }
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

interface Sample {
  readonly heapMib: number;
  readonly residentMib: number;
}

function sampled(collect: () => void): Sample {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapMib: (heapUsed + external) / 2 ** 20, residentMib: rss / 2 ** 20 };
}

function mean(samples: readonly Sample[], of: keyof Sample): number {
  return Math.round((samples.reduce((sum, sample) => sum + sample[of], 0) / samples.length) * 10) / 10;
}

function counted(exposition: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(exposition)?.[1] ?? 0);
}

export async function benchStalled(): Promise<object> {
  await using stack = new AsyncDisposableStack();
  const city = await openCity(stack);
  const collect = collector();
  const ended = new AbortController();
  const seconds = Number(process.env['STALLED_S'] ?? 60);
  const of = (behave: Parameters<typeof client>[1]) =>
    Array.from({ length: CLIENTS_OF_EACH_KIND }, () => client(city, behave, ended.signal));
  const clients = [...of(() => undefined), ...of((every) => every(500))];
  const perTick = EVENTS_PER_SECOND / 100;
  let count = 0;
  const publishing = setInterval(() => {
    for (let index = 0; index < perTick; index += 1) city.readings.publish(`d${(count + index) % SUBJECTS}`);
    count += perTick;
    city.readings.keep(EVENTS_KEPT);
  }, 10);
  const samples: Sample[] = [];
  for (let second = 0; second < seconds; second += SAMPLE_EVERY_MS / 1_000) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS));
    samples.push(sampled(collect));
  }
  clearInterval(publishing);
  ended.abort();
  await Promise.all(clients);
  const third = Math.floor(samples.length / 3);
  const [early, late] = [samples.slice(third, 2 * third), samples.slice(-third)];
  const exposition = city.exposition();
  return {
    seconds,
    events: count,
    eventsPerSecond: EVENTS_PER_SECOND,
    subjects: SUBJECTS,
    clients: { takingNothing: CLIENTS_OF_EACH_KIND, takingLittle: CLIENTS_OF_EACH_KIND },
    connections: city.connections,
    closedForTakingNothing: counted(exposition, 'gateway_slow_clients_total'),
    replacedByNewerMessages: counted(exposition, 'gateway_conflated_total'),
    heapMib: { secondThird: mean(early, 'heapMib'), lastThird: mean(late, 'heapMib') },
    residentMib: { secondThird: mean(early, 'residentMib'), lastThird: mean(late, 'residentMib') },
  };
}
