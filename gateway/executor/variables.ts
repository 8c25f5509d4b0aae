import { AppError } from '@greencity/platform/errors';
import { type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql';
import type { Variables } from '../subgraph/port.ts';

/** Mistakes in variables that are looked for: the first is the one that is told. Each is told with all that was given, and names that are nearly right are looked for. */
const MISTAKES_MAX = 1;

/**
 * The client's variables with defaults filled in.
 * @throws AppError BAD_USER_INPUT whose subject begins with the place of the first mistake, as in `input.location.latitude`.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Variables | undefined,
): Variables {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return {};
  const result = getVariableValues(schema, definitions, given ?? {}, { maxErrors: MISTAKES_MAX });
  if (!result.errors) return result.coerced;
  const [first] = result.errors;
  const text = first?.message ?? 'a variable is wrong';
  const place = /at "([^"]+)"/.exec(text)?.[1] ?? /^Variable "\$([^"]+)"/.exec(text)?.[1] ?? 'variables';
  const why = text.replace(/^Variable "[^"]+" got invalid value .*?(?: at "[^"]+")?; /s, '');
  throw new AppError('BAD_USER_INPUT', `${place}: ${why}`);
}
