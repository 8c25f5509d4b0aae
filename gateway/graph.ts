import type { GraphQLSchema } from 'graphql';
import type { ChargedEngine } from './cost/charged-engine.ts';
import type { Documents } from './documents.ts';
import type { OperationChecker } from './operations/check.ts';

/** One supergraph, ready to be asked. Whoever asks takes it once, so that an operation ends on the graph that it began with. */
export interface Graph {
  readonly schema: GraphQLSchema;
  readonly engine: ChargedEngine;
  readonly documents: Documents;
}

/** A graph with the checks on operations that apps register. */
export interface CheckedGraph extends Graph {
  readonly checker: OperationChecker;
}
