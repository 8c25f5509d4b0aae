/** What limits cost: the same queries with all of them and with none, in one process, in short rounds that take turns. The load comes from here. */
import { type Load, load } from './gateway/load.ts';
import { message, type Program, start } from './gateway/program.ts';
import { median, rounded } from './gateway/rounds.ts';
import { worldNamed } from './gateway/worlds.ts';
import { percentile } from './process-usage.ts';

const CONNECTIONS = 8;
const WARM_UP_MS = 4_000;
/** Short, so that what else the machine does hits both gateways of a pair alike. */
const ROUND_MS = 150;
/** Pairs of rounds, of which every other one begins with the other gateway. */
const PAIRS = 100;
/** Somebody's, so that no answer is shared or kept; it says when it ends, as tokens do. */
const TOKEN = `bench.${Buffer.from(JSON.stringify({ exp: 4_000_000_000 })).toString('base64url')}.bench`;

type Side = 'limited' | 'unlimited';
type Ports = Readonly<Record<Side, number>>;

/** A text that nobody has sent before, each as long as the others. */
function newTexts(): () => string {
  let sent = 1_000_000;
  return () => {
    sent += 1;
    return JSON.stringify({ query: `query { a${sent}: device(id: "device-1") { id name status zone { name } } }` });
  };
}

const QUERIES: Readonly<Record<string, string | (() => string)>> = {
  /** 27 KB from four subgraphs. */
  join: JSON.stringify({ query: worldNamed('city').query }),
  oneDevice: JSON.stringify({ query: '{ device(id: "device-1") { id name status zone { name } } }' }),
  neverSeen: newTexts(),
};

async function cpuMs(server: Program): Promise<number> {
  const answer = message<number>(server);
  server.child.send('cpu');
  return (await answer) / 1_000;
}

async function compared(server: Program, ports: Ports, body: string | (() => string)): Promise<object> {
  const ask = (side: Side, forMs: number): Promise<Load> =>
    load({ port: ports[side], path: '/graphql', token: TOKEN }, { body, connections: CONNECTIONS, forMs });
  const cpuOf = async (side: Side): Promise<number> => {
    const before = await cpuMs(server);
    const { requests } = await ask(side, ROUND_MS);
    return ((await cpuMs(server)) - before) / requests;
  };
  for (const side of ['limited', 'unlimited'] as const) await ask(side, WARM_UP_MS);
  const cpu: Readonly<Record<Side, number[]>> = { limited: [], unlimited: [] };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const sides: readonly Side[] = pair % 2 === 0 ? ['limited', 'unlimited'] : ['unlimited', 'limited'];
    for (const side of sides) cpu[side].push(await cpuOf(side));
  }
  const shares = cpu.limited.map((ms, pair) => 1 - (cpu.unlimited[pair] ?? Number.NaN) / ms).toSorted((a, b) => a - b);
  // The median lies between these ranks in 95 of 100 such samples.
  const spread = 0.98 / Math.sqrt(PAIRS);
  const percent = (place: number) => rounded(100 * percentile(shares, place), 1);
  return {
    cpuMsLimited: rounded(median(cpu.limited), 4),
    cpuMsUnlimited: rounded(median(cpu.unlimited), 4),
    sharePercent: percent(0.5),
    sharePercentBetween: [percent(0.5 - spread), percent(0.5 + spread)],
  };
}

/** The share of limits in a query's CPU, in percent of what it costs with all of them: of a join of four subgraphs, of one device, and of texts that were never seen, which are parsed, validated, measured and planned. */
export async function benchLimits(): Promise<object> {
  await using server = start({ file: 'limits-server.ts', runtime: 'platform' });
  const ports = await message<Ports>(server);
  const figures: Record<string, object> = {};
  for (const [name, body] of Object.entries(QUERIES)) figures[name] = await compared(server, ports, body);
  return figures;
}
