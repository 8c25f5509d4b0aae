import { createSourceEventStream, type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { compileOperation } from './compiled/compiled-operation.ts';
import type { SubgraphContext } from './port.ts';

/** Compiling a document costs some ten executions of it, so a document that is sent once or twice is interpreted. */
const EXECUTIONS_BEFORE_COMPILING = 3;

type Variables = Readonly<Record<string, unknown>>;
type Run = (
  root: unknown,
  context: SubgraphContext,
  variables: Variables,
) => ExecutionResult | Promise<ExecutionResult>;

/** A document made ready once and executed many times. */
export interface PreparedDocument {
  /** `root` is an event of `subscribe` for a subscription, undefined for everything else. */
  readonly run: Run;
  /** Events of a subscription, before they are executed. @throws what the resolver refused with */
  subscribe(context: SubgraphContext, variables: Variables): Promise<AsyncIterator<unknown>>;
}

/** Prepares a document of one operation that has been found valid for the schema. */
export function prepareDocument(schema: GraphQLSchema, document: DocumentNode): PreparedDocument {
  const interpreted: Run = (rootValue, contextValue, variableValues) =>
    execute({ schema, document, rootValue, contextValue, variableValues }) as ReturnType<Run>;
  let executions = 0;
  let run = interpreted;
  return {
    run(root, context, variables) {
      executions += 1;
      if (executions === EXECUTIONS_BEFORE_COMPILING) run = compileOperation(schema, document) ?? interpreted;
      return run(root, context, variables);
    },
    async subscribe(contextValue, variableValues) {
      const stream = await createSourceEventStream({ schema, document, contextValue, variableValues });
      if (Symbol.asyncIterator in stream) return (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      const [error] = stream.errors ?? [];
      throw error ?? new Error('the subgraph gave neither events nor an error');
    },
  };
}
