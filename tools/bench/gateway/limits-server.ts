/**
 * Two gateways over the same subgraphs in one process, of which one limits its clients as the platform does and the other nobody: what compiles, collects and
 * schedules is the same for both. Sends both ports; to each message it answers with the CPU time of the process so far, in microseconds.
 */
import { openBudgets, UNLIMITED } from '@greencity/gateway/cost/budgets';
import { trustedProxies } from '@greencity/gateway/http/client-address';
import { frontDoor } from '@greencity/gateway/http/front-door';
import type { Handler } from '@greencity/gateway/http/handler';
import { DEFAULT_SETTINGS, type GatewaySettings } from '@greencity/gateway/settings';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
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

const world = worldNamed('city');
const supergraphSdl = supergraphOf(world, (name) => `http://${name}.invalid`);
const subgraphs = subgraphsOf(world);

function limiting(): Limiting {
  const rates = {
    ...{ requestsPerMinute: PER_MINUTE, anonymousCostPerMinute: PER_MINUTE, userCostPerMinute: PER_MINUTE },
    ...{ keyCostPerMinute: PER_MINUTE, limitLocal: true },
  };
  const budgets = openBudgets(memoryKeyValue({ clock: systemClock() }), rates);
  const door = frontDoor({ proxies: trustedProxies([]).proxies, budgets });
  return { budgets, settings: DEFAULT_SETTINGS, behind: door.handler };
}

const nobody: Limiting = {
  budgets: UNLIMITED,
  settings: UNLIMITED_SETTINGS,
  behind: (handler: Handler) => handler,
};

const limited = await serveGateway(supergraphSdl, subgraphs, limiting());
const unlimited = await serveGateway(supergraphSdl, subgraphs, nobody);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ limited, unlimited });
