/** Small federated graphs that the gateway and its peers are measured on: what their subgraphs do costs next to nothing. */
import { composeServices } from '@apollo/composition';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { subgraphSchema } from '@greencity/platform/graphql/subgraph-schema';
import { parse } from 'graphql';

/** One subgraph. Its SDL is of federation 1, which each gateway of the comparison reads. */
export interface Service {
  readonly name: string;
  readonly sdl: string;
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface World {
  readonly services: readonly Service[];
  /** The operation that is sent. */
  readonly query: string;
}

/** The supergraph, its subgraphs at the places given. */
export function supergraphOf({ services }: World, urlOf: (service: string) => string): string {
  const composed = composeServices(services.map(({ name, sdl }) => ({ name, url: urlOf(name), typeDefs: parse(sdl) })));
  if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}

/** Here everybody may see everything, as they may see most of the platform's own graph. */
const PUBLIC = 'directive @public on OBJECT\n';

/** The subgraphs, ready to be executed in this process. */
export function subgraphsOf({ services }: World): readonly Subgraph[] {
  const close = async (): Promise<void> => undefined;
  return services.map(({ name, sdl, resolvers }) => ({
    name,
    sdl,
    schema: subgraphSchema(PUBLIC + sdl.replaceAll(/type \w+[^{]*/g, '$&@public '), resolvers),
    context: (viewer) => ({ viewer }),
    caughtUp: close,
    close,
    [Symbol.asyncDispose]: close,
  }));
}
