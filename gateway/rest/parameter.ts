import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type ParamDirective, paramOf, type RestDirective } from '../operations/directives.ts';

/** A variable of an operation as a parameter of its endpoint. */
export interface Parameter {
  readonly name: string;
  readonly variable: string;
  readonly in: 'path' | 'query' | 'body';
  readonly type: GraphQLInputType;
  readonly required: boolean;
  /** What stands in where nothing is given. */
  readonly fallback: unknown;
  readonly description: string | undefined;
  readonly bounds: Pick<ParamDirective, 'minimum' | 'maximum' | 'pattern' | 'maxLength'>;
  /** A moment that must not be later than now. */
  readonly past: boolean;
  readonly example: string | undefined;
}

/** The parameters of an operation's endpoint, in the order of its variables. */
export function parametersOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  rest: RestDirective,
): readonly Parameter[] {
  const descriptions = descriptionsOf(schema, document);
  const inPath = new Set(placeholders(rest.path));
  return (operation.variableDefinitions ?? []).map((definition) => {
    const type = inputType(schema, definition);
    const { name, description, past = false, example, ...bounds } = paramOf(schema, definition);
    const variable = definition.variable.name.value;
    const shown = name ?? variable;
    const fallback = definition.defaultValue ? valueFromAST(definition.defaultValue, type) : undefined;
    const ranged = variable === rest.range?.from || variable === rest.range?.to;
    return {
      name: shown,
      variable,
      in: inPath.has(shown) ? 'path' : rest.method === 'GET' || rest.method === 'DELETE' ? 'query' : 'body',
      type,
      required: isNonNullType(type) && fallback === undefined && !ranged,
      fallback,
      description: description ?? descriptions.get(variable),
      ...{ bounds, past, example },
    };
  });
}

/** Names in braces, in their order. */
export function placeholders(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name);
}

function inputType(schema: GraphQLSchema, { type }: VariableDefinitionNode): GraphQLInputType {
  const known = typeFromAST(schema, type as never) as GraphQLInputType | undefined;
  if (!known) throw new Error('expected a validated operation');
  return known;
}

/** What the schema says of the argument or input field that each variable goes to. */
function descriptionsOf(schema: GraphQLSchema, document: DocumentNode): ReadonlyMap<string, string> {
  const descriptions = new Map<string, string>();
  const types = new TypeInfo(schema);
  const note = (name: string, description: string | null | undefined): void => {
    if (description && !descriptions.has(name)) descriptions.set(name, description);
  };
  visit(
    document,
    visitWithTypeInfo(types, {
      Argument: ({ value }) => {
        if (value.kind === Kind.VARIABLE) note(value.name.value, types.getArgument()?.description);
      },
      ObjectField: {
        enter({ name, value }) {
          const parent = getNamedType(types.getParentInputType());
          if (value.kind === Kind.VARIABLE && isInputObjectType(parent))
            note(value.name.value, parent.getFields()[name.value]?.description);
        },
      },
    }),
  );
  return descriptions;
}
