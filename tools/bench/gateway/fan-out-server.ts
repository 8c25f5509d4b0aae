/**
 * Our gateway with a city whose events can be asked for, in a process of its own. Sends its port; then answers each command with what this
 * process has used. Groups take turns evenly over a second; the value of an event is the moment it was made, in ms.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { openCity } from './city.ts';
import { serveWorld } from './our-server.ts';

export type Command =
  /** A beginning: of what nobody needs any more nothing is left, so that it is no part of what follows. */
  | { readonly kind: 'measure' }
  | { readonly kind: 'used' }
  /** Each group has this many events, one a second. */
  | { readonly kind: 'publish'; readonly groups: number; readonly eventsPerGroup: number };

export interface Usage {
  readonly userMicroseconds: number;
  readonly systemMicroseconds: number;
  readonly residentBytes: number;
  /** The latest that anything of this process had its turn since it was last measured, but for one time in a hundred. */
  readonly delayP99Ms: number;
}

const SECOND_MS = 1_000;
const NANOSECONDS = 1_000_000;

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const delayP99Ms = delay.percentile(99) / NANOSECONDS;
  return {
    userMicroseconds: user,
    systemMicroseconds: system,
    residentBytes: process.memoryUsage().rss,
    delayP99Ms,
  };
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
}

process.on('message', (command: Command) => {
  if (command.kind === 'measure') {
    globalThis.gc?.();
    delay.reset();
  }
  const done = command.kind === 'publish' ? publish(command.groups, command.eventsPerGroup) : Promise.resolve();
  void done.then(() => process.send?.(usage()));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
