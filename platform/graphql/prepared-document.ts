import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  OperationTypeNode,
  visit,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
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
export function prepareDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  kind: OperationTypeNode,
): PreparedDocument {
  const interpreted: Run = (rootValue, contextValue, variableValues) =>
    execute({ schema, document, rootValue, contextValue, variableValues }) as ReturnType<Run>;
  let executions = 0;
  let run = interpreted;
  return {
    run(root, context, variables) {
      executions += 1;
      if (executions === EXECUTIONS_BEFORE_COMPILING && compilable(schema, document, kind)) {
        run = compiled(schema, document) ?? interpreted;
      }
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

/**
 * Mutations are rare, and conditions inside a document are where compiled and interpreted execution differ: both are
 * interpreted. So are variables of an input type that contains itself, whose compilation would not end.
 */
function compilable(schema: GraphQLSchema, document: DocumentNode, kind: OperationTypeNode): boolean {
  if (kind === OperationTypeNode.MUTATION) return false;
  let simple = true;
  visit(document, {
    Directive() {
      simple = false;
    },
    NamedType({ name }) {
      const type = schema.getType(name.value);
      if (isInputObjectType(type) && containsItself(type, [])) simple = false;
    },
  });
  return simple;
}

function containsItself(type: GraphQLInputObjectType, above: readonly GraphQLInputObjectType[]): boolean {
  if (above.includes(type)) return true;
  return Object.values(type.getFields()).some((field) => {
    const inner = getNamedType(field.type);
    return isInputObjectType(inner) && containsItself(inner, [...above, type]);
  });
}

function compiled(schema: GraphQLSchema, document: DocumentNode): Run | undefined {
  const query = compileQuery(schema, document, undefined, { disablingCapturingStackErrors: true });
  if (!isCompiledQuery(query)) return undefined;
  return (root, context, variables) => query.query(root, context, variables) as ReturnType<Run>;
}
