/** How long an operation of the contract takes to be planned for the first time, and how long to be found again. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { openDocuments } from '@greencity/gateway/documents';
import { openEngine } from '@greencity/gateway/engine';
import { deadlines } from '@greencity/gateway/executor/deadline';
import { operationCompiler } from '@greencity/gateway/executor/operation';
import { apolloPlanner } from '@greencity/gateway/planning/apollo-planner';
import { DEFAULT_SETTINGS } from '@greencity/gateway/settings';
import { inProcessExecutor } from '@greencity/gateway/subgraph/in-process';
import { openTurns } from '@greencity/gateway/turns';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { subgraphSchema, subgraphSdl } from '@greencity/platform/graphql/subgraph-schema';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { buildSchema, type DocumentNode, Kind, parse, print } from 'graphql';
import { message, start } from './program.ts';
import { median, rounded } from './rounds.ts';
import type { Row } from './row.ts';

const ROUNDS = 20;
const LOOK_UPS = 200_000;
const ROOT = new URL('../../../', import.meta.url);
const PLAN_MS_MAX = 5;
const LOOK_UP_US_MAX = 5;

interface PlanningFigures {
  readonly operations: number;
  /** First plan of the process: nothing is compiled by V8 yet. */
  readonly firstMs: number;
  readonly medianMs: number;
  readonly slowest: { readonly operation: string; readonly ms: number };
  /** Parsing, validating, planning and compiling, in the mean. */
  readonly admittedAndCompiledMs: number;
  readonly lookUpMicroseconds: number;
}

/** CPU time of this thread in microseconds: other programs on the machine do not count. Some kernels count in steps of 10 ms. */
function threadMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function contractOperations(): readonly { readonly name: string; readonly document: DocumentNode }[] {
  return ['queries', 'mutations', 'subscriptions'].flatMap((file) => {
    const { definitions } = parse(readFileSync(new URL(`schema/golden/contract/${file}.graphql`, ROOT), 'utf8'));
    return definitions.map((definition) => ({
      name: definition.kind === Kind.OPERATION_DEFINITION ? (definition.name?.value ?? '') : '',
      document: { kind: Kind.DOCUMENT, definitions: [definition] } as const,
    }));
  });
}

function openPlanning() {
  const supergraph = readFileSync(new URL('schema/supergraph.graphql', ROOT), 'utf8');
  const schema = buildSchema(readFileSync(new URL('schema/api.graphql', ROOT), 'utf8'));
  const planner = apolloPlanner(supergraph, schema);
  const close = async (): Promise<void> => undefined;
  const subgraphs = inProcessExecutor(
    ['measurements', 'devices', 'alerts', 'predictions'].map((name) => {
      const sdl = subgraphSdl(new URL(`subgraphs/${name}/schema.graphql`, ROOT));
      const context = (viewer: never) => ({ viewer });
      return {
        name,
        sdl,
        schema: subgraphSchema(sdl, {}),
        context,
        caughtUp: close,
        close,
        [Symbol.asyncDispose]: close,
      };
    }),
  );
  const { limits, plansMax } = DEFAULT_SETTINGS;
  const engine = openEngine({
    compiler: operationCompiler(planner, subgraphs),
    subgraphs,
    deadlines: deadlines(systemClock(), limits.operationMs),
    log: memoryLog(),
    plansMax,
  });
  return { planner, engine, documents: openDocuments(schema, { limits, turns: openTurns(), entriesMax: plansMax }) };
}

/** Runs in a process of its own. */
function measure(): PlanningFigures {
  const { planner, engine, documents } = openPlanning();
  const operations = contractOperations();
  const [first] = operations;
  const startedMs = performance.now();
  if (first) planner.plan(first.document, first.name);
  const firstMs = rounded(performance.now() - startedMs);
  for (const { name, document } of operations) planner.plan(document, name);
  const each = operations.map(({ name, document }) => {
    const before = threadMicroseconds();
    for (let round = 0; round < ROUNDS; round += 1) planner.plan(document, name);
    return { operation: name, ms: rounded((threadMicroseconds() - before) / 1_000 / ROUNDS) };
  });
  const [slowest = { operation: '', ms: Number.NaN }] = each.toSorted((one, other) => other.ms - one.ms);
  const find = (source: string, operationName: string): void => {
    const admission = documents.admit(source);
    if (admission.kind === 'refused') throw new Error(`${operationName} was refused`);
    engine.compiled({ source, document: admission.document, operationName });
  };
  const sources = operations.map(({ name, document }) => ({ name, source: print(document) }));
  const compilingBefore = threadMicroseconds();
  for (const { name, source } of sources) find(source, name);
  const admittedAndCompiledMs = rounded((threadMicroseconds() - compilingBefore) / 1_000 / sources.length);
  const before = threadMicroseconds();
  for (let index = 0; index < LOOK_UPS; index += 1) {
    const { name, source } = sources[index % sources.length] ?? { name: '', source: '' };
    find(source, name);
  }
  const lookUpMicroseconds = rounded((threadMicroseconds() - before) / LOOK_UPS);
  return {
    operations: operations.length,
    firstMs,
    medianMs: median(each.map(({ ms }) => ms)),
    slowest,
    admittedAndCompiledMs,
    lookUpMicroseconds,
  };
}

/** Figures of planning. */
export async function benchPlanning(): Promise<Row> {
  await using program = start({ file: 'planning.ts', runtime: 'platform' });
  const figures = await message<PlanningFigures>(program);
  const { medianMs, slowest, lookUpMicroseconds } = figures;
  return {
    detail: figures,
    findings: [
      {
        what: `planning a new operation of the contract: the middle one; the slowest (${slowest.operation})`,
        figure: `${medianMs} ms; ${slowest.ms} ms`,
        goal: `≤ ${PLAN_MS_MAX} ms`,
        met: slowest.ms <= PLAN_MS_MAX,
      },
      {
        what: 'finding the plan of a known operation',
        figure: `${lookUpMicroseconds} µs`,
        goal: `≤ ${LOOK_UP_US_MAX} µs`,
        met: lookUpMicroseconds <= LOOK_UP_US_MAX,
      },
    ],
  };
}

if (import.meta.main) {
  process.send?.(measure());
  process.disconnect?.();
}
