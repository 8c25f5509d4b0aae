/** The life of the process: starts the platform, feeds it, says where it is, and ends it in order on the first signal. */
import { spawn } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Devices } from '@greencity/devices/service';
import type { Broker } from '@greencity/platform/broker/port';
import { AppError } from '@greencity/platform/errors';
import type { BrokerAddress } from '@greencity/tools/operator/mqtt-session';
import { compose, type Running } from './compose.ts';
import { type Config, processConfig } from './config.ts';
import { giveMemoryBack } from './memory.ts';
import { keepOperatorToken } from './operator-token.ts';
import { ALL_ROLES, type Roles } from './roles.ts';

export interface ReplayRequest {
  /** A Sensor.Community CSV, plain or gzip. */
  readonly file: string;
  readonly speed?: string | undefined;
  readonly 'original-time'?: boolean | undefined;
  readonly 'until-end'?: boolean | undefined;
}

const DAY_MS = 86_400_000;
/** Replayed history of any age is taken and kept: the user asked for it. */
const ALL_TIME_MS = 36_500 * DAY_MS;

/** What a process is asked to be. */
export interface Run {
  readonly config: Config;
  readonly roles: Roles;
  readonly replay: ReplayRequest | undefined;
}

/** Runs until SIGINT or SIGTERM; says when it has started. @throws AppError when it cannot start, or not end in order */
export async function runPlatform({ config, roles, replay }: Run, onStarted: () => void): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const { signal, asked } = listenForEnd();
  const settings = {
    config: replay?.['original-time'] ? keepingAllTime(config) : config,
    reread: processConfig,
    signal,
  };
  const running = await compose(settings, roles, stack).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (!running) return;
  const { devices, platform } = running;
  // A stopped platform leaves none behind; one that was killed may have.
  rmSync(join(config.dataDir, 'operator.token'), { force: true });
  if (devices) stack.use(await keepOperatorToken({ dataDir: config.dataDir, devices, ...platform }));
  const files = tellOthers(config, running);
  stack.defer(() => files.remove());
  const whole = wholeOf(running);
  greet(config, running, whole !== undefined);
  if (whole && replay) stack.defer(startReplay(replay, config, whole));
  else if (whole && config.demo.enabled) stack.use(await startDemo(config, whole));
  stack.defer(reloadOnHangUp(running));
  onStarted();
  running.platform.log.info({ signal: await asked }, 'stopping');
}

/** A process with all roles, which can be fed here; undefined for one that has some. */
interface Whole extends Running {
  readonly devices: Devices;
  readonly broker: Broker;
}

function wholeOf(running: Running): Whole | undefined {
  const { roles, devices, broker } = running;
  return roles.size === ALL_ROLES.size && devices && broker ? { ...running, devices, broker } : undefined;
}

function keepingAllTime(config: Config): Config {
  return {
    ...config,
    acceptance: { ...config.acceptance, ageMs: ALL_TIME_MS },
    retention: { ...config.retention, rawMs: ALL_TIME_MS, rollupMs: ALL_TIME_MS },
  };
}

/** SIGHUP asks for the supergraph to be read anew; what is refused is in the log and in `/ready`. Returns how to stop listening. */
function reloadOnHangUp({ platform, reloadSupergraph }: Running): () => void {
  if (!reloadSupergraph) return () => undefined;
  const reload = (): void => {
    reloadSupergraph().catch((error: unknown) => platform.log.error({ error }, 'the supergraph was not taken'));
  };
  process.on('SIGHUP', reload);
  return () => void process.off('SIGHUP', reload);
}

interface Ending {
  /** Aborted by the first signal that asks the process to end; a second one ends it at once. */
  readonly signal: AbortSignal;
  /** Resolves to its name. */
  readonly asked: Promise<string>;
}

/** Listens from the beginning on: a start may have to wait for engines, and the first process of a container is not ended by what it does not listen to. */
function listenForEnd(): Ending {
  const ending = new AbortController();
  const asked = new Promise<string>((resolve) => {
    const stop = (signal: string) => {
      if (ending.signal.aborted) process.exit(1);
      ending.abort();
      resolve(signal);
    };
    process.on('SIGINT', () => stop('SIGINT'));
    process.on('SIGTERM', () => stop('SIGTERM'));
  });
  return { signal: ending.signal, asked };
}

