import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema } from 'graphql';

/**
 * Turns a client's operation into fetches from subgraphs. A plan is written in the vocabulary of Apollo's planner
 * (sequence, parallel, flatten, fetch, subscription), which other planners can be translated to.
 */
export interface Planner {
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  /** The schema with everything in it, also what clients do not see: plans name its types. */
  readonly supergraphSchema: GraphQLSchema;
  /** Names of interfaces that a subgraph keeps as interface objects: of those it knows, it does not know which type they are. */
  readonly interfaceObjects: ReadonlySet<string>;
  /** The plan of one valid operation, in which no `@skip` and no `@include` is left. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan;
}
