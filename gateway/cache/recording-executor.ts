import type { SubgraphContext } from '@greencity/platform/graphql/port';
import type { SubgraphExecutor } from '../subgraph/port.ts';
import type { AnswerRecord } from './record.ts';

/** Notes the entities that subgraphs are asked about, for those requests that want to know. */
export function recordingExecutor(executor: SubgraphExecutor): SubgraphExecutor {
  const records = new WeakMap<SubgraphContext, AnswerRecord>();
  return {
    prepare(operation) {
      const prepared = executor.prepare(operation);
      return {
        ...prepared,
        execute(variables, context) {
          const { representations } = variables;
          if (Array.isArray(representations)) records.get(context)?.entities(representations);
          return prepared.execute(variables, context);
        },
      };
    },
    context(subgraph, viewer, scope) {
      const context = executor.context(subgraph, viewer, scope);
      if (scope?.record) records.set(context, scope.record);
      return context;
    },
  };
}
