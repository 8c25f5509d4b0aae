import { type DocumentNode, type GraphQLSchema, Kind, type OperationTypeNode, parse, validate } from 'graphql';
import { type PreparedDocument, prepareDocument } from './prepared-document.ts';
import { documentHash, type ErrorMessage, type FetchMessage, UNKNOWN_DOCUMENT } from './subgraph-wire.ts';

/** A document that the gateway sent once, ready for all fetches that name its hash. */
export interface ServedDocument extends PreparedDocument {
  readonly kind: OperationTypeNode;
}

export type FoundDocument =
  | { readonly kind: 'found'; readonly document: ServedDocument }
  | { readonly kind: 'refused'; readonly errors: readonly ErrorMessage[] };

/** The documents of one subgraph. */
export interface ServedDocuments {
  find(fetch: FetchMessage): FoundDocument;
}

/** Documents that are kept; beyond, the one unused for longest leaves, and the gateway sends it again. */
const DOCUMENTS_MAX = 2_000;

/** Keeps documents by their hash. Each is parsed and validated once: a gateway of another version is told what it asks in vain. */
export function servedDocuments(schema: GraphQLSchema): ServedDocuments {
  const known = new Map<string, ServedDocument>();
  const keep = (hash: string, document: ServedDocument): void => {
    known.delete(hash);
    known.set(hash, document);
    if (known.size <= DOCUMENTS_MAX) return;
    for (const oldest of known.keys()) return void known.delete(oldest);
  };
  return {
    find({ query, extensions }) {
      const hash = extensions?.persistedQuery?.sha256Hash ?? (query === undefined ? '' : documentHash(query));
      const found = known.get(hash);
      if (found) {
        keep(hash, found);
        return { kind: 'found', document: found };
      }
      if (query === undefined) return refused('PersistedQueryNotFound', UNKNOWN_DOCUMENT);
      if (documentHash(query) !== hash) return refused('the hash is not that of the document', 'BAD_USER_INPUT');
      const made = madeReady(schema, query);
      if (made.kind === 'found') keep(hash, made.document);
      return made;
    },
  };
}

function madeReady(schema: GraphQLSchema, text: string): FoundDocument {
  let document: DocumentNode;
  try {
    document = parse(text, { noLocation: true });
  } catch (error) {
    return refused((error as Error).message, 'BAD_USER_INPUT');
  }
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (!operation || operations.length > 1) return refused('a fetch is one operation', 'BAD_USER_INPUT');
  const [mistake] = validate(schema, document, undefined, { maxErrors: 1 });
  if (mistake) return refused(mistake.message, 'BAD_USER_INPUT');
  const kind = operation.operation;
  return { kind: 'found', document: { kind, ...prepareDocument(schema, document) } };
}

function refused(message: string, code: string): FoundDocument {
  return { kind: 'refused', errors: [{ message, extensions: { code } }] };
}
