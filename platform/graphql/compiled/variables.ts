import {
  type ConstValueNode,
  coerceInputValue,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import { plainInput } from './leaves.ts';

type Variables = Readonly<Record<string, unknown>>;

/** Variables as resolvers and conditions see them, or what is wrong with them. */
export type CoerceVariables = (
  given: Variables,
) => { readonly coerced: Variables } | { readonly errors: readonly GraphQLError[] };

/** Mistakes that are told, as graphql-js has it. */
const MISTAKES_MAX = 50;

/** The value of an input that is as it should be, or UNFIT for one that graphql-js has to say something about. */
type Quick = (value: unknown) => unknown;
const UNFIT = Symbol('unfit');

interface Variable {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly defaultValue: ConstValueNode | undefined;
  readonly coerce: Quick;
}

/** Coerces the variables of an operation as graphql-js does, which is asked itself where something is wrong with one. */
export function compileVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): CoerceVariables {
  const variables = variableDefinitions.map((definition): Variable => {
    const type = typeFromAST(schema, definition.type as NamedTypeNode);
    if (!isInputType(type)) throw new Error(`$${definition.variable.name.value} is of no input type`);
    return {
      name: definition.variable.name.value,
      type,
      defaultValue: definition.defaultValue,
      coerce: quickFor(type),
    };
  });
  return (given) => {
    const coerced: Record<string, unknown> = {};
    for (const variable of variables) {
      const value = variableValue(variable, given);
      if (value === UNFIT) return exactly(schema, variableDefinitions, given);
      if (value !== undefined) coerced[variable.name] = value;
    }
    return { coerced };
  };
}

function exactly(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  given: Variables,
): ReturnType<CoerceVariables> {
  const { coerced, errors } = getVariableValues(schema, definitions, given, { maxErrors: MISTAKES_MAX });
  return errors ? { errors } : { coerced };
}

/** Undefined for a variable that has no value. */
function variableValue({ name, type, defaultValue, coerce }: Variable, given: Variables): unknown {
  if (Object.hasOwn(given, name)) return coerce(given[name]);
  if (defaultValue) return valueFromAST(defaultValue, type) ?? null;
  return isNonNullType(type) ? UNFIT : undefined;
}

function quickFor(type: GraphQLInputType): Quick {
  if (isNonNullType(type)) {
    const inner = quickFor(type.ofType);
    return (value) => (value === null || value === undefined ? UNFIT : inner(value));
  }
  if (isListType(type)) return quickList(quickFor(type.ofType));
  if (isLeafType(type)) return quickLeaf(type);
  return (value) => {
    let isFit = true;
    const coerced = coerceInputValue(value, type, () => {
      isFit = false;
    });
    return isFit ? coerced : UNFIT;
  };
}

function quickList(inner: Quick): Quick {
  return (value) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return UNFIT;
    const coerced = new Array<unknown>(value.length);
    for (let index = 0; index < value.length; index += 1) {
      const element = inner(value[index]);
      if (element === UNFIT) return UNFIT;
      coerced[index] = element;
    }
    return coerced;
  };
}

function quickLeaf(type: GraphQLLeafType): Quick {
  const isPlain = plainInput(type);
  return (value) => {
    if (value === null || value === undefined) return null;
    if (isPlain(value)) return value;
    try {
      const parsed: unknown = type.parseValue(value);
      return parsed === undefined ? UNFIT : parsed;
    } catch {
      return UNFIT;
    }
  };
}
