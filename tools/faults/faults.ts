/** What is broken, and how. */
import { ROLES } from '../../app/roles.ts';
import { ENGINES, type EngineName } from '../distributed/engines.ts';
import type { Server } from '../engines/server.ts';
import type { SmallDisk } from '../engines/small-disk.ts';
import type { Toxiproxy, Trouble } from '../engines/toxiproxy.ts';
import type { Broken, Fault } from './fault.ts';
import { deleteBucket, inTheFuture, joinBehind } from './harm.ts';

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

/** The ways to some engines, and what is wrong with them. */
interface Road {
  readonly name: string;
  readonly trouble: Trouble;
  /** All, where it is not given. */
  readonly to?: readonly EngineName[];
}

/** Bad ways from the roles to the engines; devices reach Mosquitto by another. */
export const ROADS: readonly Road[] = [
  { name: 'slow network', trouble: { kind: 'slow', latencyMs: 400, jitterMs: 100 } },
  { name: 'narrow network', trouble: { kind: 'narrow', kilobytesPerSecond: 16 } },
  { name: 'broken connections', trouble: { kind: 'reset', afterMs: 1_000 } },
  ...ENGINES.map((engine): Road => ({ name: `${engine} silent`, trouble: { kind: 'silent' }, to: [engine] })),
];

/** The road goes bad for a while. */
export function badRoad({ name, trouble, to }: Road, proxy: Toxiproxy): Fault {
  return {
    name,
    async breakIt() {
      await proxy.harm(trouble, to);
      return { killed: [], mend: proxy.heal };
    },
  };
}

/** The disk of InfluxDB is full. Room alone is not enough for it, a start is; and another one shows whether what it took after the first has lasted. */
export function influxFull(name: string, disk: SmallDisk): Fault {
  return {
    name,
    async breakIt({ city }) {
      const { InfluxDB } = city.engines;
      const again = async () => {
        await InfluxDB.kill();
        await InfluxDB.start();
        await city.ready();
      };
      disk.fill();
      return {
        killed: [],
        async mend() {
          disk.free();
          await again();
          await again();
        },
      };
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
