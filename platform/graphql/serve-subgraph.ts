/** One subgraph at the other end of a connection: answers the gateway over HTTP and, for subscriptions, over WebSocket, and nobody else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { OperationTypeNode } from 'graphql';
import { CLOCKS_APART_MS, gatewayVerifier, type SignedRequest } from './gateway-token.ts';
import type { SubgraphContext } from './port.ts';
import { servedDocuments } from './served-documents.ts';
import { isFetchMessage, ran, type ServeSubgraphOptions, type Serving } from './serving.ts';
import { answerJson, problem, readSigned, type SignedGuard } from './signed-requests.ts';
import { openSubgraphStreams } from './subgraph-streams.ts';
import { FETCHES_MAX, type FetchMessage, LINES_TYPE, resultText } from './subgraph-wire.ts';

/** One subgraph; whoever opens the port puts it at `subgraphPath` of its name. */
export interface ServedSubgraph {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the streams of subscriptions. */
  close(): Promise<void>;
}

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
  const guard: SignedGuard = { verifier: serving.verifier, log, refused: () => refused.add() };
  const once = tokensUsedOnce(clock.nowMs);
  const streams = openSubgraphStreams(serving, () => refused.add());
  return {
    upgrade: streams.upgrade,
    close: streams.close,
    async handle(request, response) {
      const read = await readSigned(request, response, guard);
      if (!read) return;
      const { body, signed } = read;
      const fetched = messagesIn(body);
      if (!fetched) return answerJson(response, 400, problem('not a fetch, nor up to 64 of them'));
      const { messages, single } = fetched;
      fetches.add(messages.length);
      const context = subgraph.context(signed.viewer);
      const replay = (): boolean => !once(signed);
      const execute = (message: FetchMessage) => fetchedText(serving, message, { context, replay });
      if (single) return answerJson(response, 200, await execute(messages[0] ?? {}));
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

/**
 * Tokens of mutations that were heard, until they end: a request that somebody recorded does nothing. What a process before this one heard is not known, so
 * that a token from before this one's start is taken for heard, as far as the clocks of both ends tell.
 */
function tokensUsedOnce(nowMs: () => number): (signed: SignedRequest) => boolean {
  const used = new Map<string, number>();
  const openedMs = nowMs();
  return ({ id, issuedMs, expiresMs }) => {
    if (issuedMs + CLOCKS_APART_MS < openedMs) return false;
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
