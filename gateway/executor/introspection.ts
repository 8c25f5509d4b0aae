import {
  execute,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import type { Variables } from '../subgraph/port.ts';
import { collectFields, type SelectionScope } from './collecting.ts';

/** JSON texts of `__schema` and `__type` by response name. */
export type Introspect = (variables: Variables) => Readonly<Record<string, string>>;

const NONE: Introspect = () => ({});

/** Answers the introspection fields at the root of an operation from the schema itself. */
export function compileIntrospection(scope: SelectionScope, operation: OperationDefinitionNode): Introspect {
  const query = scope.schema.getQueryType();
  if (operation.operation !== OperationTypeNode.QUERY || !query) return NONE;
  const fields = [...collectFields(scope, query, [operation.selectionSet]).values()]
    .flat()
    .filter(({ name }) => name.value === '__schema' || name.value === '__type');
  if (fields.length === 0) return NONE;
  const document = introspectionDocument(operation, fields, [...scope.fragments.values()]);
  let constant: Readonly<Record<string, string>> | undefined;
  const dependent = usesVariables(document.definitions);
  return (variables) => {
    if (constant) return constant;
    const texts = introspected(scope.schema, document, variables);
    if (!dependent) constant = texts;
    return texts;
  };
}

function introspectionDocument(
  operation: OperationDefinitionNode,
  fields: readonly FieldNode[],
  fragments: readonly FragmentDefinitionNode[],
) {
  const selectionSet = { kind: Kind.SELECTION_SET, selections: fields } as const;
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }, ...fragments] } as const;
}

function usesVariables(definitions: readonly (OperationDefinitionNode | FragmentDefinitionNode)[]): boolean {
  let used = false;
  for (const { selectionSet } of definitions) {
    visit(selectionSet, {
      Variable() {
        used = true;
      },
    });
  }
  return used;
}

function introspected(
  schema: GraphQLSchema,
  document: ReturnType<typeof introspectionDocument>,
  variableValues: Variables,
): Record<string, string> {
  const result = execute({ schema, document, variableValues });
  if ('then' in result || !result.data) throw new Error('the schema cannot describe itself');
  return Object.fromEntries(Object.entries(result.data).map(([name, value]) => [name, JSON.stringify(value)]));
}
