import { getArgumentValues, Kind, type ValueNode } from 'graphql';
import type { Execution } from './execution.ts';
import type { SelectedField } from './positions.ts';

type Values = Readonly<Record<string, unknown>>;

/** Gives the arguments of one call of a resolver. @throws GraphQLError where a variable has no value that would do */
export type ArgumentsOf = (execution: Execution) => Values;

/**
 * The arguments of a field: as code where each is a plain value of the text or a default; otherwise as a function. Each call has an object of
 * its own, which its resolver may change.
 */
export type FieldArguments =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'function'; readonly argumentsOf: ArgumentsOf };

export function fieldArguments(field: SelectedField): FieldArguments {
  const { definition, nodes } = field;
  const [node] = nodes;
  if (definition.args.length === 0) return { kind: 'code', code: '{}' };
  if (!node) throw new Error(`${definition.name} has not been selected`);
  const given = node.arguments ?? [];
  const valuesOf = ({ variables }: Execution): Values => getArgumentValues(definition, node, variables);
  if (given.some(({ value }) => hasParts(value))) return { kind: 'function', argumentsOf: valuesOf };
  if (given.some(({ value }) => value.kind === Kind.VARIABLE)) {
    // Arguments follow from the request's variables alone, whatever the object.
    const argumentsOf: ArgumentsOf = (execution) => ({ ...execution.argumentsOf(field, valuesOf) });
    return { kind: 'function', argumentsOf };
  }
  const code = constantCode(() => getArgumentValues(definition, node));
  return code === undefined ? { kind: 'function', argumentsOf: valuesOf } : { kind: 'code', code };
}

/** Values with parts are made anew for each call, since resolvers may change them. */
function hasParts(value: ValueNode): boolean {
  return value.kind === Kind.LIST || value.kind === Kind.OBJECT;
}

function constantCode(valuesOf: () => Values): string | undefined {
  const values = valuesOrNone(valuesOf);
  if (!values) return undefined;
  const entries = Object.entries(values);
  if (!entries.every(([name, value]) => name !== '__proto__' && isWritable(value))) return undefined;
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')}}`;
}

/** A literal that its scalar refuses is refused anew at each call. */
function valuesOrNone(valuesOf: () => Values): Values | undefined {
  try {
    return valuesOf();
  } catch {
    return undefined;
  }
}

/** Whether code can say the value as JSON does. */
function isWritable(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}
