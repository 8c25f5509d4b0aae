import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLScalarType,
  GraphQLString,
  isScalarType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';

/** Of a scalar of the language, the values that mean themselves on the way in and on the way out, as code over `v`. */
const PLAIN: ReadonlyMap<GraphQLScalarType, string> = new Map<GraphQLScalarType, string>([
  [GraphQLString, `typeof v === 'string'`],
  [GraphQLID, `typeof v === 'string'`],
  [GraphQLBoolean, `typeof v === 'boolean'`],
  [GraphQLInt, `(typeof v === 'number' && (v | 0) === v)`],
  [GraphQLFloat, `(typeof v === 'number' && v - v === 0)`],
]);

/** What the library gives scalars that say nothing about their values. */
const UNCHANGED = new GraphQLScalarType({ name: 'Unchanged' });

const TESTS = new Map([...PLAIN].map(([{ name }, code]) => [name, new Function('v', `return ${code};`)]));

/** Code that tells whether the value of a leaf, in the variable named, is written as it is; undefined where only its type can tell. */
export function plainTest(type: GraphQLLeafType, variable: string): string | undefined {
  const standard = standardOf(type, 'serialize');
  return standard && PLAIN.get(standard)?.replaceAll(/\bv\b/g, variable);
}

/** Whether an input of this type is its own value. */
export function plainInput(type: GraphQLLeafType): (value: unknown) => boolean {
  if (isScalarType(type) && type.parseValue === UNCHANGED.parseValue) return (value) => value !== undefined;
  const standard = standardOf(type, 'parseValue');
  return (standard && (TESTS.get(standard.name) as (value: unknown) => boolean)) ?? (() => false);
}

/** The scalar of the language that this one is; undefined where somebody made it do otherwise. */
function standardOf(type: GraphQLLeafType, side: 'serialize' | 'parseValue'): GraphQLScalarType | undefined {
  for (const standard of PLAIN.keys()) {
    if (standard.name === type.name && isScalarType(type) && type[side] === standard[side]) return standard;
  }
  return undefined;
}

/** The value of a leaf as it is written. @throws Error when its type does not have it */
export function serialized(type: GraphQLLeafType, value: unknown): unknown {
  const written: unknown = type.serialize(value);
  if (written !== null && written !== undefined) return written;
  const call = `${inspect(type)}.serialize(${inspect(value)})`;
  throw new Error(`Expected \`${call}\` to return non-nullable value, returned: ${inspect(written)}`);
}
