import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import { type Complete, Execution, type Operation } from './execution.ts';
import { compileObject } from './generating.ts';
import { compileVariables } from './variables.ts';

type Variables = Readonly<Record<string, unknown>>;

/** Executes an operation; gives a promise only where a resolver does. */
export type RunOperation = (
  root: unknown,
  context: unknown,
  variables: Variables,
) => ExecutionResult | Promise<ExecutionResult>;

/** Combinations of `@skip` and `@include` of one operation that are compiled; those beyond are interpreted. */
const COMBINATIONS_MAX = 16;

/**
 * Compiles a document of one operation that has been found valid for the schema: answers and errors are those of graphql-js. Undefined for what is left to it:
 * mutations, whose fields wait for each other, and introspection.
 */
export function compileOperation(schema: GraphQLSchema, document: DocumentNode): RunOperation | undefined {
  const operation = operationOf(schema, document);
  const { definition, fragments } = operation ?? {};
  if (!operation || !definition || !fragments || !isCompilable(document, definition)) return undefined;
  const type = schema.getRootType(definition.operation);
  if (!type) return undefined;
  const coerce = compileVariables(schema, definition);
  const deciding = decidingVariables(document);
  const compiled = new Map<string, Complete>();
  const completeFor = (key: string, variables: Variables): Complete | undefined => {
    const known = compiled.get(key);
    if (known) return known;
    if (compiled.size >= COMBINATIONS_MAX || key.includes('?')) return undefined;
    const conditions = new Map(deciding.map((name) => [name, variables[name] === true]));
    const place = { above: undefined, type, selections: [definition.selectionSet] };
    const complete = compileObject({ schema, fragments, conditions }, place);
    compiled.set(key, complete);
    return complete;
  };
  return (root, context, given) => {
    const variables = coerce(given);
    if ('errors' in variables) return { errors: variables.errors };
    const { coerced } = variables;
    const complete = completeFor(conditionsKey(deciding, coerced), coerced);
    if (complete) return new Execution(operation, root, context, coerced).run(complete);
    const variableValues = given;
    return execute({ schema, document, rootValue: root, contextValue: context, variableValues }) as ExecutionResult;
  };
}

function operationOf(schema: GraphQLSchema, { definitions }: DocumentNode): Operation | undefined {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  const operations: OperationDefinitionNode[] = [];
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const [definition] = operations;
  return definition && operations.length === 1 ? { schema, definition, fragments } : undefined;
}

function isCompilable(document: DocumentNode, definition: OperationDefinitionNode): boolean {
  if (definition.operation === OperationTypeNode.MUTATION) return false;
  let isPlain = true;
  visit(document, {
    Field({ name }) {
      if (name.value === '__schema' || name.value === '__type') isPlain = false;
    },
    Variable({ name }) {
      if (name.value === '__proto__') isPlain = false;
    },
  });
  return isPlain;
}

/** Names of the variables that `@skip` and `@include` depend on. */
function decidingVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/** Text that is equal for equal truths of these variables; it has a question mark where one has none. */
function conditionsKey(deciding: readonly string[], variables: Variables): string {
  let key = '';
  for (const name of deciding) {
    const value = variables[name];
    key += value === true ? '1' : value === false ? '0' : '?';
  }
  return key;
}
