/** `npm run audit:attacks`: a corpus of attacks against a live platform, while another client goes on asking. */
import { eventually } from '@greencity/app/e2e/client';
import { type Platform, startPlatform } from '@greencity/app/e2e/platform';
import { cpuMicroseconds } from '../bench/process-usage.ts';
import { runProgram } from '../operator/program.ts';
import { type Attack, partsOf } from './attack.ts';
import { type Bystander, openBystander } from './bystanding.ts';
import { DEVICE_FLOODS } from './device-floods.ts';
import { type Fared, matrix } from './matrix.ts';
import { type MemoryWatch, watchMemory } from './memory.ts';
import { PROTOCOL_FLOODS } from './protocol-floods.ts';
import { type Refusal, refusedAlike } from './refused-alike.ts';
import { LOCAL_FLOODS, REQUEST_FLOODS } from './request-floods.ts';
import { REST_FLOODS } from './rest-floods.ts';
import { SLOW_CLIENTS } from './slow-clients.ts';
import { LOCAL_SOCKETS, SOCKET_FLOODS } from './socket-floods.ts';
import { table } from './table.ts';
import { openTally } from './tally.ts';
import { BYSTANDER_ADDRESS, type Target, targetOf } from './target.ts';

const P99_BOUND_MS = 300;
/** Above the most that it had before the first attack. */
const MEMORY_GROWTH_MIB_MAX = 512;
const MICROSECONDS = 1_000_000;

const USAGE = `Usage: npm run audit:attacks -- [WORD…]

Starts a platform on free ports with a small simulated city, then one with RATE_LIMIT_LOCAL=on, and attacks them, while another client sends operations of the contract from another address.
Prints how each hostile operation is refused on each way in; and for each attack what it was answered, the p50, p99 and worst time of the other client in ms,
beside the p99 of a server that does nothing (idle), the CPU seconds that the platform got of how many that passed, and its memory; then the worst p99 of each kind of attack on each way in,
or why it cannot be said there. Ends with "N passed, N failed".

An attack passes when it is refused as it should be, nothing fails inside, the other client gets every answer, and memory grows by ${MEMORY_GROWTH_MIB_MAX} MiB at most.
The p99 is shown beside its bound of ${P99_BOUND_MS} ms and fails nothing: it is the machine's, too.

  WORD   attacks alone whose name or way in has one of them`;

const CITY_WITHIN_MS = 60_000;
const CITY = { DEMO: 'on', DEMO_NODES: '20', DEMO_HISTORY_HOURS: '24', LOG_LEVEL: 'error' };

/** At least so long the other client is watched. */
const SEEN_FOR_MS = 1_500;
const QUIET: Attack = {
  name: 'nothing, to compare',
  path: '',
  run: () => new Promise((resolve) => setTimeout(resolve, SEEN_FOR_MS, undefined)),
};
/** The platform as it comes, and one that limits programs on this machine itself as well. */
const isStreamed = ({ path }: Attack): boolean => path === 'events' || path === 'multipart';
const BY_REQUESTS: readonly Attack[] = [QUIET, ...REQUEST_FLOODS.filter((attack) => !isStreamed(attack))];
const IN_OTHER_WAYS: readonly Attack[] = [
  ...[QUIET, ...REQUEST_FLOODS.filter(isStreamed), ...REST_FLOODS, ...PROTOCOL_FLOODS],
  ...[...SOCKET_FLOODS, ...DEVICE_FLOODS, ...SLOW_CLIENTS],
];

interface Scene {
  readonly platform: Platform;
  readonly target: Target;
  readonly bystander: Bystander;
  readonly memory: MemoryWatch;
  readonly memoryMaxMib: number;
}

/** What came of one attack. */
interface Result {
  readonly cells: readonly string[];
  readonly p99Ms: number;
  readonly wrong: string | undefined;
}

