/** What limits cost: the same queries with all of them, in memory and on Redis, with each part of them and with none, in one process, in short rounds that take turns. The load comes from here. */
import { startRedis } from '../engines/redis.ts';
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

/** CPU milliseconds of a request in each round, by gateway. */
type Rounds = Readonly<Record<string, readonly number[]>>;

/** Rounds of gateways that take turns. The one that a process opened last costs up to 2 µs a request more than the same opened first: half of the rounds are of a process that opened them the other way round. */
async function inTurns(body: Body, sides: readonly string[], redis?: string): Promise<readonly Rounds[]> {
  return [await roundsOf(body, sides, redis), await roundsOf(body, sides.toReversed(), redis)];
}

async function roundsOf(body: Body, sides: readonly string[], redis: string | undefined): Promise<Rounds> {
  const given = redis === undefined ? sides : [...sides, redis];
  await using server = start({ file: 'limits-server.ts', arguments: given, runtime: 'platform' });
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

interface Middle {
  readonly middle: number;
  readonly between: readonly number[];
}

/** What one gateway takes more than the one without limits in the same round, as `measure` puts it: the mean of both processes' middles, and of where each lies in 95 of 100 such samples. */
function middleOf(halves: readonly Rounds[], side: string, measure: (ms: number, noneMs: number) => number): Middle {
  const sorted = halves.map(({ [side]: own = [], none = [] }) =>
    own.map((ms, round) => measure(ms, none[round] ?? Number.NaN)).toSorted((a, b) => a - b),
  );
  const at = (place: number): number =>
    rounded(sorted.reduce((sum, values) => sum + percentile(values, place), 0) / sorted.length, 2);
  const spread = 0.98 / Math.sqrt(sorted[0]?.length ?? 1);
  return { middle: at(0.5), between: [at(0.5 - spread), at(0.5 + spread)] };
}

const cpuMsOf = (halves: readonly Rounds[], side: string): number =>
  rounded(halves.reduce((sum, rounds) => sum + median(rounds[side] ?? []), 0) / halves.length, 4);

/** What limits take of a query's CPU; `redis` with their budgets there. No process has both, as none of the platform has: V8 makes other code for two kinds than for one. */
async function shareOf(body: Body, redis?: string): Promise<object> {
  const side = redis === undefined ? 'all' : 'redis';
  const halves = await inTurns(body, [side, 'none'], redis);
  const { middle, between } = middleOf(halves, side, (ms, noneMs) => 100 * (1 - noneMs / ms));
  const cpuMs = { cpuMsLimited: cpuMsOf(halves, side), cpuMsUnlimited: cpuMsOf(halves, 'none') };
  return { ...cpuMs, sharePercent: middle, sharePercentBetween: between };
}

/** CPU microseconds that a request takes more with one part of the limits alone than with none. */
async function partsOf(body: Body): Promise<object> {
  const parts = ['door', 'size', 'budget'];
  const halves = await inTurns(body, ['none', ...parts]);
  const more = (part: string) => middleOf(halves, part, (ms, noneMs) => 1_000 * (ms - noneMs));
  return Object.fromEntries(parts.map((part) => [part, more(part)]));
}

/**
 * The share of limits in a query's CPU, in percent of what it costs with all of them with budgets in memory and on a Redis that is started for it: of a join of four subgraphs, of one
 * device, and of texts that were never seen, which are parsed, validated, measured and planned. Then what each part of them costs alone: the front door, size and price with turns, the
 * budget with its headers on top of these.
 */
export async function benchLimits(): Promise<object> {
  await using redis = await startRedis();
  const { url } = redis;
  return {
    join: { inMemory: await shareOf(JOIN), onRedis: await shareOf(JOIN, url) },
    oneDevice: { inMemory: await shareOf(ONE_DEVICE), onRedis: await shareOf(ONE_DEVICE, url) },
    neverSeen: { inMemory: await shareOf(newTexts()) },
    partsOfOneDevice: await partsOf(ONE_DEVICE),
  };
}
