import { createHash } from 'node:crypto';
import type { ApolloServer } from '@apollo/server';
import { AppError } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { type EnumTypeDefinitionNode, type GraphQLSchema, Kind, parse } from 'graphql';
import { type RequestContext, startApolloServer } from './apollo-server.ts';
import { shownAccess } from './authorisation/field-access.ts';
import type { TellRefused } from './authorisation/told-refusals.ts';
import type { Changed } from './cache/changes.ts';
import { checkClientScalars } from './client-scalars.ts';
import { type Budgets, UNLIMITED } from './cost/budgets.ts';
import { type ChargedEngine, chargedEngine, freeEngine } from './cost/charged-engine.ts';
import { charging, costRule } from './cost/charging.ts';
import { openDocuments } from './documents.ts';
import { openEngine } from './engine.ts';
import type { Deadlines } from './executor/deadline.ts';
import { operationCompiler } from './executor/operation.ts';
import type { CheckedGraph } from './graph.ts';
import { operationChecker } from './operations/check.ts';
import { apolloPlanner } from './planning/apollo-planner.ts';
import { restRule } from './rest/endpoint.ts';
import type { GatewaySettings } from './settings.ts';
import type { SubgraphExecutor } from './subgraph/port.ts';
import type { Turns } from './turns.ts';

/** Everything that depends on one supergraph. */
export interface Serving extends CheckedGraph {
  /** Told from other supergraphs by its content. */
  readonly version: string;
  readonly server: ApolloServer<RequestContext>;
  /** Keeps the server running while the work does. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Stops the server as soon as no work needs it any more. */
  retire(): Promise<void>;
}

export interface ServingDependencies {
  readonly subgraphs: SubgraphExecutor;
  /** Names of the subgraphs that can be asked; undefined when nobody knows before it is tried. */
  readonly subgraphNames: ReadonlySet<string> | undefined;
  readonly deadlines: Deadlines;
  readonly settings: GatewaySettings;
  readonly budgets: Budgets;
  readonly turns: Turns;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tellRefused: TellRefused;
  /** A mutation of this viewer has been executed. */
  readonly changed: (viewer: Viewer, changed: Changed) => void;
}

export function supergraphVersion(supergraphSdl: string): string {
  return createHash('sha256').update(supergraphSdl).digest('hex').slice(0, 12);
}

/** Loads a supergraph. @throws AppError BAD_SUPERGRAPH when it cannot be served, with the reason */
export async function openServing(supergraphSdl: string, dependencies: ServingDependencies): Promise<Serving> {
  try {
    checkSubgraphs(supergraphSdl, dependencies.subgraphNames);
    return await load(supergraphSdl, dependencies);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('BAD_SUPERGRAPH', (cause as Error).message, { cause });
  }
}

async function load(supergraphSdl: string, dependencies: ServingDependencies): Promise<Serving> {
  const { subgraphs, deadlines, settings, budgets, turns, tellRefused, log, metrics } = dependencies;
  const { limits, plansMax } = settings;
  let loaded: { readonly schema: GraphQLSchema; readonly engine: ChargedEngine } | undefined;
  const server = await startApolloServer({
    ...{ supergraphSdl, limits, log },
    loaded(schema, coreSdl) {
      checkClientScalars(schema);
      const planner = apolloPlanner(coreSdl, schema);
      const compiler = operationCompiler(planner, subgraphs, shownAccess(schema, coreSdl));
      const { apiSchema } = planner;
      const keeping = { schema: apiSchema, changed: dependencies.changed };
      const engine = openEngine({ compiler, subgraphs, deadlines, log, plansMax, tellRefused, keeping });
      const { costMax } = limits;
      const isFree = budgets === UNLIMITED && costMax === Number.POSITIVE_INFINITY;
      const charge = () => charging({ apiSchema, supergraphSdl: coreSdl, costMax, budgets, metrics });
      loaded = { schema: apiSchema, engine: isFree ? freeEngine(engine) : chargedEngine(engine, charge(), turns) };
    },
    execute: (request) => known(loaded).engine.execute(request),
  });
  const { schema, engine } = known(loaded);
  return {
    ...{ version: supergraphVersion(supergraphSdl), schema, engine, server },
    documents: openDocuments(schema, { limits, turns, entriesMax: plansMax }),
    checker: operationChecker(schema, limits, [restRule, costRule(schema, supergraphSdl, limits.costMax)]),
    ...lifetime(server),
  };
}

function lifetime(server: ApolloServer<RequestContext>): Pick<Serving, 'during' | 'retire'> {
  let running = 0;
  let idle: PromiseWithResolvers<void> | undefined;
  return {
    async during(work) {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        if (running === 0) idle?.resolve();
      }
    },
    async retire() {
      idle ??= Promise.withResolvers();
      if (running === 0) idle.resolve();
      await idle.promise;
      await server.stop();
    },
  };
}

/** A supergraph may name subgraphs that this gateway does not know: every operation on them would fail later. */
function checkSubgraphs(supergraphSdl: string, names: ReadonlySet<string> | undefined): void {
  if (!names) return;
  const unknown = subgraphsOf(supergraphSdl).filter((name) => !names.has(name));
  if (unknown.length > 0) throw new AppError('BAD_SUPERGRAPH', `unknown subgraphs: ${unknown.join(', ')}`);
}

function subgraphsOf(supergraphSdl: string): readonly string[] {
  const graphs = parse(supergraphSdl, { noLocation: true }).definitions.find(
    (node): node is EnumTypeDefinitionNode =>
      node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  return (graphs?.values ?? []).flatMap(({ directives = [] }) =>
    directives.flatMap(({ arguments: given = [] }) =>
      given.flatMap(({ name, value }) => (name.value === 'name' && value.kind === Kind.STRING ? value.value : [])),
    ),
  );
}

function known<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the supergraph has not been loaded');
  return part;
}
