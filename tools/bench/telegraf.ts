/**
 * What a reading of five values costs from Mosquitto to InfluxDB: ours by way of Kafka, with checks, corrections and what is told on, beside Telegraf,
 * which copies. Both on the same engines of this machine; they take turns.
 */
import { createHash } from 'node:crypto';
import { openMosquittoAccess } from '@greencity/platform/device-access/mosquitto';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { type Influx, startInflux } from '../engines/influx.ts';
import { type Mosquitto, startMosquitto } from '../engines/mosquitto.ts';
import type { Server } from '../engines/server.ts';
import { startTelegraf } from '../engines/telegraf.ts';
import { cpuMicroseconds, residentMib } from './process-usage.ts';
import { publishStorm } from './publish-storm.ts';
import { startOurs } from './telegraf/ours.ts';

const DEVICES = 50;
const ROUNDS = 3;
/** As fast as Mosquitto takes it, for so long: well within what it keeps for a consumer that is behind. */
const STORM_SECONDS = 2;
const WITHIN_MS = 120_000;
const POLL_MS = 500;

const names = Array.from({ length: DEVICES }, (_, index) => `sensor-${index}`);
const secretOf = (name: string) => `the secret of ${name}`;

/** One way from a broker to a bucket. */
export interface Way {
  readonly mosquitto: Mosquitto;
  readonly bucket: string;
  /** Name of the field that every reading has once. */
  readonly field: string;
  /** Processes that are no engines, and engines but for Mosquitto and InfluxDB. */
  readonly own: Readonly<Record<string, Server>>;
  readonly engines: Readonly<Record<string, Server>>;
}

async function brokerWithDevices(stack: AsyncDisposableStack): Promise<Mosquitto> {
  const mosquitto = stack.use(await startMosquitto());
  await using access = await openMosquittoAccess({ connection: { url: mosquitto.devicesUrl }, log: memoryLog() });
  for (const name of names) {
    const text = secretOf(name);
    await access.grant(name, { text, hash: createHash('sha256').update(text).digest('hex') });
  }
  return mosquitto;
}

async function telegrafWay(stack: AsyncDisposableStack, influx: Influx): Promise<Way> {
  const mosquitto = await brokerWithDevices(stack);
  const bucket = 'telegraf';
  const { orgs } = (await (await ask(influx, `orgs?org=${influx.org}`)).json()) as { orgs: readonly { id: string }[] };
  await ask(influx, 'buckets', { orgID: orgs[0]?.id, name: bucket, retentionRules: [] });
  const { username, password, port } = new URL(mosquitto.ingestUrl);
  const broker = { port: Number(port), username, password: decodeURIComponent(password) };
  const telegraf = stack.use(await startTelegraf({ broker, influx: { ...influx, bucket } }));
  return { mosquitto, bucket, field: 'values_pm2_5', own: { telegraf }, engines: {} };
}

/** A call of InfluxDB's API. @throws Error when it is refused */
async function ask({ url, token }: Influx, path: string, body?: object): Promise<Response> {
  const response = await fetch(`${url}/api/v2/${path}`, {
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`InfluxDB answered ${response.status}: ${await response.text()}`);
  return response;
}

async function stored(influx: Influx, { bucket, field }: Way, fromMs: number): Promise<number> {
  const query = `from(bucket: "${bucket}") |> range(start: ${new Date(fromMs).toISOString()}, stop: 2100-01-01T00:00:00Z)
    |> filter(fn: (r) => r._field == "${field}") |> group() |> count() |> keep(columns: ["_value"])`;
  const csv = await (await ask(influx, `query?org=${influx.org}`, { query, dialect: { header: false } })).text();
  return Number(csv.trim().split(',').at(-1) ?? 0);
}

const round = (value: number) => Math.round(value * 10) / 10;

/** CPU of each process since the call, by name. */
function usage(processes: Readonly<Record<string, Server>>): () => Record<string, number> {
  const read = () => Object.entries(processes).map(([name, { pid }]) => [name, cpuMicroseconds(pid ?? 0)] as const);
  const before = Object.fromEntries(read());
  return () => Object.fromEntries(read().map(([name, cpuUs]) => [name, cpuUs - (before[name] ?? 0)]));
}

interface Turn {
  readonly readings: number;
  readonly found: number;
  readonly readingsPerSecond: number;
  /** Microseconds for each reading. */
  readonly ownCpuUs: number;
  readonly cpuUs: Readonly<Record<string, number>>;
  readonly residentMib: Readonly<Record<string, number>>;
}

/** Publishes for a while and waits until all of it is stored. */
async function turn(influx: Influx, way: Way): Promise<Turn> {
  const fromMs = Date.now();
  const cpu = usage({ ...way.own, ...way.engines, mosquitto: way.mosquitto, influx });
  const startedMs = performance.now();
  const devices = names.map((username) => ({ username, password: secretOf(username) }));
  const { acknowledged } = await publishStorm({ port: way.mosquitto.port, devices, rate: 0, seconds: STORM_SECONDS });
  let found = 0;
  while (found < acknowledged && performance.now() < startedMs + WITHIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    found = await stored(influx, way, fromMs);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const used = Object.entries(cpu()).map(([name, us]): [string, number] => [name, us / acknowledged]);
  const own = used.filter(([name]) => name in way.own).reduce((sum, [, us]) => sum + us, 0);
  return {
    ...{ readings: acknowledged, found, readingsPerSecond: Math.round(acknowledged / seconds), ownCpuUs: round(own) },
    cpuUs: Object.fromEntries(used.map(([name, us]) => [name, round(us)])),
    residentMib: Object.fromEntries(
      Object.entries(way.own).map(([name, { pid }]) => [name, Math.round(residentMib(pid ?? 0))]),
    ),
  };
}

/** A first turn of each warms up; then they take turns. All turns are told, and the one in the middle of each way. */
export async function benchTelegraf(): Promise<object> {
  await using stack = new AsyncDisposableStack();
  const influx = stack.use(await startInflux());
  const ways = {
    telegraf: await telegrafWay(stack, influx),
    greencity: await startOurs(stack, { influx, mosquitto: await brokerWithDevices(stack), devices: names }),
  };
  const turns: Record<string, Turn[]> = { telegraf: [], greencity: [] };
  for (let number = 0; number <= ROUNDS; number += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const done = await turn(influx, way);
      if (number > 0) turns[name]?.push(done);
    }
  }
  const middle = (all: readonly Turn[]) => all.toSorted((a, b) => a.ownCpuUs - b.ownCpuUs)[Math.floor(all.length / 2)];
  return Object.fromEntries(
    Object.entries(turns).map(([name, all]) => [
      name,
      { ...middle(all), everyTurn: all.map(({ ownCpuUs, readingsPerSecond }) => ({ ownCpuUs, readingsPerSecond })) },
    ]),
  );
}
