/** What one request costs the gateway: the join of four subgraphs, and The Guild's query. */
import { type ContenderKey, NAMES, startContenders } from './contenders.ts';
import { type Comparison, compare } from './rounds.ts';
import type { Finding, Row } from './row.ts';
import { type WorldName, worldNamed } from './worlds.ts';

const SHARING_PER_SECOND = 8_000;

async function compared(world: WorldName, connections: number, keys: readonly ContenderKey[]): Promise<Comparison> {
  await using comparing = await startContenders(world, keys);
  const settings = { connections, rounds: 5, warmUpMs: 3_000, roundMs: 1_500 };
  return await compare(comparing.contenders, { ...settings, query: worldNamed(world).query });
}

/** How many times ours goes into another's CPU per request, beside a goal. */
function ratio({ figures }: Comparison, ours: ContenderKey, other: ContenderKey, goal: number): readonly Finding[] {
  const [own, theirs] = [figures[NAMES[ours]], figures[NAMES[other]]];
  if (!own || !theirs) return [];
  const times = theirs.cpuMsPerRequest / own.cpuMsPerRequest;
  return [
    {
      what: `CPU of ${NAMES[other]} / CPU of ${NAMES[ours]}`,
      figure: `${times.toFixed(1)}`,
      goal: `≥ ${goal}`,
      met: times >= goal,
    },
  ];
}

function throughput({ figures }: Comparison): readonly Finding[] {
  const perSecond = figures[NAMES.oursSharing]?.requestsPerSecond ?? Number.NaN;
  const what = `requests/s of ${NAMES.oursSharing}`;
  return [{ what, figure: String(perSecond), goal: `≥ ${SHARING_PER_SECOND}`, met: perSecond >= SHARING_PER_SECOND }];
}

/** The join of 50 entities from four subgraphs. */
export async function benchJoin(): Promise<Row> {
  const keys = [
    'ours',
    'oursRemote',
    'oursSharing',
    'stock',
    'hiveCompiling',
    'hiveRust',
    'mercurius',
    'hiveRouter',
  ] as const;
  const comparison = await compared('city', 20, keys);
  return {
    detail: comparison,
    findings: [
      ...ratio(comparison, 'ours', 'stock', 11),
      ...ratio(comparison, 'ours', 'hiveRust', 4),
      ...ratio(comparison, 'ours', 'mercurius', 6),
      ...ratio(comparison, 'oursRemote', 'stock', 5),
      ...throughput(comparison),
    ],
  };
}

/** The Guild's query. */
export async function benchShop(): Promise<Row> {
  const comparison = await compared('shop', 50, ['ours', 'stock', 'hiveRust', 'hiveRouter']);
  return { detail: comparison, findings: ratio(comparison, 'ours', 'stock', 14) };
}