async function attacked({ platform, target, bystander, memory, memoryMaxMib }: Scene, attack: Attack): Promise<Result> {
  const answers = openTally();
  const saidBefore = platform.output().length;
  const cpuBefore = cpuMicroseconds(platform.pid);
  memory.peakMib();
  const startedMs = performance.now();
  bystander.begin();
  const [refusedWrong] = await Promise.all([attack.run(target, answers), QUIET.run(target, answers)]);
  const { asked, answered, failures, p50Ms, p99Ms, worstMs, idleP99Ms } = await bystander.report();
  const mib = memory.peakMib();
  const cpuS = (cpuMicroseconds(platform.pid) - cpuBefore) / MICROSECONDS;
  const tookS = (performance.now() - startedMs) / 1_000;
  const complaint = platform.output().slice(saidBefore).trim();
  const wrong =
    refusedWrong ??
    (answered < asked ? `the other client got ${answered} of ${asked} answers: ${failures[0]}` : undefined) ??
    (complaint === '' ? undefined : `the platform said: ${complaint.slice(0, 300)}`) ??
    (mib > memoryMaxMib ? `${mib.toFixed(0)} MiB of memory, the bound is ${memoryMaxMib.toFixed(0)}` : undefined);
  const numbers = [p50Ms, p99Ms, worstMs, idleP99Ms].map((ms) => Number(ms).toFixed(0));
  const cells = [
    attack.name,
    attack.path,
    ...numbers,
    `${cpuS.toFixed(1)}/${tookS.toFixed(0)}`,
    mib.toFixed(0),
    answers.text(),
  ];
  return { cells, p99Ms, wrong };
}

/** A device of the simulated city, once it has sent something. */
function deviceOf(platform: Platform): Promise<string> {
  return eventually(
    'the simulated city',
    async () => {
      const { data } = await platform.graphql('{ devices(first: 1) { nodes { id lastSeenAt } } }');
      const [device] = data.devices.nodes as readonly { readonly id: string; readonly lastSeenAt: string | null }[];
      return device?.lastSeenAt ? device.id : undefined;
    },
    CITY_WITHIN_MS,
  );
}

/** The demo gives back what its history took, once and all at once: no attack did that. */
const DEMO_SETTLED_MS = 23_000;

/** Until what the other client asks for has been planned and compiled, and the demo has come to rest. */
async function warmedUp(bystander: Bystander, readyMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, readyMs + DEMO_SETTLED_MS - performance.now())));
  bystander.begin();
  await QUIET.run(undefined as never, openTally());
  await bystander.report();
}

function printRefusals(refusals: readonly Refusal[]): void {
  const rows = refusals.map(({ name, expected, answers, alike }) => {
    const said = [...new Set(answers.map((answer) => answer ?? 'too long'))].join(', ');
    const ways = `alike on ${answers.filter(Boolean).length} ways`;
    return [alike ? '' : 'FAILED', name, expected, alike ? ways : said];
  });
  console.log(`${table(['', 'operation', 'expected', 'answered'], rows)}\n`);
}

/** Attacks one after the other; says how many failed, and how the other client fared. */
async function attackAll(
  scene: Scene,
  attacks: readonly Attack[],
  signal: AbortSignal,
): Promise<{ readonly failed: number; readonly fared: readonly Fared[] }> {
  const fared: Fared[] = [];
  const rows: (readonly string[])[] = [];
  const faults: string[] = [];
  for (const attack of attacks) {
    if (signal.aborted) break;
    const { cells, p99Ms, wrong } = await attacked(scene, attack);
    rows.push([wrong === undefined ? '' : 'FAILED', p99Ms > P99_BOUND_MS ? 'LATE' : '', ...cells]);
    fared.push(...partsOf(attack).map(({ name, path }) => ({ name, path, p99Ms })));
    if (wrong !== undefined) faults.push(`${attack.name} (${attack.path}): ${wrong}`);
  }
  const heads = ['', '', 'attack', 'way in', 'p50', 'p99', 'worst', 'idle', 'CPU/s', 'MiB', 'answered'];
  console.log(table(heads, rows));
  const inTime = rows.length - rows.filter(([, mark]) => mark === 'LATE').length;
  console.log(`\nThe other client's p99 was within ${P99_BOUND_MS} ms in ${inTime} of ${rows.length}.`);
  for (const fault of faults) console.log(`FAILED: ${fault}`);
  return { failed: faults.length, fared };
}

