import { documentHash } from '@greencity/platform/graphql/subgraph-wire';
import type { FetchOperation } from '../port.ts';

/** How a subgraph wants to be spoken to. */
export type Dialect =
  /** Signed, documents by their hash, fetches of one turn together: what our subgraphs speak. */
  | 'signed'
  /** GraphQL over HTTP as anybody speaks it: each fetch a request with its whole document. */
  | 'plain';

/** A fetch of a plan with what is sent for it worked out. */
export interface RemoteDocument {
  readonly operation: FetchOperation;
  readonly hash: string;
  /** JSON of a fetch with these variables; with `whole`, the document itself is part of it. */
  body(variables: string, whole: boolean): string;
}

export function remoteDocument(operation: FetchOperation, dialect: Dialect): RemoteDocument {
  const hash = documentHash(operation.text);
  const named = operation.name === undefined ? '' : `"operationName":${JSON.stringify(operation.name)},`;
  const text = `{"query":${JSON.stringify(operation.text)},${named}`;
  const byHash = `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${hash}"}},`;
  const whole = dialect === 'plain' ? `${text}"variables":` : `${text}${byHash}"variables":`;
  const short = `{${byHash}"variables":`;
  return {
    operation,
    hash,
    body: (variables, withText) => `${withText || dialect === 'plain' ? whole : short}${variables}}`,
  };
}
