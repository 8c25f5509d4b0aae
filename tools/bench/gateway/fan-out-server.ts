/**
 * Our gateway with a city whose events can be asked for, in a process of its own. Sends its port; then answers each command with what this
 * process has used. Groups take turns evenly over a second; the value of an event is the moment it was made, in ms.
 */
import { performance } from 'node:perf_hooks';
import { openCity } from './city.ts';
import { serveWorld } from './our-server.ts';

export type Command =
  | { readonly kind: 'measure' }
  /** Each group has this many events, one a second. */
  | { readonly kind: 'publish'; readonly groups: number; readonly eventsPerGroup: number };

export interface Usage {
  readonly cpuMicroseconds: number;
  readonly residentBytes: number;
}

const SECOND_MS = 1_000;

function usage(): Usage {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return { cpuMicroseconds: user + system, residentBytes: process.memoryUsage().rss };
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

const city = openCity();
const port = await serveWorld(city);

async function publish(groups: number, eventsPerGroup: number): Promise<void> {
  const everyMs = SECOND_MS / groups;
  const startedMs = nowMs();
  for (let event = 0; event < groups * eventsPerGroup; event += 1) {
    const waitMs = startedMs + event * everyMs - nowMs();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    city.events.publish(event % groups, nowMs());
  }
  await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
}

process.on('message', (command: Command) => {
  const done = command.kind === 'measure' ? Promise.resolve() : publish(command.groups, command.eventsPerGroup);
  void done.then(() => process.send?.(usage()));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
