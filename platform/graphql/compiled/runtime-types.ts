import {
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import type { Position, SelectedField } from './positions.ts';

/** Where objects of several types may stand. */
export interface AbstractPlace {
  readonly schema: GraphQLSchema;
  readonly abstract: GraphQLAbstractType;
  readonly field: SelectedField;
}

/**
 * The type of an object at a position of an abstract type, by the name that it was resolved to.
 * @throws GraphQLError in the words of graphql-js where that is none that can stand there
 */
export function runtimeType(
  { schema, abstract, field }: AbstractPlace,
  name: unknown,
  value: unknown,
): GraphQLObjectType {
  const options = { nodes: field.nodes };
  const place = `${field.parentType.name}.${field.definition.name}`;
  if (name === null || name === undefined) {
    const remedy = `Either the "${abstract.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`;
    const must = `Abstract type "${abstract.name}" must resolve to an Object type at runtime for field "${place}".`;
    throw new GraphQLError(`${must} ${remedy}`, options);
  }
  if (isObjectType(name)) {
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string') {
    const must = `Abstract type "${abstract.name}" must resolve to an Object type at runtime for field "${place}"`;
    throw new GraphQLError(`${must} with value ${inspect(value)}, received "${inspect(name)}".`);
  }
  const type = schema.getType(name);
  const resolved = `Abstract type "${abstract.name}" was resolved to a`;
  if (!type) throw new GraphQLError(`${resolved} type "${name}" that does not exist inside the schema.`, options);
  if (!isObjectType(type)) throw new GraphQLError(`${resolved} non-object type "${name}".`, options);
  if (!schema.isSubType(abstract, type)) {
    throw new GraphQLError(
      `Runtime Object type "${type.name}" is not a possible type for "${abstract.name}".`,
      options,
    );
  }
  return type;
}

/** What is wrong with an object that is not of the type that its position says. */
export function notOfType(type: GraphQLObjectType, value: unknown, { field }: Position): GraphQLError {
  return new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes: field.nodes });
}
