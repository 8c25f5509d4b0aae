/** One subgraph at the other end of a connection: answers the gateway over HTTP and, for subscriptions, over WebSocket, and nobody else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { OperationTypeNode } from 'graphql';
import { AppError } from '../errors.ts';
import { gatewayVerifier, type SignedRequest } from './gateway-token.ts';
import type { SubgraphContext } from './port.ts';
import { servedDocuments } from './served-documents.ts';
import { isFetchMessage, ran, type ServeSubgraphOptions, type Serving } from './serving.ts';
import { openSubgraphStreams } from './subgraph-streams.ts';
import { FETCHES_MAX, type FetchMessage, JSON_TYPE, LINES_TYPE, resultText } from './subgraph-wire.ts';

/** `/graphql` of one subgraph; whoever opens the port puts it there. */
export interface ServedSubgraph {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the streams of subscriptions. */
  close(): Promise<void>;
}

/** Representations of many entities at once, and no more. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Serves a subgraph. It answers requests that the gateway signed, `_service`, `_entities` and introspection included. */
export function serveSubgraph(options: ServeSubgraphOptions): ServedSubgraph {
  const { subgraph, secrets, clock, metrics } = options;
  const log = options.log.child({ part: subgraph.name });
  const serving: Serving = {
    ...options,
    verifier: gatewayVerifier(secrets, subgraph.name, clock),
    documents: servedDocuments(subgraph.schema),
    report(error) {
      const id = crypto.randomUUID();
      log.error({ id, error }, 'a fetch failed unexpectedly');
      return id;
    },
  };
  const labels = { subgraph: subgraph.name };
  const refused = metrics.counter('subgraph_refused_total', 'Requests that the gateway had not signed.', labels);
  const fetches = metrics.counter(
    'subgraph_fetches_total',
    'Fetches of the gateway, those of one request counted each.',
  );
  const once = tokensUsedOnce(clock.nowMs);
  const streams = openSubgraphStreams(serving, () => refused.add());
  return {
    upgrade: streams.upgrade,
    close: streams.close,
    async handle(request, response) {
      if (request.method !== 'POST') return answer(response, 405, problem('POST only'));
      const body = await bodyText(request);
      if (body === undefined) return answer(response, 413, problem(`at most ${BODY_BYTES_MAX} bytes`));
      let signed: SignedRequest;
      try {
        signed = serving.verifier.verify(bearerOf(request), body);
      } catch (error) {
        refused.add();
        if (!(error instanceof AppError)) throw error;
        log.warn({ error }, 'a request that the gateway has not signed was refused');
        return answer(response, 401, problem(error.message, error.code));
      }
      const fetched = messagesIn(body);
      if (!fetched) return answer(response, 400, problem('not a fetch, nor up to 64 of them'));
      const { messages, single } = fetched;
      fetches.add(messages.length);
      const context = subgraph.context(signed.viewer);
      const replay = (): boolean => !once(signed);
      const execute = (message: FetchMessage) => fetchedText(serving, message, { context, replay });
      if (single) return answer(response, 200, await execute(messages[0] ?? {}));
      response.writeHead(200, { 'content-type': LINES_TYPE });
      await Promise.all(
        messages.map(async (message, index) => {
          response.write(`[${index},${await execute(message)}]\n`);
        }),
      );
      response.end();
    },
  };
}

interface Executing {
  readonly context: SubgraphContext;
  /** Whether the request was heard before: what changes something must not be done again. */
  readonly replay: () => boolean;
}

async function fetchedText(serving: Serving, message: FetchMessage, { context, replay }: Executing): Promise<string> {
  const found = serving.documents.find(message);
  if (found.kind === 'refused') return JSON.stringify({ errors: found.errors });
  const { document } = found;
  if (document.kind === OperationTypeNode.SUBSCRIPTION || (document.kind === OperationTypeNode.MUTATION && replay())) {
    return problem('subscriptions come over WebSocket, and a mutation once');
  }
  return resultText(await ran(() => document.run(undefined, context, message.variables ?? {})), serving.report);
}

/** Tokens of mutations that were heard, until they end: a request that somebody recorded does nothing. */
function tokensUsedOnce(nowMs: () => number): (signed: SignedRequest) => boolean {
  const used = new Map<string, number>();
  return ({ id, expiresMs }) => {
    for (const [old, endsMs] of used) {
      if (endsMs > nowMs()) break;
      used.delete(old);
    }
    if (used.has(id)) return false;
    used.set(id, expiresMs);
    return true;
  };
}

function messagesIn(
  body: string,
): { readonly messages: readonly FetchMessage[]; readonly single: boolean } | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const single = !Array.isArray(parsed);
    const messages: readonly unknown[] = single ? [parsed] : parsed;
    const good = messages.length > 0 && messages.length <= FETCHES_MAX && messages.every(isFetchMessage);
    return good ? { messages: messages as readonly FetchMessage[], single } : undefined;
  } catch {
    return undefined;
  }
}

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
}

async function bodyText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString();
}

function problem(message: string, code = 'BAD_USER_INPUT'): string {
  return JSON.stringify({ errors: [{ message, extensions: { code } }] });
}

function answer(response: ServerResponse, status: number, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': bytes.length });
  response.end(bytes);
}