/** Shows all attacks together by ways in; says how many kinds were left out. */
function printMatrix(fared: readonly Fared[]): number {
  const { text, untried } = matrix(fared);
  console.log(`\n${text}\n`);
  for (const what of untried) console.log(`FAILED: not tried: ${what}`);
  return untried.length;
}

interface Campaign {
  readonly env: Readonly<Record<string, string>>;
  readonly attacks: readonly Attack[];
  /** Whether each hostile operation is tried on each way in first. */
  readonly refusals: boolean;
}

const CAMPAIGNS: readonly Campaign[] = [
  { env: {}, attacks: BY_REQUESTS, refusals: true },
  { env: {}, attacks: IN_OTHER_WAYS, refusals: false },
  { env: { RATE_LIMIT_LOCAL: 'on' }, attacks: [...LOCAL_SOCKETS, ...LOCAL_FLOODS], refusals: false },
];

/** A platform that is attacked, and since when it is ready. */
interface Attacked {
  readonly platform: Platform;
  readonly readyMs: number;
}

async function opened({ env }: Campaign, platforms: AsyncDisposableStack): Promise<Attacked> {
  return { platform: platforms.use(await startPlatform({ env: { ...CITY, ...env } })), readyMs: performance.now() };
}

/** Attacks a platform; gives how many passed and failed, and how the other client fared. */
async function campaign(
  { env, attacks, refusals }: Campaign,
  { platform, readyMs }: Attacked,
  signal: AbortSignal,
): Promise<{ readonly passed: number; readonly failed: number; readonly fared: readonly Fared[] }> {
  const [token, deviceId] = [await platform.token(), await deviceOf(platform)];
  const target = targetOf(platform, deviceId);
  console.log(
    `${
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ') || 'As it comes'
    }:\n`,
  );
  const refused = refusals ? await refusedAlike(target) : [];
  if (refused.length > 0) printRefusals(refused);
  using bystander = await openBystander({ url: platform.url, address: BYSTANDER_ADDRESS, token, deviceId });
  using memory = watchMemory(platform.pid);
  await warmedUp(bystander, readyMs);
  // The most that it has had, its history among it: the demo gives back what that took before the first attack.
  const scene = { platform, target, bystander, memory, memoryMaxMib: memory.peakMib() + MEMORY_GROWTH_MIB_MAX };
  const came = await attackAll(scene, attacks, signal);
  const failed = came.failed + refused.filter(({ alike }) => !alike).length;
  return { passed: attacks.length + refused.length - failed, failed, fared: came.fared };
}

await runProgram({
  usage: USAGE,
  async run(words, signal) {
    const wanted = ({ name, path }: Attack) =>
      words.length === 0 || words.some((word) => `${name} ${path}`.includes(word));
    const campaigns = CAMPAIGNS.map((campaign) => ({
      ...campaign,
      attacks: words.length === 0 ? campaign.attacks : campaign.attacks.filter(wanted),
      refusals: campaign.refusals && words.length === 0,
    })).filter(({ attacks }) => attacks.length > 0);
    await using platforms = new AsyncDisposableStack();
    // All at once: each comes to rest while another is attacked.
    const under = await Promise.all(campaigns.map((planned) => opened(planned, platforms)));
    let [passed, failed] = [0, 0];
    const fared: Fared[] = [];
    for (const [index, attacked] of under.entries()) {
      const planned = campaigns[index];
      if (!planned || signal.aborted) continue;
      const came = await campaign(planned, attacked, signal);
      passed += came.passed;
      failed += came.failed;
      // Where programs on this machine are limited as well, the same ways are tried again.
      if (Object.keys(planned.env).length === 0) fared.push(...came.fared);
    }
    if (words.length === 0 && !signal.aborted) failed += printMatrix(fared);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  },
});
