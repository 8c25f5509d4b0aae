import {
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Parameter } from './parameter.ts';
import type { Selected } from './selection.ts';
import { TEXT_LENGTH_MAX } from './values.ts';

/** A schema object of OpenAPI 3.0. */
export type Schema = Readonly<Record<string, unknown>>;

/** Schemas that are named once and referred to: enums and input objects of the graph. */
export interface Named {
  readonly schemas: Record<string, Schema>;
}

const SCALARS: Readonly<Record<string, Schema>> = {
  Int: { type: 'integer', format: 'int32' },
  Float: { type: 'number', format: 'double' },
  String: { type: 'string' },
  ID: { type: 'string' },
  Boolean: { type: 'boolean' },
  DateTime: { type: 'string', format: 'date-time' },
  Duration: { type: 'string', format: 'duration' },
};

function namedSchema(type: GraphQLNamedType, named: Named): Schema {
  if (isEnumType(type)) {
    named.schemas[type.name] ??= described(
      { type: 'string', enum: type.getValues().map(({ name }) => name) },
      [
        type.description,
        ...type.getValues().map(({ name, description }) => description && `- \`${name}\`: ${description}`),
      ]
        .filter(Boolean)
        .join('\n'),
    );
    return { $ref: `#/components/schemas/${type.name}` };
  }
  if (isInputObjectType(type)) {
    if (!named.schemas[type.name]) {
      named.schemas[type.name] = {};
      const fields = Object.values(type.getFields());
      const required = fields.filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
      named.schemas[type.name] = described(
        {
          type: 'object',
          ...(required.length > 0 ? { required: required.map(({ name }) => name) } : {}),
          properties: Object.fromEntries(
            fields.map((field) => [field.name, described(inputSchema(field.type, named), field.description)]),
          ),
          additionalProperties: false,
        },
        type.description,
      );
    }
    return { $ref: `#/components/schemas/${type.name}` };
  }
  // The units of the graph, such as Percent and Metres, are numbers.
  return SCALARS[type.name] ?? described({ type: 'number' }, type.description);
}

/** A schema of an input type; null is allowed in a body where the type allows it. */
export function inputSchema(type: GraphQLInputType, named: Named): Schema {
  if (isNonNullType(type)) return listOrNamed(type.ofType, named);
  return nullable(listOrNamed(type, named));
}

function listOrNamed(type: GraphQLInputType, named: Named): Schema {
  if (isListType(type)) return { type: 'array', items: inputSchema(type.ofType, named) };
  return namedSchema(getNamedType(type), named);
}

/** The schema of a parameter in a path or query: never null, with its bounds. */
export function parameterSchema({ type, bounds, fallback, in: place }: Parameter, named: Named): Schema {
  const plain = isNonNullType(type) ? type.ofType : type;
  const one = {
    ...namedSchema(getNamedType(type), named),
    ...bounded(bounds, getNamedType(type).name, place === 'path'),
  };
  const schema = isListType(plain) ? { type: 'array', items: one, minItems: 1, maxItems: 100 } : one;
  return fallback === undefined || fallback === null ? schema : withDefault(schema, fallback);
}

function bounded(
  { minimum, maximum, pattern, maxLength = TEXT_LENGTH_MAX }: Parameter['bounds'],
  type: string,
  inPath: boolean,
): Schema {
  const text = type === 'String' || type === 'ID';
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(text ? { minLength: inPath ? 1 : 0, maxLength } : {}),
  };
}

/** A reference takes no siblings in OpenAPI 3.0. */
function withDefault(schema: Schema, fallback: unknown): Schema {
  return '$ref' in schema ? { allOf: [schema], default: fallback } : { ...schema, default: fallback };
}

export function described(schema: Schema, description: string | null | undefined): Schema {
  if (!description) return schema;
  return '$ref' in schema ? { allOf: [schema], description } : { ...schema, description };
}

function nullable(schema: Schema): Schema {
  return '$ref' in schema ? { allOf: [schema], nullable: true } : { ...schema, nullable: true };
}

/** The schema of what an operation selects. */
export function selectedSchema(field: Selected, named: Named): Schema {
  return described(outputSchema(field.type, field, named), field.description);
}

function outputSchema(type: GraphQLOutputType, field: Selected, named: Named): Schema {
  if (!isNonNullType(type)) return nullable(nonNull(type, field, named));
  return nonNull(type.ofType, field, named);
}

function nonNull(type: GraphQLOutputType, field: Selected, named: Named): Schema {
  if (isListType(type)) return { type: 'array', items: outputSchema(type.ofType, field, named) };
  return field.fields.length === 0 ? namedSchema(getNamedType(type), named) : objectSchema(field.fields, named);
}

function objectSchema(fields: readonly Selected[], named: Named): Schema {
  const required = fields.filter(({ always }) => always).map(({ name }) => name);
  return {
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      fields.map((field) => [
        field.name,
        field.deprecated ? { allOf: [selectedSchema(field, named)], deprecated: true } : selectedSchema(field, named),
      ]),
    ),
  };
}

/** The body of an answer: what is at the result, which is never null in a good answer. */
export function bodySchema(body: Selected, named: Named): Schema {
  const type = isNonNullType(body.type) ? body.type.ofType : body.type;
  return described(nonNull(type, body, named), body.description);
}
