import { readFileSync } from 'node:fs';
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  valueFromAST,
} from 'graphql';
import { resolveEntitiesAtOnce } from './entities.ts';
import { guardSchema } from './guarded-schema.ts';

const VOCABULARY = readFileSync(new URL('../../schema/vocabulary.graphql', import.meta.url), 'utf8');

/** Resolvers as codegen types them, per type: it has checked them against the schema, which is stricter than the library's own type. */
type Resolvers = object;

/** The federation SDL of a subgraph: the shared vocabulary and its own schema file. */
export function subgraphSdl(schemaFile: URL): string {
  return `${readFileSync(schemaFile, 'utf8')}\n${VOCABULARY}`;
}

/** An executable schema with `_entities` and `_service`, each field guarded as the SDL says. */
export function subgraphSchema(sdl: string, resolvers: Resolvers): GraphQLSchema {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as GraphQLResolverMap }]);
  for (const input of inputsOf(schema)) {
    const written = input.astNode?.defaultValue;
    // The library reads defaults before it knows our scalars, so that `"PT1H"` would reach a resolver as text.
    if (written) input.defaultValue = valueFromAST(written, input.type);
  }
  resolveEntitiesAtOnce(schema);
  return guardSchema(schema);
}

function* inputsOf(schema: GraphQLSchema): Generator<GraphQLArgument | GraphQLInputField> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) yield* Object.values(type.getFields());
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) yield* field.args;
    }
  }
}
