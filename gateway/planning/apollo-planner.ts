import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { Planner } from './planner.ts';

/** Apollo's query planner over a supergraph. `apiSchema` is what clients see of it. */
export function apolloPlanner(supergraphSdl: string, apiSchema: GraphQLSchema): Planner {
  const supergraph = Supergraph.build(supergraphSdl);
  const planner = new QueryPlanner(supergraph);
  const planningSchema = supergraph.apiSchema();
  return {
    apiSchema,
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    plan: (document, operationName) =>
      planner.buildQueryPlan(
        operationFromDocument(planningSchema, document, {
          validate: false,
          ...(operationName === undefined ? {} : { operationName }),
        }),
      ),
  };
}
