import type { SubgraphContext } from '@greencity/platform/graphql/port';
import type { SubgraphError, Variables } from '../subgraph/port.ts';
import type { DataObject, Path } from './values.ts';

/** Something that went wrong in a fetch, at its place in the response. */
export interface Fault {
  /** Missing when no one subgraph is to blame. */
  readonly subgraph: string | undefined;
  readonly error: SubgraphError;
  /** Missing when it concerns the whole response. */
  readonly path: Path | undefined;
  /** True when the fetch failed as a whole, so that everything below `path` may be missing. */
  readonly whole: boolean;
  /** How many steps of `path` lead to an object of which the fetch gave nothing because of it. */
  readonly lostAt?: number;
}

/**
 * One execution of a plan. It has one root for a request, and one for each event of a batch of a subscription's events:
 * fetches of entities serve all roots at once.
 */
export interface Run {
  readonly roots: readonly DataObject[];
  readonly faults: readonly Fault[][];
  readonly variables: Variables;
  context(subgraph: string): SubgraphContext;
  readonly deadline: Deadline;
}

/** Ends what takes too long. */
export interface Deadline {
  /** Unix ms. */
  readonly endsMs: number;
  readonly passed: boolean;
  /** Resolves to undefined when the time is up; never rejects. */
  race<T>(work: Promise<T>): Promise<T | undefined>;
}

/** Faults of one response beyond this number are left out: their messages would outgrow the data. */
export const FAULTS_MAX = 100;

export function addFault(run: Run, root: number, fault: Fault): void {
  const faults = run.faults[root];
  if (faults && faults.length < FAULTS_MAX) faults.push(fault);
}
