import type { GraphQLSchema } from 'graphql';

/** Roles, from least to most; each may do what those before it may. */
export const ROLES = ['CITIZEN', 'RESEARCHER', 'PARTNER', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export type Viewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly userId: string; readonly role: Role };

/** What every resolver of a subgraph is given; each subgraph adds its service and loaders, made anew for each request. */
export interface SubgraphContext {
  readonly viewer: Viewer;
}

/** One subgraph, ready to be executed in this process or served to a gateway. */
export interface Subgraph extends AsyncDisposable {
  readonly name: string;
  /** Federation SDL, as composed into schema/supergraph.graphql. */
  readonly sdl: string;
  /** Executable, with `_entities` and `_service`. */
  readonly schema: GraphQLSchema;
  /** Context of one client request: loaders live as long as it does. */
  context(viewer: Viewer): SubgraphContext;
  /** Resolves when everything in the log up to now has had its effect here. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Reads a bearer token. @throws AppError UNAUTHENTICATED for a token that is not valid now. */
export type Authenticate = (bearerToken: string | undefined) => Promise<Viewer>;
