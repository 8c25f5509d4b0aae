/** Programs of this machine that fetch, unpack or build an engine. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const OUTPUT_LINES_MAX = 40;

/** Path of a program, as the shell would find it; undefined when it is not there. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and resolves to what it printed. Rejects with the end of its output when it fails. */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
    const child = spawn(command, args, { ...cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let complained = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk));
    child.stderr.on('data', (chunk: Buffer) => (complained += chunk));
    child.on('error', (cause) => reject(new Error(`${command} could not be started: ${cause.message}`, { cause })));
    child.on('close', (code) => {
      if (code === 0) return resolve(printed);
      const end = `${printed}\n${complained}`.trim().split('\n').slice(-OUTPUT_LINES_MAX).join('\n');
      reject(new Error(`"${[command, ...args].join(' ')}" ended with ${code}:\n${end}`));
    });
  });
}
