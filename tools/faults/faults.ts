/** What is broken, and how. */
import { ROLES } from '../../app/roles.ts';
import { ENGINES } from '../distributed/engines.ts';
import type { Server } from '../engines/server.ts';
import type { Toxiproxy, Trouble } from '../engines/toxiproxy.ts';
import type { Broken, Fault } from './fault.ts';
import { deleteBucket, inTheFuture, joinBehind } from './harm.ts';

const SLOW: Trouble = { kind: 'slow', latencyMs: 150, jitterMs: 100 };

async function kill(...servers: readonly Server[]): Promise<Broken> {
  await Promise.all(servers.map((server) => server.kill()));
  return { killed: servers, mend: async () => void (await Promise.all(servers.map((server) => server.start()))) };
}

/** kill -9 of each role and of each engine. */
export const KILLS: readonly Fault[] = [
  ...ROLES.map((name): Fault => ({ name, breakIt: ({ city }) => kill(city.roles[name]) })),
  ...ENGINES.map((name): Fault => ({ name, breakIt: ({ city }) => kill(city.engines[name]) })),
];

/** Roles that stand still, as on a machine that is out of memory, and do not know it afterwards: their groups have given them up by then. */
export const FREEZES: readonly Fault[] = (['ingest', 'measurements', 'alerts', 'gateway'] as const).map((role) => ({
  name: `${role} frozen`,
  async breakIt({ city: { roles } }) {
    roles[role].freeze();
    return { killed: [], mend: async () => roles[role].thaw() };
  },
}));

/** Every way to an engine but Mosquitto takes 150 ms more, give or take 100, and the way back as well. */
export function slowNetwork(name: string, proxy: Toxiproxy): Fault {
  return {
    name,
    async breakIt() {
      await proxy.harm(SLOW);
      return { killed: [], mend: proxy.heal };
    },
  };
}

/** A second `measurements` and a second `ingest` join, take over a part of the work, and are killed. */
export function rebalance(name: string): Fault {
  return {
    name,
    async breakIt({ city }) {
      return await kill(await city.join('measurements'), await city.join('ingest'));
    },
  };
}

/** The bucket of raw readings is deleted before devices publish; the platform makes it anew. */
export function bucketDeleted(name: string): Fault {
  return { name, prepare: deleteBucket, breakIt: async () => ({ killed: [], mend: async () => undefined }) };
}

/** A second `ingest` joins whose clock is two hours behind: to it readings of now come from the future. It stays so, and keeps what it refuses. */
export function clockBehind(name: string): Fault {
  return {
    name,
    async breakIt(client) {
      await joinBehind(client);
      return { killed: [], mend: async () => undefined };
    },
    refused: inTheFuture,
  };
}
