import type { SubgraphExecutor } from './port.ts';

/** Executes each fetch where its subgraph is: `executorOf` says which executor that is. */
export function routedExecutor(executorOf: (subgraph: string) => SubgraphExecutor): SubgraphExecutor {
  return {
    prepare: (operation) => executorOf(operation.subgraph).prepare(operation),
    context: (subgraph, viewer, scope) => executorOf(subgraph).context(subgraph, viewer, scope),
  };
}
