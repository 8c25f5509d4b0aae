import { Supergraph } from '@apollo/federation-internals';
import { seededChance } from '@greencity/air/chance';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { systemClock } from '@greencity/platform/clock/system-clock';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, dataText } from '../../answer.ts';
import { type Engine, openEngine } from '../../engine.ts';
import { deadlines } from '../../executor/deadline.ts';
import { operationCompiler } from '../../executor/operation.ts';
import { randomQuery } from '../../fixtures/random-operation.ts';
import { NOW_MS } from '../../fixtures/served.ts';
import { type SubgraphPort, subgraphPort, TEST_SECRETS } from '../../fixtures/served-subgraphs.ts';
import { worlds } from '../../fixtures/worlds.ts';
import { apolloPlanner } from '../../planning/apollo-planner.ts';
import { inProcessExecutor } from '../in-process.ts';
import type { SubgraphExecutor } from '../port.ts';
import { openRemoteExecutor, type RemoteExecutor } from './remote-executor.ts';

const OPERATIONS = Number(process.env['DIFFERENTIAL_OPERATIONS'] ?? 120);
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? Math.floor(Math.random() * 1e9));

/** What a client sees, but for the id of an unexpected failure, which is made anew each time, and the order of errors, which is that of the subgraphs' answers. */
function seen(answer: Answer): string {
  const listed = answer.errors.map((error) => JSON.stringify(error.toJSON()).replaceAll(/[0-9a-f-]{36}/g, '<id>'));
  return `${dataText(answer)}\n${listed.sort().join('\n')}`;
}

describe.each(worlds(40))('subgraphs of $name over HTTP', (world) => {
  const clock = systemClock();
  const around = { clock: manualClock(NOW_MS), log: memoryLog(), metrics: memoryMetrics() };
  const api = Supergraph.build(world.supergraphSdl).apiSchema().toGraphQLJSSchema();
  const planner = apolloPlanner(world.supergraphSdl, api);
  const timing = deadlines(clock, 60_000);
  const close = async (): Promise<void> => undefined;
  const subgraphs = world.subgraphs.map(
    ({ name, schema }): Subgraph => ({
      name,
      schema,
      sdl: '',
      context: (viewer) => ({ viewer }),
      caughtUp: close,
      close,
      [Symbol.asyncDispose]: close,
    }),
  );
  let ports: SubgraphPort[] = [];
  let remote: RemoteExecutor | undefined;
  let engines: { readonly inside: Engine; readonly outside: Engine };
  beforeAll(async () => {
    ports = await Promise.all(subgraphs.map((subgraph) => subgraphPort(subgraph, { ...around, clock })));
    remote = openRemoteExecutor({ ...around, clock, subgraphs: ports, secrets: TEST_SECRETS });
    const engine = (executor: SubgraphExecutor) =>
      openEngine({
        compiler: operationCompiler(planner, executor),
        subgraphs: executor,
        deadlines: timing,
        log: memoryLog(),
        plansMax: 10,
      });
    engines = { inside: engine(inProcessExecutor(subgraphs)), outside: engine(remote) };
  });
  afterAll(async () => {
    timing[Symbol.dispose]();
    await remote?.close();
    await Promise.all(ports.map((port) => port.close()));
  });

  it('give the same bytes and the same errors as in this process', { timeout: 600_000 }, async () => {
    const random = seededChance(SEED);
    let compared = 0;
    for (let count = 0; compared < OPERATIONS / 3 && count < OPERATIONS * 3; count += 1) {
      const { text, variables } = randomQuery(api, random);
      const document = parse(text);
      if (validate(api, document).length > 0) continue;
      compared += 1;
      const given = JSON.parse(JSON.stringify(variables)) as Record<string, unknown>;
      const request = { source: text, document, operationName: undefined, variables: given, requestId: 'r' };
      const where = `seed ${SEED}, operation ${count}, variables ${JSON.stringify(given)}:\n${text}`;
      const inside = await engines.inside.execute({ ...request, viewer: { kind: 'anonymous' } });
      const outside = await engines.outside.execute({ ...request, viewer: { kind: 'anonymous' } });
      expect(seen(outside), where).toBe(seen(inside));
    }
    expect(compared).toBeGreaterThan(OPERATIONS / 6);
  });
});
