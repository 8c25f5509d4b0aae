import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';

const VOCABULARY = readFileSync(new URL('../../schema/vocabulary.graphql', import.meta.url), 'utf8');

/** Resolvers as codegen types them, per type. */
type Resolvers = Parameters<typeof buildSubgraphSchema>[0] extends readonly (infer Module)[]
  ? Module extends { resolvers?: infer R }
    ? NonNullable<R>
    : never
  : never;

/** The federation SDL of a subgraph: the shared vocabulary and its own schema file. */
export function subgraphSdl(schemaFile: URL): string {
  return `${readFileSync(schemaFile, 'utf8')}\n${VOCABULARY}`;
}

/** An executable schema with `_entities` and `_service`. */
export function subgraphSchema(sdl: string, resolvers: Resolvers): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
}
