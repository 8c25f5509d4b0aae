import { systemClock } from '@greencity/platform/clock/system-clock';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { type ExecutionResult, execute, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../engine.ts';
import { chance } from '../fixtures/chance.ts';
import { randomQuery } from '../fixtures/random-operation.ts';
import { type World, worlds } from '../fixtures/worlds.ts';
import { apiSchemaOf } from '../planning/api-schema.ts';
import { apolloPlanner } from '../planning/apollo-planner.ts';
import { inProcessExecutor } from '../subgraph/in-process.ts';
import { deadlines } from './deadline.ts';
import { operationCompiler } from './operation.ts';

/** `DIFFERENTIAL_OPERATIONS=10000 DIFFERENTIAL_SEED=7` try more, or the same again. */
const OPERATIONS = Number(process.env['DIFFERENTIAL_OPERATIONS'] ?? 300);
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? Math.floor(Math.random() * 1e9));
/** Each operation runs so often that its fetches are interpreted first and compiled then. */
const RUNS = 4;

function engineOf(world: World) {
  const api = apiSchemaOf(world.supergraphSdl);
  const close = async (): Promise<void> => undefined;
  const subgraphs = inProcessExecutor(
    world.subgraphs.map(
      ({ name, schema }): Subgraph => ({
        name,
        schema,
        sdl: '',
        context: (viewer) => ({ viewer }),
        caughtUp: close,
        close,
        [Symbol.asyncDispose]: close,
      }),
    ),
  );
  const compiler = operationCompiler(apolloPlanner(world.supergraphSdl, api), subgraphs);
  const timing = deadlines(systemClock(), 60_000);
  return {
    api,
    timing,
    engine: openEngine({ compiler, subgraphs, deadlines: timing, log: memoryLog(), plansMax: 10 }),
  };
}

type Errors = ExecutionResult['errors'];

/** Where in the answer an error shows: the first null on its path. Errors below it are reported by one executor and not by another, and both may. */
function nulls(data: unknown, errors: Errors): readonly string[] {
  const places = (errors ?? []).map(({ path = [] }) => {
    let at = data;
    const place: (string | number)[] = [];
    for (const step of path) {
      if (at === null || at === undefined) break;
      place.push(step);
      at = (at as Record<string | number, unknown>)[step];
    }
    return place.join('.');
  });
  return [...new Set(places)].sort();
}

describe.each([0, 40])('random operations, one field in %i failing', (failOneIn) => {
  it.each(worlds(failOneIn))(
    'are answered over $name as by one schema with the same resolvers',
    { timeout: 600_000 },
    async (world) => {
      const { api, engine, timing } = engineOf(world);
      const random = chance(SEED);
      let compared = 0;
      for (let count = 0; compared < OPERATIONS / 3 && count < OPERATIONS * 3; count += 1) {
        const { text, variables } = randomQuery(api, random);
        const document = parse(text);
        if (validate(api, document).length > 0) continue;
        const variableValues = JSON.parse(JSON.stringify(variables)) as Record<string, unknown>;
        const wanted = await execute({ schema: world.monolith, document, variableValues });
        if (wanted.data === undefined) continue;
        compared += 1;
        const request = { source: text, document, operationName: undefined, variables: variableValues, requestId: '' };
        for (let run = 0; run < RUNS; run += 1) {
          const got = await engine.execute({ ...request, viewer: { kind: 'anonymous' } });
          const where = `seed ${SEED}, operation ${count}, run ${run}, variables ${JSON.stringify(variableValues)}:\n${text}`;
          expect(got.data, where).toBe(JSON.stringify(wanted.data));
          expect(nulls(wanted.data, got.errors), where).toEqual(nulls(wanted.data, wanted.errors));
        }
      }
      timing[Symbol.dispose]();
      expect(compared).toBeGreaterThan(OPERATIONS / 6);
    },
  );
});
