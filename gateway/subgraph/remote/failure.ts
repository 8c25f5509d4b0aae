import { AppError } from '@greencity/platform/errors';

/** Why a request to a subgraph got no answer. */
export type FailureKind =
  /** No connection was made. */
  | 'unreachable'
  /** The connection ended before the answer did. */
  | 'broken-off'
  | 'late'
  /** It answered with a status of 500 or more. */
  | 'failing'
  /** It did not take our signature, or our request. */
  | 'refused'
  /** What it said is no answer in GraphQL. */
  | 'unreadable'
  | 'too-large'
  /** Too much waits for it already. */
  | 'too-busy'
  /** It failed too often lately and is left alone for a while. */
  | 'resting';

export interface Failure {
  readonly kind: FailureKind;
  readonly detail: string;
}

/** Kinds after which a query may be sent again: the subgraph may be another process by now. */
const PASSING: readonly FailureKind[] = ['unreachable', 'broken-off', 'failing'];

/** Kinds that say that the subgraph is not well; the others are about one request, or are ours. */
const ILL: readonly FailureKind[] = ['unreachable', 'broken-off', 'late', 'failing', 'unreadable'];

export function isPassing({ kind }: Failure): boolean {
  return PASSING.includes(kind);
}

export function isIllness({ kind }: Failure): boolean {
  return ILL.includes(kind);
}

const WORDS: Readonly<Record<FailureKind, string>> = {
  unreachable: 'cannot be reached',
  'broken-off': 'broke off',
  late: 'did not answer in time',
  failing: 'is failing',
  refused: 'refused the request',
  unreadable: 'gave no answer that can be read',
  'too-large': 'answered with too much',
  'too-busy': 'has too much to do',
  resting: 'failed too often and is left alone for a moment',
};

/** The failure as the error of a fetch: it names the subgraph, and is no more than the client may know. */
export function unavailable(subgraph: string, { kind, detail }: Failure): AppError {
  return new AppError('UNAVAILABLE', `${subgraph} ${WORDS[kind]}`, { cause: new Error(detail) });
}
