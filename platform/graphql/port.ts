import type { GraphQLSchema } from 'graphql';

/** Roles, from least to most; each may do what those before it may. */
export const ROLES = ['CITIZEN', 'RESEARCHER', 'PARTNER', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** What somebody may do, in the words of `@requiresScopes`. `viewer.ts` says which a role has. */
export const SCOPES = [
  'measurements:read',
  'measurements:export',
  'devices:own',
  'devices:manage',
  'alerts:subscribe',
  'alerts:manage',
  'alerts:ack',
  'partners:webhook',
  'operations:free',
  'operations:manage',
  'admin:*',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Somebody who signed in, at our own or at an external provider. */
export interface UserViewer {
  readonly kind: 'user';
  readonly userId: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
  /** The sign-in that the token came from; missing where there was none, as for tools. */
  readonly sessionId?: string;
  /** Address that the request came from, for the audit log and for throttling; never a ground for a right. */
  readonly from?: string;
}

/** A program of a partner, by its API key: no role, only the key's scopes. */
export interface KeyViewer {
  readonly kind: 'key';
  readonly keyId: string;
  /** The user that the key belongs to. */
  readonly userId: string;
  readonly scopes: readonly Scope[];
  readonly from?: string;
}

/** Who asks. */
export type Viewer = { readonly kind: 'anonymous'; readonly from?: string } | UserViewer | KeyViewer;

/** The part of a subscription that its `subscribe` is asked for. */
export type StreamPart =
  /** What happens from now on; does not end by itself. `placed` asks for a stream that says where it begins: `PlacedEvents`. */
  { readonly kind: 'live'; readonly placed?: boolean } | StreamPast;

/** What was before now. A stream of it ends by itself. */
export type StreamPast =
  /** The present state as events; the last one carries the cursor from which on nothing is missed. Where there is no state, it is one of `NOTHING`. */
  | { readonly kind: 'snapshot' }
  /** What happened after the event with this cursor, in order. */
  | { readonly kind: 'after'; readonly cursor: string };

/** The value of the one event of a snapshot of nothing: it only says where its stream stands. */
export const NOTHING: never = Symbol('nothing') as never;

/** An event of a subscription, as `subscribe` of a resumable subgraph gives it. */
export interface StreamEvent<T> {
  readonly value: T;
  /** Where it stands in its stream: of one stream, cursors sort as text in the order of events. Missing while nobody knows. */
  readonly cursor?: string | undefined;
}

/** Live events with the cursor that everything before them has: whoever has had none of them yet can go on from there. */
export interface PlacedEvents {
  readonly startCursor?: string | undefined;
}

/** What every resolver of a subgraph is given; each subgraph adds its service and loaders, made anew for each request. */
export interface SubgraphContext {
  readonly viewer: Viewer;
  /** Of a subscription; live when missing. */
  readonly part?: StreamPart;
}

/** One subgraph, ready to be executed in this process or served to a gateway. */
export interface Subgraph extends AsyncDisposable {
  readonly name: string;
  /** Federation SDL, as composed into schema/supergraph.graphql. */
  readonly sdl: string;
  /** Executable, with `_entities` and `_service`. */
  readonly schema: GraphQLSchema;
  /** Its subscriptions give StreamEvents, and every part that the context asks for. Otherwise they are live only. */
  readonly resumable?: boolean;
  /** Context of one client request: loaders live as long as it does. */
  context(viewer: Viewer): SubgraphContext;
  /** Resolves when everything in the log up to now has had its effect here. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Reads a bearer token: an access token or an API key. @throws AppError UNAUTHENTICATED for one that is not valid now, RATE_LIMITED for a key over its quota. */
export type Authenticate = (bearerToken: string | undefined) => Promise<Viewer>;
