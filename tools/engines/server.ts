/** An engine's process: started on 127.0.0.1, watched until it answers, ended by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 15_000;
const POLL_MS = 50;
const LOG_FILE = 'server.log';
const LOG_LINES_SHOWN = 30;

/** A running engine; its ports and its data stay the same while it is killed and started again. */
export interface Server extends AsyncDisposable {
  /** Process id; undefined while it does not run, also when it ended by itself. */
  readonly pid: number | undefined;
  /** The last lines that it printed. */
  printed(): string;
  /** kill -9: resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: it neither answers nor hangs up. */
  freeze(): void;
  thaw(): void;
  /** Starts it again, on its data, after `kill`. */
  start(): Promise<void>;
  /** Ends it in order and removes its data. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** For messages, and for the name of its folder. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its data, settings and log are; `stop` removes it. */
  readonly folder: string;
  /** Port that is open once it can be used. */
  readonly port: number;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
// A program that ends in the middle takes its engines with it, and what they kept.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** A fresh folder for an engine's data. */
export async function serverFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `greencity-${name}-`));
  folders.add(folder);
  return folder;
}

/** A port of 127.0.0.1 that nobody listens on now. */
export function freePort(): Promise<number> {
  return bindable(0);
}

/** This port of 127.0.0.1, or another where somebody listens on it. */
export async function portOrFree(wanted: number): Promise<number> {
  return await bindable(wanted).catch(() => freePort());
}

function bindable(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function endOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}

function isOver(child: ChildProcess | undefined): boolean {
  return !child || child.exitCode !== null || child.signalCode !== null;
}

function gone(child: ChildProcess): Promise<void> {
  if (isOver(child)) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Starts the process; resolves when its port is open. Rejects with the end of its log when it ends before that, or takes longer than three minutes. */
async function launch({ name, command, args, env, folder, port }: ServerOptions): Promise<ChildProcess> {
  const logFile = join(folder, LOG_FILE);
  const output = openSync(logFile, 'a');
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let failure: Error | undefined;
  child.once('error', (cause) => (failure = cause));
  running.add(child);
  child.once('exit', () => running.delete(child));
  const deadlineMs = performance.now() + START_WITHIN_MS;
  while (!(await listens(port))) {
    const late = performance.now() > deadlineMs;
    if (!failure && !late && !isOver(child)) {
      await sleep(POLL_MS);
      continue;
    }
    child.kill('SIGKILL');
    throw new Error(`${name} did not start (${failure?.message ?? (late ? 'too slow' : 'ended')}):\n${endOf(logFile)}`);
  }
  return child;
}

/** Starts an engine and waits until it answers. */
export async function startServer(options: ServerOptions): Promise<Server> {
  let child: ChildProcess | undefined = await launch(options);

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child;
    child = undefined;
    if (!ending) return;
    ending.kill('SIGCONT');
    ending.kill(signal);
    const late = new AbortController();
    const giveUp = sleep(STOP_WITHIN_MS, undefined, { signal: late.signal }).then(
      () => ending.kill('SIGKILL'),
      () => undefined,
    );
    await gone(ending);
    late.abort();
    await giveUp;
  }

  async function stop(): Promise<void> {
    await end('SIGTERM');
    await rm(options.folder, { recursive: true, force: true });
    folders.delete(options.folder);
  }

  return {
    get pid() {
      return isOver(child) ? undefined : child?.pid;
    },
    printed: () => endOf(join(options.folder, LOG_FILE)),
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async start() {
      if (isOver(child)) child = await launch(options);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
