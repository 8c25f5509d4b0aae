/** Starts a whole platform in a child process on free ports and a fresh data folder, and ends it by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../tools/engines/server.ts';
import runtime from '../runtime.json' with { type: 'json' };
import { type Client, clientOf, eventually } from './client.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const READY_WITHIN_MS = 60_000;
/** An administrator for tests alone: the data folder is thrown away. */
export const ADMIN = { email: 'admin@example.org', password: 'a password for tests only' };

export interface Platform extends Client {
  readonly pid: number;
  readonly dataDir: string;
  readonly mqttPort: number;
  /** Everything the process has printed. */
  output(): string;
  /** Ends the process with SIGTERM and waits; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** Stops, if need be, and removes the data folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PlatformOptions {
  readonly dataDir?: string;
  /** `undefined` leaves out what is set otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
}

/** Starts the program and resolves to its exit code and output: for starts that are meant to fail. */
export async function runToEnd(
  options: PlatformOptions,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'greencity-e2e-'));
  const { child, output } = launch(dataDir, options);
  const code = await exitOf(child);
  if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  return { code, output: output() };
}

/** A platform that may have to wait for something. */
export interface Starting {
  /** Parts at `/ready`, by name; undefined while its port is not open. */
  checks(): Promise<Readonly<Record<string, string>> | undefined>;
  output(): string;
  /** Ends the process with SIGTERM, removes its data, and resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the program and does not wait until it is ready. */
export async function beginPlatform(options: PlatformOptions): Promise<Starting> {
  const dataDir = mkdtempSync(join(tmpdir(), 'greencity-e2e-'));
  const port = String(await freePort());
  const { child, output } = launch(dataDir, { ...options, env: { ...options.env, PORT: port } });
  return {
    output,
    async checks() {
      if (child.exitCode !== null) throw new Error(`the platform ended with ${child.exitCode}:\n${output()}`);
      const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
      return answer && ((await answer.json()) as { readonly checks: Readonly<Record<string, string>> }).checks;
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await exitOf(child);
      rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

function launch(dataDir: string, options: PlatformOptions): { readonly child: ChildProcess; output(): string } {
  const env = {
    PATH: process.env['PATH'] ?? '',
    PORT: '0',
    // A broker outside the platform has its own.
    ...(options.env?.['MQTT_URL'] === undefined && { MQTT_PORT: '0' }),
    DEMO: 'off',
    DATA_DIR: dataDir,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    APOLLO_TELEMETRY_DISABLED: 'true',
    ...runtime.env,
    ...options.env,
  };
  const child = spawn(process.execPath, [...runtime.flags, MAIN, ...(options.args ?? [])], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout?.on('data', (chunk) => (text += chunk));
  child.stderr?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

interface Endpoint {
  readonly pid: number;
  readonly httpPort: number;
  readonly mqttPort?: number;
  readonly mqttUrl?: string;
}

/** A platform that answers `/ready`. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'greencity-e2e-'));
  const { child, output } = launch(dataDir, options);
  const endpoint = await eventually(
    'the platform to start',
    async () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the platform ended with ${child.exitCode ?? child.signalCode}:\n${output()}`);
      return readEndpoint(dataDir, child.pid);
    },
    READY_WITHIN_MS,
  );
  const url = `http://127.0.0.1:${endpoint.httpPort}`;
  await eventually(
    '/ready',
    async () => ((await fetch(`${url}/ready`).catch(() => undefined))?.ok ? true : undefined),
    READY_WITHIN_MS,
  );
  const { mqttPort = 0, mqttUrl = `mqtt://127.0.0.1:${mqttPort}` } = endpoint;
  return platformAt({ child, output, dataDir, url, mqttPort, mqttUrl });
}

function readEndpoint(dataDir: string, pid: number | undefined): Endpoint | undefined {
  const path = join(dataDir, 'endpoint.json');
  if (!existsSync(path)) return undefined;
  const endpoint = JSON.parse(readFileSync(path, 'utf8')) as Endpoint;
  return endpoint.pid === pid ? endpoint : undefined;
}

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly dataDir: string;
  readonly url: string;
  readonly mqttPort: number;
  readonly mqttUrl: string;
}

function platformAt({ child, output, dataDir, url, mqttPort, mqttUrl }: Running): Platform {
  async function stop(): Promise<number | null> {
    child.kill('SIGTERM');
    return await exitOf(child);
  }
  return {
    ...clientOf({ url, mqttUrl, admin: ADMIN }),
    ...{ pid: child.pid ?? 0, dataDir, mqttPort, output, stop },
    async kill() {
      child.kill('SIGKILL');
      await exitOf(child);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
