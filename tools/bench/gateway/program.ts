/** Programs of the benchmark in processes of their own. */
import { type ChildProcess, type ForkOptions, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The flags and the environment that `npm start` gives our own processes. */
const RUNTIME = JSON.parse(readFileSync(new URL('../../../app/runtime.json', import.meta.url), 'utf8')) as {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};
const QUIET = '--disable-warning=ExperimentalWarning';

export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly child: ChildProcess;
}

export interface ServingProgram extends Program {
  readonly port: number;
  readonly path: string;
}

interface Start {
  /** File beside this one. */
  readonly file: string;
  readonly arguments?: readonly string[];
  /** `platform` for ours as it is started in earnest; Node's own settings otherwise. */
  readonly runtime?: 'platform' | 'node';
  readonly flags?: readonly string[];
}

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { MALLOC_ARENA_MAX: _a, MALLOC_MMAP_THRESHOLD_: _m, MALLOC_TRIM_THRESHOLD_: _t, ...own } = process.env;
  return { ...own, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true', DO_NOT_TRACK: '1', ...more };
}

function running(child: ChildProcess): Program {
  return {
    pid: child.pid ?? 0,
    child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Starts one of our files. */
export function start({ file, arguments: given = [], runtime = 'node', flags = [] }: Start): Program {
  const options: ForkOptions = {
    execArgv: [...(runtime === 'platform' ? RUNTIME.flags : [QUIET]), ...flags],
    env: environment(runtime === 'platform' ? RUNTIME.env : {}),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  };
  return running(fork(fileURLToPath(new URL(file, import.meta.url)), given, options));
}

/** The next message of a program. @throws Error when it ends instead */
export async function message<T>({ child }: Program): Promise<T> {
  const stop = new AbortController();
  const ended = once(child, 'exit', { signal: stop.signal }).then(([code]) => {
    throw new Error(`a program of the benchmark ended with ${String(code)}`);
  });
  try {
    const [first] = (await Promise.race([once(child, 'message', { signal: stop.signal }), ended])) as [T];
    return first;
  } finally {
    ended.catch(() => undefined);
    stop.abort();
  }
}

/** Starts one of our files that serves, and waits for its port. */
export async function serve(wanted: Start): Promise<ServingProgram> {
  const program = start(wanted);
  const { port, path = '/graphql' } = await message<{ port: number; path?: string }>(program);
  return { ...program, port, path };
}

/** Starts a program that is told its port; it serves `/graphql` once it answers. */
export async function serveCommand(
  command: readonly [string, ...string[]],
  options: { readonly port: number; readonly folder: string; readonly env?: Readonly<Record<string, string>> },
): Promise<ServingProgram> {
  const [file, ...given] = command;
  const env = environment(options.env ?? {});
  const child = spawn(file, given, { cwd: options.folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
  return { ...running(child), port: options.port, path: '/graphql' };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port was expected');
  return address.port;
}
