/** Starts a whole platform in a child process on free ports and a fresh data folder, and ends it by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt, { type MqttClient } from 'mqtt';
import { SIGN_IN } from '../../tools/operator/api.ts';
import runtime from '../runtime.json' with { type: 'json' };

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;
/** An administrator for tests alone: the data folder is thrown away. */
export const ADMIN = { email: 'admin@example.org', password: 'a password for tests only' };

export interface GraphqlAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is the operation's, which each test knows.
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export interface Platform {
  readonly pid: number;
  readonly dataDir: string;
  readonly url: string;
  readonly mqttUrl: string;
  readonly mqttPort: number;
  /** Everything the process has printed. */
  output(): string;
  graphql(
    query: string,
    variables?: Record<string, unknown>,
    options?: { readonly token?: string | null },
  ): Promise<GraphqlAnswer>;
  /** A bearer token of an administrator. */
  token(): Promise<string>;
  /** Registers a device and gives its MQTT credentials. */
  register(
    input: Record<string, unknown>,
  ): Promise<{ readonly id: string; readonly username: string; readonly password: string }>;
  connect(credentials: { readonly username: string; readonly password: string }): Promise<MqttClient>;
  /** Ends the process with SIGTERM and waits; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** Stops, if need be, and removes the data folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PlatformOptions {
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Waits until `probe` gives something; fails after `withinMs` with what was waited for. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>, withinMs = 20_000): Promise<T> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
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
  let signedIn: Promise<string> | undefined;
  async function post(
    query: string,
    variables: Record<string, unknown>,
    token: string | undefined,
  ): Promise<GraphqlAnswer> {
    const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
    if (token) headers['authorization'] = `Bearer ${token}`;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphqlAnswer;
  }
  const signIn = async (): Promise<string> => {
    const answer = await post(SIGN_IN, ADMIN, undefined);
    if (answer.errors) throw new Error(`signIn failed: ${JSON.stringify(answer.errors)}`);
    return answer.data.signIn.accessToken as string;
  };
  /** Signs in once, however many ask at the same time: sign-ins are limited in number. */
  const token = (): Promise<string> => {
    signedIn ??= signIn();
    return signedIn;
  };
  async function stop(): Promise<number | null> {
    child.kill('SIGTERM');
    return await exitOf(child);
  }
  return {
    pid: child.pid ?? 0,
    dataDir,
    url,
    mqttUrl,
    mqttPort,
    output,
    token,
    graphql: async (query, variables = {}, options = {}) =>
      await post(query, variables, options.token === null ? undefined : (options.token ?? (await token()))),
    async register(input) {
      const query =
        'mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { device { id } credentials { username password } } }';
      const answer = await post(query, { input }, await token());
      if (answer.errors) throw new Error(`registerDevice failed: ${JSON.stringify(answer.errors)}`);
      return { id: answer.data.registerDevice.device.id, ...answer.data.registerDevice.credentials };
    },
    connect: (credentials) =>
      mqtt.connectAsync(mqttUrl, { ...credentials, clientId: credentials.username, reconnectPeriod: 0 }, false),
    stop,
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
