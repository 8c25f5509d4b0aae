import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { type GraphQLSchema, parse } from 'graphql';

/** Resolvers by type and field; a type's `__resolveReference` finds its entities. */
export type TestResolvers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One subgraph of a supergraph made for a test. */
export interface TestSubgraph {
  readonly name: string;
  readonly sdl: string;
  readonly resolvers: TestResolvers;
}

/** Federation 2 with the directives that the test's schemas use. */
export const FEDERATION =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@requires", "@provides", "@external", "@interfaceObject", "@inaccessible", "@override"])\n';

/** The supergraph of these subgraphs. */
export function supergraphOf(subgraphs: readonly TestSubgraph[]): string {
  const result = composeServices(
    subgraphs.map(({ name, sdl }) => ({ name, url: `http://${name}.invalid`, typeDefs: parse(FEDERATION + sdl) })),
  );
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}

/** A subgraph ready to be executed; `contexts` counts the contexts that were made. */
export function subgraphOf({ name, sdl, resolvers }: TestSubgraph): Subgraph & { readonly contexts: number } {
  const schema: GraphQLSchema = buildSubgraphSchema([
    { typeDefs: parse(FEDERATION + sdl), resolvers: resolvers as GraphQLResolverMap },
  ]);
  const close = async (): Promise<void> => undefined;
  let contexts = 0;
  return {
    name,
    sdl: FEDERATION + sdl,
    schema,
    context(viewer) {
      contexts += 1;
      return { viewer };
    },
    get contexts() {
      return contexts;
    },
    caughtUp: close,
    close,
    [Symbol.asyncDispose]: close,
  };
}
