import {
  type Operation,
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  Supergraph,
} from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import { AppError } from '@greencity/platform/errors';
import type { GraphQLSchema } from 'graphql';
import { typeConditions } from '../executor/type-conditions.ts';
import { openInTime } from './in-time.ts';
import type { Planner } from './planner.ts';
import { planningSupergraph } from './planning-supergraph.ts';
import { withRequirementsApart } from './requirements-apart.ts';
import { restoredPlan, withRealSubgraphs } from './restored-plan.ts';
import { checkRequirements } from './unmet-requirements.ts';
import { withWholeRepresentations } from './whole-representations.ts';

/** The planner may take so long for one operation; the dearest of ours takes 5 ms. Meanwhile nobody else is answered. */
const PLANNING_MAX_MS = 2_000;

/** Apollo's query planner over a supergraph. `apiSchema` is what clients see of it. */
export function apolloPlanner(supergraphSdl: string, apiSchema: GraphQLSchema): Planner {
  const { sdl, standIns, subgraphs, requirements, keys, overridesFor, interfaceObjects } =
    planningSupergraph(supergraphSdl);
  // What stood for itself before a stand-in came is not used by anything then, and the library calls that a mistake.
  const validateSupergraph = standIns.byName.size === 0 && subgraphs.size === 0;
  // Who may have a field is held elsewhere: features of security are no matter of plans.
  const supportedFeatures = ROUTER_SUPPORTED_SUPERGRAPH_FEATURES;
  const supergraph = Supergraph.build(sdl, { validateSupergraph, supportedFeatures });
  const planner = new QueryPlanner(supergraph);
  // Only what is required leads it in circles.
  const inTime = requirements.required.size > 0 ? openInTime() : undefined;
  const planned = (operation: Operation, overrides: ReadonlyMap<string, boolean>): QueryPlan => {
    const build = () => planner.buildQueryPlan(operation, { overrideConditions: new Map(overrides) });
    try {
      return inTime ? inTime(PLANNING_MAX_MS, build) : build();
    } catch (error) {
      throw unplannable(error);
    }
  };
  const planningSchema = supergraph.apiSchema();
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  const types = typeConditions(supergraphSchema);
  return {
    apiSchema,
    supergraphSchema,
    interfaceObjects,
    plan(document, operationName) {
      const operation = operationFromDocument(planningSchema, document, {
        validate: false,
        ...(operationName === undefined ? {} : { operationName }),
      });
      const real = withRealSubgraphs(planned(operation, overridesFor(document)), subgraphs);
      const apart = withRequirementsApart(real, { keys, requirements, interfaceObjects });
      const plan = withWholeRepresentations(apart, keys, types);
      checkRequirements(plan, requirements);
      return restoredPlan(plan, standIns);
    },
  };
}

/** Why an operation is not planned: some with values that are required in turn lead the planner in a circle, which it sees or which never ends. */
function unplannable(error: unknown): AppError {
  // Until its stack is read, an error holds all that the planner held, which can be a gigabyte.
  const cause = error instanceof Error ? new Error(error.stack) : error;
  return new AppError('UNAVAILABLE', 'the planner finds no way to answer this operation', { cause });
}