/** The file by which programs on this machine find the platform. @throws AppError STORE_UNWRITABLE */
function tellOthers(config: Config, { http, broker }: Running): { remove(): void } {
  const endpoint = join(config.dataDir, 'endpoint.json');
  try {
    // Whole or not there: a program that waits for it must never read half of it.
    writeFileSync(
      `${endpoint}.new`,
      `${JSON.stringify({ pid: process.pid, httpPort: http.port, ...whereDevicesConnect(config, broker) })}\n`,
    );
    renameSync(`${endpoint}.new`, endpoint);
  } catch (cause) {
    throw new AppError('STORE_UNWRITABLE', config.dataDir, { cause });
  }
  return { remove: () => rmSync(endpoint, { force: true }) };
}

/** A port of this process, or another broker, named without our own user and password. */
function whereDevicesConnect(
  { mqtt }: Config,
  broker: Broker | undefined,
): { readonly mqttPort?: number; readonly mqttUrl?: string } {
  if (mqtt.kind === 'mosquitto') return { mqttUrl: mosquittoUrl(mqtt) };
  return broker ? { mqttPort: broker.port } : {};
}

function mosquittoUrl({ url }: { readonly url: string }): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function greet(config: Config, { http, broker, platform, roles }: Running, whole: boolean): void {
  const { mqttUrl } = whereDevicesConnect(config, broker);
  const mqtt = broker ? `; MQTT ${mqttUrl ? `by ${mqttUrl}` : `on port ${broker.port}`}` : '';
  const lines = whole
    ? [`GreenCity is at http://localhost:${http.port} (GraphiQL at /graphiql)${mqtt}.`]
    : [`GreenCity runs ${[...roles].join(', ')} on port ${http.port}${mqtt}.`];
  if (whole && config.demo.enabled)
    lines.push('The city is simulated: its numbers are made up by a model. DEMO=off starts without it.');
  process.stdout.write(`${lines.join('\n')}\n`);
  const { dataDir } = config;
  platform.log.info({ roles: [...roles].join(' '), httpPort: http.port, mqttPort: broker?.port, dataDir }, 'started');
}

/** The replay runs beside the platform as what it is, a client. Returns how to stop it. */
function startReplay(replay: ReplayRequest, config: Config, { http, broker, platform }: Whole): () => Promise<void> {
  const script = fileURLToPath(new URL('../tools/replay/main.ts', import.meta.url));
  const flags = [
    ...(replay.speed === undefined ? [] : ['--speed', replay.speed]),
    ...(replay['original-time'] ? ['--original-time'] : []),
    ...(replay['until-end'] ? ['--until-end'] : []),
  ];
  const { mqtt, dataDir } = config;
  const mqttUrl = mqtt.kind === 'mosquitto' ? mosquittoUrl(mqtt) : `mqtt://127.0.0.1:${broker.port}`;
  const where = ['--url', `http://127.0.0.1:${http.port}`, '--mqtt', mqttUrl];
  const authority = mqtt.kind === 'mosquitto' && mqtt.ca ? { NODE_EXTRA_CA_CERTS: mqtt.ca } : {};
  const env = { PATH: '', DATA_DIR: dataDir, ...authority };
  const child = spawn(process.execPath, [script, replay.file, ...where, ...flags], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('exit', (code) => {
    if (code) platform.log.error({ code, file: replay.file }, 'the replay ended with an error; what it said is above');
  });
  return async () => {
    child.kill('SIGTERM');
    await gone;
  };
}

/** The consumers have handled the last of the history long before, and forecasts have been made of it. */
const HISTORY_DIGESTED_MS = 20_000;

async function startDemo(config: Config, { http, broker, platform }: Whole): Promise<AsyncDisposable> {
  const { startSimulation } = await import('@greencity/tools/simulate/simulation');
  const { nodes, historyMs } = config.demo;
  return await startSimulation({
    // Two days within seconds leave behind what the collector would come to after minutes.
    onHistory: () => void setTimeout(giveMemoryBack, HISTORY_DIGESTED_MS).unref(),
    dataDir: config.dataDir,
    httpPort: http.port,
    broker: await brokerOf(config, broker),
    nodes,
    historyMs,
    clock: platform.clock,
    log: platform.log,
  });
}

async function brokerOf({ mqtt }: Config, broker: Broker): Promise<BrokerAddress> {
  if (mqtt.kind === 'embedded') return { host: '127.0.0.1', port: broker.port };
  const { brokerAddress } = await import('@greencity/tools/operator/mqtt-session');
  return brokerAddress(mosquittoUrl(mqtt), mqtt.ca === undefined ? undefined : await readFile(mqtt.ca, 'utf8'));
}
