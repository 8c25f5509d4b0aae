import { manualClock } from '@greencity/platform/clock/manual-clock';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { expect, it } from 'vitest';
import { UNLIMITED } from '../cost/budgets.ts';
import { deadlines } from '../executor/deadline.ts';
import { subgraphOf, supergraphOf } from '../fixtures/composed.ts';
import { NOW_MS } from '../fixtures/served.ts';
import { smallCity } from '../fixtures/small-city.ts';
import { openServing } from '../serving.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { inProcessExecutor } from '../subgraph/in-process.ts';
import { openTurns } from '../turns.ts';
import { warmUp } from './warm-up.ts';

it('plans the operations that can be planned, so that who asks finds the plan', async () => {
  const { subgraphs } = smallCity();
  using timing = deadlines(manualClock(NOW_MS), 1_000);
  const log = memoryLog();
  const serving = await openServing(supergraphOf(subgraphs), {
    subgraphs: inProcessExecutor(subgraphs.map((subgraph) => subgraphOf(subgraph))),
    subgraphNames: undefined,
    deadlines: timing,
    settings: DEFAULT_SETTINGS,
    budgets: UNLIMITED,
    turns: openTurns(),
    tellRefused: async () => undefined,
    log,
    metrics: memoryMetrics(),
    changed: () => undefined,
  });
  const source = '{ devices { name mood } }';
  expect(await warmUp(serving, [source, '{ nothing }', 'no graphql'], log)).toBe(1);
  const admission = serving.documents.admit(source);
  if (admission.kind === 'refused') throw new Error('expected a valid operation');
  const request = { source, document: admission.document, operationName: undefined };
  expect(serving.engine.compiled(request)).toBe(serving.engine.compiled(request));
  await serving.retire();
});
