#!/usr/bin/env node
// Makes a fresh clone ready for the command that follows: installs what is missing and, where pages are served, builds the web client.
// Runs on the machine's own Node (20 or later), so it is plain JavaScript without dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_MAJOR = 20;
const purpose = process.argv[2] ?? 'tools';

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** `quiet` shows what the program prints only where it fails. */
function run(command, args, { quiet = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout}${result.stderr}`);
  fail(`"${command} ${args.join(' ')}" failed; what it printed is above.`);
}

/** Holds the hash of the lock file that was last installed from: a time would change with every checkout. */
const INSTALLED = join(ROOT, 'node_modules', '.installed-lock');

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
}

function installIsStale() {
  return !existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== lockHash();
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR) {
  fail(`GreenCity needs Node ${OLDEST_MAJOR} or later to start; this is ${process.version}.`);
}
if (installIsStale()) {
  process.stdout.write('Installing packages (once, a minute or so) ...\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']);
  writeFileSync(INSTALLED, lockHash());
}
if (purpose === 'start' || purpose === 'test') {
  const turbo = join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo');
  run(process.execPath, [turbo, 'run', 'build', '--output-logs=errors-only', '--log-prefix=none'], { quiet: true });
}
