/** A role of the platform in a process of its own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Role } from '../../app/roles.ts';
import runtime from '../../app/runtime.json' with { type: 'json' };
import { type Server, serverFolder, startServer } from '../engines/server.ts';

const MAIN = fileURLToPath(new URL('../../app/main.ts', import.meta.url));
const OWNER_ONLY = 0o600;
const ANSWER_WITHIN_MS = 5_000;
const POLL_MS = 100;

/** What a process says at `/ready`; `status` is `silent` when it does not answer. */
export interface Readiness {
  readonly status: 'ready' | 'not ready' | 'silent';
  /** By the name of the part. */
  readonly checks?: Readonly<Record<string, string>>;
  /** What it can do without for a while: engines, and of a gateway its connections to the subgraphs. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

export interface RoleProcess extends Server {
  readonly role: Role;
  readonly url: string;
  readiness(): Promise<Readiness>;
  /** Writes another secret into the file that the process was told of. */
  changeSecret(name: string, secret: string): Promise<void>;
}

export interface RoleOptions {
  readonly role: Role;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  /** Written to files that only their owner reads: an environment is shown by lists of processes. */
  readonly secrets: Readonly<Record<string, string>>;
}

const secretFile = (folder: string, name: string) => join(folder, 'secrets', name.toLowerCase());

async function secretFiles(folder: string, secrets: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  await mkdir(join(folder, 'secrets'));
  const named = Object.entries(secrets).map(async ([name, secret]) => {
    const path = secretFile(folder, name);
    await writeFile(path, secret, { mode: OWNER_ONLY });
    return [`${name}_FILE`, path] as const;
  });
  return Object.fromEntries(await Promise.all(named));
}

/** Starts it; resolves when its port is open, which may be before it is ready. */
export async function startRole({ role, port, settings, secrets }: RoleOptions): Promise<RoleProcess> {
  const folder = await serverFolder(role);
  const env = {
    ...runtime.env,
    ...settings,
    ...(await secretFiles(folder, secrets)),
    ...{ PORT: String(port), DATA_DIR: join(folder, 'data') },
    APOLLO_TELEMETRY_DISABLED: 'true',
  };
  const args = [...runtime.flags, MAIN, role];
  const program = { name: role, command: process.execPath, args, env, folder, port };
  const server = await startServer(program);
  const url = `http://127.0.0.1:${port}`;
  return Object.assign(server, {
    ...{ role, url, readiness: () => readinessAt(url) },
    changeSecret: (name: string, secret: string) => writeFile(secretFile(folder, name), secret),
  });
}

async function readinessAt(url: string): Promise<Readiness> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return (await response.json()) as Readiness;
  } catch {
    return { status: 'silent' };
  }
}

/** Resolves when it is ready. Rejects when it has ended, or takes longer than that. */
export async function untilReady(process: RoleProcess, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const readiness = await process.readiness();
    if (readiness.status === 'ready') return;
    const ended = process.pid === undefined;
    if (ended || performance.now() > untilMs) {
      const why = ended ? 'has ended' : `is not ready (${JSON.stringify(readiness)})`;
      throw new Error(`${process.role} ${why}:\n${process.printed()}`);
    }
    await sleep(POLL_MS);
  }
}
