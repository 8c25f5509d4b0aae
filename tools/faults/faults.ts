/** What is broken, and how. */
import { ROLES } from '../../app/roles.ts';
import { ENGINES } from '../distributed/engines.ts';
import type { Server } from '../engines/server.ts';
import type { Toxiproxy } from '../engines/toxiproxy.ts';
import type { Fault } from './fault.ts';

const LATENCY = { latencyMs: 150, jitterMs: 100 };

async function kill(server: Server): Promise<() => Promise<void>> {
  await server.kill();
  return () => server.start();
}

/** kill -9 of each role and of each engine. */
export const KILLS: readonly Fault[] = [
  ...ROLES.map((name): Fault => ({ name, breakIt: ({ city }) => kill(city.roles[name]) })),
  ...ENGINES.map((name): Fault => ({ name, breakIt: ({ city }) => kill(city.engines[name]) })),
];

/** Every way to an engine takes a quarter of a second more, there and back, give or take. */
export function slowNetwork(name: string, proxy: Toxiproxy): Fault {
  return {
    name,
    async breakIt() {
      await proxy.slow(LATENCY);
      return () => proxy.slow(undefined);
    },
  };
}

/** A second `measurements` and a second `ingest` join, take over a part of the work, and are killed. */
export function rebalance(name: string): Fault {
  return {
    name,
    async breakIt({ city }) {
      const joined = [await city.join('measurements'), await city.join('ingest')];
      const kills = await Promise.all(joined.map(kill));
      return async () => void (await Promise.all(kills.map((start) => start())));
    },
  };
}
