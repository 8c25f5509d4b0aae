/** One fault: something is broken for a while and mended, while devices publish; and the account of it. */
import type { CityClient } from '../../app/e2e/city.ts';
import { eventually } from '../../app/e2e/client.ts';
import type { Server } from '../engines/server.ts';
import { type Account, startLedger } from './ledger.ts';
import { type Seen, watch } from './watch.ts';

const BEFORE_MS = 2_000;
const RECOVERED_WITHIN_MS = 180_000;

export interface Fault {
  readonly name: string;
  readonly breakIt: (client: CityClient) => Promise<Broken>;
  /** Done before any device of the round begins to publish. */
  readonly prepare?: (client: CityClient) => Promise<void>;
  /** Readings that were refused by name and are kept so: they are not lost. */
  readonly refused?: (client: CityClient) => Promise<number>;
}

export interface Broken {
  /** What has been killed: it is expected to be dead. */
  readonly killed: readonly Server[];
  mend(): Promise<void>;
}

export interface Outcome extends Account, Seen {
  readonly name: string;
  /** Acknowledged, and kept as dead letters. */
  readonly refused: number;
  /** From the moment when mending began until every process said that it is ready and a reading sent after it was found. */
  readonly recoveredMs: number;
  /** Processes that ended although nobody had killed them, with what they said last. */
  readonly ended: readonly string[];
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
let rounds = 0;

/** Breaks, waits, mends, and waits until all is well again. */
export async function suffer(client: CityClient, fault: Fault, brokenMs: number): Promise<Outcome> {
  const { name, breakIt, prepare, refused = async () => 0 } = fault;
  rounds += 1;
  await prepare?.(client);
  const refusedBefore = await refused(client);
  await using ledger = await startLedger(client, `fault-${rounds}`);
  await pause(BEFORE_MS);
  const broken = await breakIt(client);
  const [deviceId = ''] = ledger.devices;
  const looking = watch(client, deviceId);
  await pause(brokenMs);
  const seen = await looking.end();
  const ended = client.city.processes
    .filter((process) => process.pid === undefined && !broken.killed.includes(process))
    .map((process) => `${process.role}: ${process.printed()}`);
  const mendedMs = performance.now();
  const sinceMs = Date.now();
  await broken.mend();
  if (ended.length === 0) await client.city.ready();
  await eventually(
    `a reading of ${deviceId} after the fault`,
    async () => ((await newest(client, deviceId)) > sinceMs ? true : undefined),
    RECOVERED_WITHIN_MS,
  );
  const recoveredMs = performance.now() - mendedMs;
  await ledger.settle();
  const account = await settled(async () => {
    const now = await ledger.account();
    const kept = (await refused(client)) - refusedBefore;
    return { ...now, refused: kept, lost: now.lost - kept };
  });
  return { name, ...account, ...seen, recoveredMs, ended };
}

async function newest(client: CityClient, id: string): Promise<number> {
  const query = 'query ($id: ID!) { device(id: $id) { latest { time } } }';
  try {
    const { data } = await client.graphql(query, { id });
    return Math.max(0, ...(data?.device?.latest ?? []).map(({ time }: { time: string }) => Date.parse(time)));
  } catch {
    return 0;
  }
}

/** The account once everything acknowledged is found or refused, or as it is after a while: then something is lost. */
async function settled<A extends Account>(account: () => Promise<A>): Promise<A> {
  const untilMs = performance.now() + RECOVERED_WITHIN_MS / 3;
  for (;;) {
    const now = await account();
    if (now.lost === 0 || performance.now() > untilMs) return now;
    await pause(BEFORE_MS / 4);
  }
}
