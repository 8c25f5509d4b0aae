/**
 * `npm run up:distributed`: every role in a process of its own, on real engines, until Ctrl-C.
 *
 * A terminal sends Ctrl-C to all programs in front of it at once, engines too. So the city lives behind a process with a group of its own, which
 * ends it in order; whatever should be left of the group after that is ended with it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Role } from '../../app/roles.ts';
import { missingForEngines } from '../engines/missing.ts';
import { portOrFree } from '../engines/server.ts';
import { startCity } from './city.ts';
import { addressTable } from './table.ts';

/** Where processes are, unless somebody else is there already. */
const PORTS: Readonly<Record<Role, number>> = {
  gateway: 4000,
  devices: 4001,
  measurements: 4002,
  alerts: 4003,
  predictions: 4004,
  ingest: 4005,
};
const WATCH_EVERY_MS = 1_000;
/** One Ctrl-C may arrive twice, from the terminal and from the program that started this one; a second one, which ends all at once, comes later. */
const AGAIN_AFTER_MS = 500;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** In front of the terminal: starts the process that has the city, and ends with it. */
async function stand(): Promise<number> {
  const city = fork(fileURLToPath(import.meta.url), { detached: true, stdio: 'inherit' });
  let askedAtMs = Number.POSITIVE_INFINITY;
  const end = (): void => {
    if (performance.now() - askedAtMs > AGAIN_AFTER_MS) endGroup(city.pid);
    else if (askedAtMs === Number.POSITIVE_INFINITY) city.kill('SIGTERM');
    askedAtMs = Math.min(askedAtMs, performance.now());
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  // A terminal that is closed is a reason to end, but no impatience.
  process.on('SIGHUP', () => void city.kill('SIGTERM'));
  const [code] = (await once(city, 'exit')) as [number | null];
  endGroup(city.pid);
  return code ?? 1;
}

function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left of it, as it should be.
  }
}

/** The city, until it is asked to end or the process in front is gone. */
async function live(): Promise<void> {
  let starting = true;
  const ended = Promise.withResolvers<void>();
  const end = () => {
    // An engine may be being built, which takes long and is not to be waited for.
    if (starting) process.exit(1);
    ended.resolve();
  };
  process.on('SIGTERM', end);
  process.once('disconnect', end);
  await using city = await startCity({ portFor: (role) => portOrFree(PORTS[role]), onStep: say });
  starting = false;
  say(addressTable(city));
  const gone = new Set<number>();
  const watch = setInterval(() => {
    for (const [index, { role, pid, printed }] of city.processes.entries()) {
      if (pid !== undefined || gone.has(index)) continue;
      gone.add(index);
      say(`\n${role} has ended by itself. It said last:\n${printed()}`);
    }
  }, WATCH_EVERY_MS);
  await ended.promise;
  clearInterval(watch);
  say('\nEnding all of it ...');
}

if (process.send) {
  try {
    await live();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`The city did not start. ${(error as Error).message}\n`);
    process.exit(1);
  }
}
const missing = missingForEngines();
if (missing.length > 0) {
  process.stderr.write(`The engines cannot be started here: ${missing.join('. ')}.\n`);
  process.exitCode = 1;
} else process.exitCode = await stand();
