import { defaultTypeResolver, GraphQLError } from 'graphql';
import { hold, Later } from './execution.ts';
import { serialized } from './leaves.ts';
import type { Position } from './positions.ts';
import { notOfType } from './runtime-types.ts';

/** What generated code calls by name. */
export const SURROUNDINGS = {
  Later,
  hold,
  serialized,
  notOfType,
  missing,
  listOf,
  typeOfItself,
  resolveType: defaultTypeResolver,
  /** What has no fields. */
  NOTHING: Object.freeze(Object.create(null)) as object,
};

function missing({ field }: Position): Error {
  return new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.definition.name}.`);
}

/** What a list's resolver gave, where it is no array. @throws GraphQLError where it has no elements */
function listOf(value: unknown, { field }: Position): readonly unknown[] {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) {
    if (typeof value[Symbol.iterator] === 'function') return Array.from(value as Iterable<unknown>);
  }
  const place = `${field.parentType.name}.${field.definition.name}`;
  throw new GraphQLError(`Expected Iterable, but did not find one for field "${place}".`);
}

function typeOfItself(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { __typename: name } = value as { readonly __typename?: unknown };
  return typeof name === 'string' ? name : undefined;
}
