import { OPERATION_IDS } from './generated/operation-ids.ts';

interface Sent {
  readonly operationName?: string;
  readonly query?: string;
  readonly variables?: unknown;
}

/** Names a registered operation in the place of its text, for a message over the WebSocket. */
export function persisted(name: string | undefined): { readonly persistedQuery: { readonly sha256Hash: string } } {
  const sha256Hash = name === undefined ? undefined : OPERATION_IDS[name];
  if (sha256Hash === undefined) throw new Error(`the operation ${name} is not registered`);
  return { persistedQuery: { sha256Hash } };
}

type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** Sends operations by their id. A platform that does not know it, having another version of this page, is sent the text. */
export async function byId(
  input: RequestInfo | URL,
  init: RequestInit = {},
  fetched: Fetch = fetch,
): Promise<Response> {
  const sent = JSON.parse(String(init.body)) as Sent;
  const id = sent.operationName === undefined ? undefined : OPERATION_IDS[sent.operationName];
  if (id === undefined) return await fetched(input, init);
  const short = { id, operationName: sent.operationName, variables: sent.variables };
  const response = await fetched(input, { ...init, body: JSON.stringify(short) });
  return response.status === 404 ? await fetched(input, init) : response;
}
