/** Ten thousand subscribers in groups of a thousand, one event each second for each group, joined over four subgraphs. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE } from './city.ts';
import type { Command, Usage } from './fan-out-server.ts';
import { ask, hear, openSubscribers } from './listening.ts';
import { serve } from './program.ts';
import { rounded } from './rounds.ts';
import type { Row } from './row.ts';

const SUBSCRIBERS = 10_000;
const GROUPS = 10;
const WARM_UP_EVENTS = 3;
const EVENTS = 10;
const SETTLE_MS = 2_000;
const NANOSECONDS = 1_000_000;
const GOALS = { cpuMicroseconds: 14, p99Ms: 150, residentKib: 20 };

/** Figures of the fan-out. */
export async function benchFanOut(): Promise<Row> {
  await using server = await serve({ file: 'fan-out-server.ts', runtime: 'platform', flags: ['--expose-gc'] });
  const command = (wanted: Command) => ask<Usage>(server, wanted);
  const bare = await command({ kind: 'measure' });
  const payloads = Array.from({ length: GROUPS }, (_, group) => ({ query: LIVE, variables: { group } }));
  await using subscribers = await openSubscribers({ port: server.port, count: SUBSCRIBERS, payloads });
  await sleep(SETTLE_MS);
  const idle = await command({ kind: 'measure' });
  await command({ kind: 'publish', groups: GROUPS, eventsPerGroup: WARM_UP_EVENTS });
  await hear(subscribers, WARM_UP_EVENTS * SUBSCRIBERS);
  const before = await command({ kind: 'measure' });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await command({ kind: 'publish', groups: GROUPS, eventsPerGroup: EVENTS });
  const wanted = EVENTS * SUBSCRIBERS;
  const heard = await hear(subscribers, wanted);
  delay.disable();
  const after = await command({ kind: 'used' });
  const user = (after.userMicroseconds - before.userMicroseconds) / wanted;
  const system = (after.systemMicroseconds - before.systemMicroseconds) / wanted;
  const figures = {
    subscribers: SUBSCRIBERS,
    groups: GROUPS,
    eventsPerSecondOfEachGroup: 1,
    deliveries: wanted,
    lost: wanted - heard.received,
    closed: heard.closed,
    cpuMicrosecondsPerDelivery: rounded(user + system, 1),
    ofThat: { user: rounded(user, 1), system: rounded(system, 1) },
    p50Ms: rounded(heard.p50Ms, 1),
    p99Ms: rounded(heard.p99Ms, 1),
    // How late a process comes to its next turn: the server, the clients, and one that has nothing to do, which waits for the machine alone.
    delayP99Ms: {
      server: rounded(after.delayP99Ms, 1),
      clients: rounded(heard.delayP99Ms, 1),
      bystander: rounded(delay.percentile(99) / NANOSECONDS, 1),
    },
    residentKibPerIdleSubscriber: rounded((idle.residentBytes - bare.residentBytes) / SUBSCRIBERS / 1_024, 1),
  };
  return { detail: figures, findings: findings(figures) };
}

function findings(figures: {
  readonly lost: number;
  readonly cpuMicrosecondsPerDelivery: number;
  readonly p99Ms: number;
  readonly residentKibPerIdleSubscriber: number;
}): Row['findings'] {
  const { lost, cpuMicrosecondsPerDelivery: cpu, p99Ms, residentKibPerIdleSubscriber: resident } = figures;
  const what = (of: string) => `${SUBSCRIBERS} subscribers in groups of ${SUBSCRIBERS / GROUPS}, ${of}`;
  return [
    {
      what: what('CPU per delivery'),
      figure: `${cpu} µs`,
      goal: `≤ ${GOALS.cpuMicroseconds} µs`,
      met: cpu <= GOALS.cpuMicroseconds,
    },
    { what: what('99th percentile'), figure: `${p99Ms} ms`, goal: `≤ ${GOALS.p99Ms} ms`, met: p99Ms <= GOALS.p99Ms },
    {
      what: what('resident for each that is idle'),
      figure: `${resident} KiB`,
      goal: `≤ ${GOALS.residentKib} KB`,
      met: resident <= GOALS.residentKib,
    },
    { what: what('lost'), figure: String(lost), goal: '0', met: lost === 0 },
  ];
}
