import { readFileSync } from 'node:fs';
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';

const VOCABULARY = readFileSync(new URL('../../schema/vocabulary.graphql', import.meta.url), 'utf8');

/** Resolvers as codegen types them, per type: it has checked them against the schema, which is stricter than the library's own type. */
type Resolvers = object;

/** The federation SDL of a subgraph: the shared vocabulary and its own schema file. */
export function subgraphSdl(schemaFile: URL): string {
  return `${readFileSync(schemaFile, 'utf8')}\n${VOCABULARY}`;
}

/** An executable schema with `_entities` and `_service`. */
export function subgraphSchema(sdl: string, resolvers: Resolvers): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as GraphQLResolverMap }]);
}
