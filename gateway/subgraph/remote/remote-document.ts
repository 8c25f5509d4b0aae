import { documentHash } from '@greencity/platform/graphql/subgraph-wire';
import type { FetchOperation } from '../port.ts';

/** How a subgraph wants to be spoken to. */
export type Dialect =
  /** Signed, documents by their hash, fetches of one turn together: what our subgraphs speak. */
  | 'signed'
  /** GraphQL over HTTP as anybody speaks it: each fetch a request with its whole document. */
  | 'plain';

const NAME = /^(?<kind>query|mutation|subscription)\s+[_A-Za-z]\w*/;

/** Others may want to know by which operation they are asked. */
function plainHead({ text, name }: FetchOperation): string {
  const named = name === undefined ? '' : `"operationName":${JSON.stringify(name)},`;
  return `{"query":${JSON.stringify(text)},${named}"variables":`;
}

/** A fetch of a plan with what is sent for it worked out. */
export interface RemoteDocument {
  readonly operation: FetchOperation;
  /** The document without a name: that of an operation numbers its fetches, and would tell equal ones apart. */
  readonly text: string;
  readonly hash: string;
  /** JSON of a fetch with these variables; with `whole`, the document itself is part of it. */
  body(variables: string, whole: boolean): string;
}

export function remoteDocument(operation: FetchOperation, dialect: Dialect): RemoteDocument {
  const text = operation.text.replace(NAME, '$<kind>');
  const hash = documentHash(text);
  const byHash = `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${hash}"}},`;
  const whole = dialect === 'plain' ? plainHead(operation) : `{"query":${JSON.stringify(text)},${byHash}"variables":`;
  const short = `{${byHash}"variables":`;
  return {
    ...{ operation, text, hash },
    body: (variables, withText) => `${withText || dialect === 'plain' ? whole : short}${variables}}`,
  };
}
