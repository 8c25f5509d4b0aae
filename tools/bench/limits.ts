/** What limits cost: the same queries with all of them, with each part of them and with none, in one process, in short rounds that take turns. The load comes from here. */
import { load } from './gateway/load.ts';
import { message, type Program, start } from './gateway/program.ts';
import { median, rounded } from './gateway/rounds.ts';
import { worldNamed } from './gateway/worlds.ts';
import { percentile } from './process-usage.ts';

const CONNECTIONS = 8;
const WARM_UP_MS = 4_000;
/** Short, so that what else the machine does hits all gateways alike. */
const ROUND_MS = 100;
/** Of each process. In every other round the gateways are asked the other way round. */
const ROUNDS = 75;
/** Somebody's, so that no answer is shared or kept; it says when it ends, as tokens do. */
const TOKEN = `bench.${Buffer.from(JSON.stringify({ exp: 4_000_000_000 })).toString('base64url')}.bench`;

type Body = string | (() => string);

/** A text that nobody has sent before, each as long as the others. */
function newTexts(): () => string {
  let sent = 1_000_000;
  return () => {
    sent += 1;
    return JSON.stringify({ query: `query { a${sent}: device(id: "device-1") { id name status zone { name } } }` });
  };
}

/** 27 KB from four subgraphs. */
const JOIN = JSON.stringify({ query: worldNamed('city').query });
const ONE_DEVICE = JSON.stringify({ query: '{ device(id: "device-1") { id name status zone { name } } }' });

async function cpuMs(server: Program): Promise<number> {
  const answer = message<number>(server);
  server.child.send('cpu');
  return (await answer) / 1_000;
}

type Rounds = Readonly<Record<string, readonly number[]>>;

/** CPU milliseconds of a request in each round, of gateways that take turns. The one that a process opened last costs up to 2 µs a request more than the same opened first: half of the rounds are of a process that opened them the other way round. */
async function inTurns(body: Body, sides: readonly string[]): Promise<Rounds> {
  const [these, those] = [await roundsOf(body, sides), await roundsOf(body, sides.toReversed())];
  return Object.fromEntries(sides.map((side) => [side, [...(these[side] ?? []), ...(those[side] ?? [])]]));
}

async function roundsOf(body: Body, sides: readonly string[]): Promise<Rounds> {
  await using server = start({ file: 'limits-server.ts', arguments: sides, runtime: 'platform' });
  const ports = await message<Readonly<Record<string, number>>>(server);
  const ask = (side: string, forMs: number) =>
    load({ port: ports[side] ?? 0, path: '/graphql', token: TOKEN }, { body, connections: CONNECTIONS, forMs });
  const cpuOf = async (side: string): Promise<number> => {
    const before = await cpuMs(server);
    const { requests } = await ask(side, ROUND_MS);
    return ((await cpuMs(server)) - before) / requests;
  };
  for (const side of sides) await ask(side, WARM_UP_MS);
  const rounds: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round += 1)
    for (const side of round % 2 === 0 ? sides : sides.toReversed())
      rounds[side] = [...(rounds[side] ?? []), await cpuOf(side)];
  return rounds;
}

/** The middle of what one gateway takes more than the other in the same round, and where it lies in 95 of 100 such samples. */
function between(
  values: readonly number[],
  digits: number,
): { readonly middle: number; readonly range: readonly number[] } {
  const sorted = values.toSorted((a, b) => a - b);
  const spread = 0.98 / Math.sqrt(sorted.length);
  const at = (place: number) => rounded(percentile(sorted, place), digits);
  return { middle: at(0.5), range: [at(0.5 - spread), at(0.5 + spread)] };
}

async function shareOf(body: Body): Promise<object> {
  const { all = [], none = [] } = await inTurns(body, ['all', 'none']);
  const { middle, range } = between(
    all.map((ms, round) => 100 * (1 - (none[round] ?? Number.NaN) / ms)),
    1,
  );
  return {
    cpuMsLimited: rounded(median(all), 4),
    cpuMsUnlimited: rounded(median(none), 4),
    sharePercent: middle,
    sharePercentBetween: range,
  };
}

/** CPU microseconds that a request takes more with one part of the limits alone than with none. */
async function partsOf(body: Body): Promise<object> {
  const { none = [], ...parts } = await inTurns(body, ['none', 'door', 'size', 'budget']);
  return Object.fromEntries(
    Object.entries(parts).map(([part, rounds]) => {
      const { middle, range } = between(
        rounds.map((ms, round) => 1_000 * (ms - (none[round] ?? Number.NaN))),
        2,
      );
      return [part, { cpuMicroseconds: middle, between: range }];
    }),
  );
}

/**
 * The share of limits in a query's CPU, in percent of what it costs with all of them: of a join of four subgraphs, of one device, and of texts that were never
 * seen, which are parsed, validated, measured and planned. Then what each part of them costs alone: the front door, size and price with turns, the budget with its headers on top of these.
 */
export async function benchLimits(): Promise<object> {
  return {
    join: await shareOf(JOIN),
    oneDevice: await shareOf(ONE_DEVICE),
    neverSeen: await shareOf(newTexts()),
    partsOfOneDevice: await partsOf(ONE_DEVICE),
  };
}
