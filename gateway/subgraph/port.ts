import type { SubgraphContext, Viewer } from '@greencity/platform/graphql/port';
import type { OperationTypeNode } from 'graphql';

/** An error of a subgraph: `path` begins at the root of the fetch. */
export interface SubgraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly originalError?: unknown;
}

/** What a subgraph answers. The objects in `data` belong to the caller, who may change them; `data` is missing when nothing was executed. */
export interface SubgraphResult {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly SubgraphError[] | undefined;
}

export type Variables = Readonly<Record<string, unknown>>;

/** One fetch of a plan, written by the planner and therefore valid. */
export interface FetchOperation {
  readonly subgraph: string;
  readonly text: string;
  readonly name: string | undefined;
  readonly kind: OperationTypeNode;
}

/** A fetch made ready once and executed many times. */
export interface PreparedFetch {
  execute(variables: Variables, context: SubgraphContext): SubgraphResult | Promise<SubgraphResult>;
  /** Events of a subscription; whatever they are, `executeEvent` turns each into a result. Resolves when no later event can be missed. */
  subscribe(variables: Variables, context: SubgraphContext): Promise<AsyncIterator<unknown>>;
  executeEvent(
    event: unknown,
    variables: Variables,
    context: SubgraphContext,
  ): SubgraphResult | Promise<SubgraphResult>;
}

/** Where fetches are executed: in this process, or at the other end of a connection. */
export interface SubgraphExecutor {
  prepare(operation: FetchOperation): PreparedFetch;
  /** Made once for each client request and subgraph. */
  context(subgraph: string, viewer: Viewer): SubgraphContext;
}
