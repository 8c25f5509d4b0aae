import type { StreamPast, SubgraphContext, Viewer } from '@greencity/platform/graphql/port';
import type { Listener } from '@greencity/platform/pub-sub/port';
import type { OperationTypeNode } from 'graphql';
import type { AnswerRecord } from '../cache/record.ts';

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

/** A time of which events may be missing, Unix ms. */
export interface Gap {
  /** Until then nothing is missing. */
  readonly fromMs: number;
  /** From then on nothing is missing. */
  readonly toMs: number;
}

/** Live events. */
export interface EventSource extends AsyncIterator<unknown> {
  /** What may be missing before the event that was given last, or before the next one; given once. Missing where it cannot happen. */
  takeGap?(): Gap | undefined;
  /** It gives what was missed, faster than it happened: it is read no faster than its events are told. */
  readonly isCatchingUp?: boolean;
  /** Tells the listener of each event as it comes, where the source can, and keeps nothing for it. Instead of `next`, and once. */
  hear?(listener: Listener<unknown>): void;
}

/** A fetch made ready once and executed many times. */
export interface PreparedFetch {
  execute(variables: Variables, context: SubgraphContext): SubgraphResult | Promise<SubgraphResult>;
  /**
   * Live events of a subscription; whatever they are, `executeEvent` turns each into a result. Resolves when no later
   * event can be missed. `return()` takes effect at once, also while `next()` waits.
   */
  subscribe(variables: Variables, context: SubgraphContext): Promise<EventSource>;
  /**
   * Events of what was before: the present state, or what was missed after a cursor. Ends by itself. Missing when the
   * subgraph keeps no past. Rejects with an error of code CURSOR_EXPIRED or BAD_CURSOR when it cannot go on from there.
   * At the other end of a connection the part travels in the request's `extensions` as `{ "part": … }`.
   */
  readonly past?: (past: StreamPast, variables: Variables, context: SubgraphContext) => Promise<AsyncIterator<unknown>>;
  /** Where an event stands in its stream: cursors sort as text. At the other end of a connection it is `extensions.cursor` of the event. */
  cursorOf(event: unknown): string | undefined;
  /** What two sources of one stream give as equal for the same event: itself in this process, its text at the other end of a connection. */
  identityOf(event: unknown): unknown;
  /** Whether an event is the only one of a snapshot of nothing: there is nothing to execute, it may have a cursor. At the other end of a connection it has neither data nor errors. */
  isNothing(event: unknown): boolean;
  executeEvent(
    event: unknown,
    variables: Variables,
    context: SubgraphContext,
  ): SubgraphResult | Promise<SubgraphResult>;
}

/** What the fetches of one client request have in common. */
export interface RequestScope {
  /** When nobody waits for them any more, Unix ms. */
  readonly endsMs: number;
  /** Wants to know what is asked for. */
  readonly record?: AnswerRecord | undefined;
}

/** Where fetches are executed: in this process, or at the other end of a connection. */
export interface SubgraphExecutor {
  prepare(operation: FetchOperation): PreparedFetch;
  /** Made once for each client request and subgraph. */
  context(subgraph: string, viewer: Viewer, scope?: RequestScope): SubgraphContext;
}
