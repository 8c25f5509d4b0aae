/**
 * Gateways over the same subgraphs in one process, each with other limits, so that what compiles, collects and schedules is the same for all:
 * `limits-server.ts all none`, or `limits-server.ts redis none redis://…` with budgets on a Redis. Sends their ports; to each message it answers with the CPU time of the process so far, in microseconds.
 */
import { type Budgets, openBudgets, UNLIMITED } from '@greencity/gateway/cost/budgets';
import { trustedProxies } from '@greencity/gateway/http/client-address';
import { frontDoor } from '@greencity/gateway/http/front-door';
import type { Handler } from '@greencity/gateway/http/handler';
import { DEFAULT_SETTINGS, type GatewaySettings } from '@greencity/gateway/settings';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
import type { KeyValue } from '@greencity/platform/key-value/port';
import { reckonedKeyValue } from '@greencity/platform/key-value/reckoned';
import { openRedisKeyValue } from '@greencity/platform/key-value/redis';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { type Limiting, serveGateway } from './our-server.ts';
import { subgraphsOf, supergraphOf } from './world.ts';
import { worldNamed } from './worlds.ts';

const NEVER = Number.POSITIVE_INFINITY;
const UNLIMITED_SETTINGS: GatewaySettings = {
  ...DEFAULT_SETTINGS,
  limits: {
    ...{ textLengthMax: NEVER, tokensMax: NEVER, depthMax: NEVER, aliasesMax: NEVER, directivesMax: NEVER },
    ...{ rootFieldsMax: NEVER, selectionsMax: NEVER, mistakesMax: NEVER },
    ...{ operationMs: NEVER, costMax: NEVER, bodyBytesMax: NEVER },
  },
};
/** So high that nobody is refused: refusing is cheaper than answering. */
const PER_MINUTE = 1_000_000_000;

const given = process.argv.slice(2);
const redisUrl = given.find((text) => text.startsWith('redis://'));
const sides = given.filter((text) => text !== redisUrl);
const clock = systemClock();

/** As the platform has it where processes share a Redis. */
async function onRedis(): Promise<KeyValue> {
  const log = memoryLog();
  const shared = await openRedisKeyValue({ url: redisUrl ?? '', log });
  return reckonedKeyValue({ shared, clock, log, metrics: memoryMetrics() });
}

function budgets(keyValue: KeyValue = memoryKeyValue({ clock })): Budgets {
  const rates = {
    ...{ requestsPerMinute: PER_MINUTE, anonymousCostPerMinute: PER_MINUTE, userCostPerMinute: PER_MINUTE },
    ...{ keyCostPerMinute: PER_MINUTE, limitLocal: true },
  };
  return openBudgets(keyValue, rates);
}

function behindDoor(of: Budgets): Limiting['behind'] {
  return frontDoor({ proxies: trustedProxies([]).proxies, budgets: of, origins: 'any' }).handler;
}

const behindNothing = (handler: Handler): Handler => handler;

function all(keyValue?: KeyValue): Limiting {
  const shared = budgets(keyValue);
  return { budgets: shared, settings: DEFAULT_SETTINGS, behind: behindDoor(shared) };
}

/** As the platform limits its clients, not at all, and each part of it by itself. */
const LIMITED: Readonly<Record<string, () => Limiting | Promise<Limiting>>> = {
  all: () => all(),
  /** The same with its budgets on Redis. */
  redis: async () => all(await onRedis()),
  none: () => ({ budgets: UNLIMITED, settings: UNLIMITED_SETTINGS, behind: behindNothing }),
  /** The address of the client, and its requests of a minute. */
  door: () => ({ budgets: UNLIMITED, settings: UNLIMITED_SETTINGS, behind: behindDoor(budgets()) }),
  /** Size and cost of an operation, and turns. */
  size: () => ({ budgets: UNLIMITED, settings: DEFAULT_SETTINGS, behind: behindNothing }),
  /** The same cost taken from the viewer's budget of a minute, and the headers that say so. */
  budget: () => ({ budgets: budgets(), settings: DEFAULT_SETTINGS, behind: behindNothing }),
};

const world = worldNamed('city');
const supergraphSdl = supergraphOf(world, (name) => `http://${name}.invalid`);
const subgraphs = subgraphsOf(world);

const ports: Record<string, number> = {};
for (const side of sides) {
  const limiting = LIMITED[side];
  if (!limiting) throw new Error(`no such limits: ${side}`);
  ports[side] = await serveGateway(supergraphSdl, subgraphs, await limiting());
}
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit(0));
process.send?.(ports);
