import type { StreamEvent, Subgraph, SubgraphContext } from '@greencity/platform/graphql/port';
import {
  createSourceEventStream,
  type DocumentNode,
  execute,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  OperationTypeNode,
  parse,
  visit,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { FetchOperation, PreparedFetch, SubgraphExecutor, SubgraphResult, Variables } from './port.ts';

/** Compiling a document costs some ten executions of it, so a fetch that is sent once or twice is interpreted. */
const EXECUTIONS_BEFORE_COMPILING = 3;

type Run = (root: unknown, context: SubgraphContext, variables: Variables) => SubgraphResult | Promise<SubgraphResult>;

/** Executes fetches directly on the subgraphs' schemas: no text, no JSON, no second validation. */
export function inProcessExecutor(subgraphs: readonly Subgraph[]): SubgraphExecutor {
  const byName = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const named = (name: string): Subgraph => {
    const subgraph = byName.get(name);
    if (!subgraph) throw new Error(`the supergraph names the subgraph ${name}, which is not among those given`);
    return subgraph;
  };
  return {
    prepare: (operation) => prepare(named(operation.subgraph), operation),
    context: (name, viewer) => named(name).context(viewer),
  };
}

function prepare({ schema, resumable }: Subgraph, operation: FetchOperation): PreparedFetch {
  const document = parse(operation.text, { noLocation: true });
  const interpreted: Run = (rootValue, contextValue, variableValues) =>
    execute({ schema, document, rootValue, contextValue, variableValues }) as SubgraphResult | Promise<SubgraphResult>;
  let executions = 0;
  let run = interpreted;
  const counted: Run = (root, context, variables) => {
    executions += 1;
    if (executions === EXECUTIONS_BEFORE_COMPILING && compilable(schema, document, operation.kind)) {
      run = compiled(schema, document) ?? interpreted;
    }
    return run(root, context, variables);
  };
  const subscribe: PreparedFetch['subscribe'] = async (variableValues, contextValue) => {
    const stream = await createSourceEventStream({ schema, document, contextValue, variableValues });
    if (Symbol.asyncIterator in stream) return (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const [error] = stream.errors ?? [];
    throw error ?? new Error('the subgraph gave neither events nor an error');
  };
  return {
    execute: (variables, context) => counted(undefined, context, variables),
    executeEvent: (event, variables, context) => counted(event, context, variables),
    subscribe,
    ...(resumable
      ? {
          past: (part, variables, context) => subscribe(variables, { ...context, part }),
          cursorOf: (event) => (event as StreamEvent<unknown>).cursor,
        }
      : { cursorOf: () => undefined }),
  };
}

/**
 * Mutations are rare, and conditions inside a fetch are where compiled and interpreted execution differ: both are
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
  return (root, context, variables) =>
    query.query(root, context, variables) as SubgraphResult | Promise<SubgraphResult>;
}
