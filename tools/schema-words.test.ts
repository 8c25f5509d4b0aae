import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, it } from 'vitest';

const schema = buildSchema(readFileSync(new URL('../schema/api.graphql', import.meta.url), 'utf8'));

interface Named {
  readonly name: string;
  readonly description?: string | null | undefined;
}

/** Everything that a type says of itself, by where it stands. */
function wordsOf(type: GraphQLNamedType): readonly (readonly [string, Named])[] {
  const at = (name: string) => `${type.name}.${name}`;
  const words: (readonly [string, Named])[] = [[type.name, type]];
  if (isEnumType(type)) for (const value of type.getValues()) words.push([at(value.name), value]);
  if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) words.push([at(field.name), field]);
  if (isObjectType(type))
    for (const field of Object.values(type.getFields())) {
      words.push([at(field.name), field]);
      for (const argument of field.args) words.push([`${at(field.name)}(${argument.name}:)`, argument]);
    }
  return words;
}

it('every type, field, argument and enum value of the graph is described to who explores it', () => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
  const undescribed = types.flatMap(wordsOf).filter(([, { description }]) => !description);
  expect(types.length).toBeGreaterThan(50);
  expect(undescribed.map(([place]) => place)).toEqual([]);
});
