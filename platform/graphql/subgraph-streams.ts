/** Subscriptions of one subgraph for the gateway: graphql-transport-ws, all of them over one connection. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { OperationTypeNode } from 'graphql';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../errors.ts';
import { NOTHING, type PlacedEvents, type StreamEvent, type StreamPart } from './port.ts';
import type { ServedDocument } from './served-documents.ts';
import { isFetchMessage, ran, type Serving } from './serving.ts';
import { errorMessage, type FetchMessage, placeText, resultText, signedText, withCursor } from './subgraph-wire.ts';

/** WebSockets of gateways. */
export interface SubgraphStreams {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

const PROTOCOL = 'graphql-transport-ws';
const MESSAGE_BYTES_MAX = 1024 * 1024;
const INIT_WITHIN_MS = 3_000;
/** Streams of one gateway. */
const STREAMS_MAX = 50_000;
const EVENTS_AT_ONCE_MAX = 64;
/** Events of one stream that wait for the gateway; the oldest is dropped, and counted, beyond it. */
const EVENTS_WAITING_MAX = 1_024;
/** Bytes that the gateway has not taken yet before events wait here. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;
const CLOSE = { goingAway: 1001, badMessage: 4400, unauthorized: 4401, tooLate: 4408, tooMany: 4429 } as const;

interface Connection {
  readonly serving: Serving;
  readonly socket: WebSocket;
  readonly streams: Map<string, Stream>;
  readonly dropped: () => void;
  /** The gateway has said who it is. */
  acknowledged: boolean;
}

interface Stream {
  /** Missing until the resolver has given its events. */
  events: AsyncIterator<unknown> | undefined;
  open: boolean;
}

export function openSubgraphStreams(serving: Serving, refused: () => void): SubgraphStreams {
  const { clock, log, metrics } = serving;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const dropped = metrics.counter('subgraph_events_dropped_total', 'Events that the gateway did not take in time.', {
    subgraph: serving.subgraph.name,
  });
  const labels = { subgraph: serving.subgraph.name };
  const connections = 'Connections of gateways for subscriptions.';
  metrics.gauge('subgraph_gateway_connections', connections, () => server.clients.size, labels);
  const accept = (socket: WebSocket): void => {
    const connection: Connection = {
      serving,
      socket,
      streams: new Map(),
      dropped: () => dropped.add(),
      acknowledged: false,
    };
    const initialised = new AbortController();
    void clock.sleep(INIT_WITHIN_MS, initialised.signal).then(() => {
      if (!connection.acknowledged) socket.close(CLOSE.tooLate, 'Connection initialisation timeout');
    });
    socket.on('error', (error) => log.debug({ error }, 'a connection of the gateway failed'));
    socket.once('close', () => {
      initialised.abort();
      for (const stream of connection.streams.values()) end(stream);
      connection.streams.clear();
    });
    socket.on('message', (text) => {
      if (!hear(connection, String(text))) refused();
    });
  };
  return {
    upgrade: (request, socket, head) => server.handleUpgrade(request, socket, head, accept),
    async close() {
      for (const socket of server.clients) socket.close(CLOSE.goingAway, 'Going away');
      server.close();
    },
  };
}

interface ProtocolMessage {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly payload?: unknown;
}

/** Does what a message asks for. False when it was not signed by the gateway. */
function hear(connection: Connection, text: string): boolean {
  const { socket, streams, acknowledged } = connection;
  const message = parsed(text);
  if (message?.type === 'connection_init') return greet(connection, message.payload);
  if (message?.type === 'ping') socket.send('{"type":"pong"}');
  else if (message?.type === 'pong') return true;
  else if (!acknowledged) {
    socket.close(CLOSE.unauthorized, 'Unauthorized');
    return false;
  } else if (typeof message?.id !== 'string') socket.close(CLOSE.badMessage, 'Not a message of the protocol');
  else if (message.type === 'complete') {
    end(streams.get(message.id));
    streams.delete(message.id);
  } else if (message.type === 'subscribe' && isFetchMessage(message.payload)) {
    return subscribe(connection, message.id, message.payload);
  } else socket.close(CLOSE.badMessage, 'Not a message of the protocol');
  return true;
}

function parsed(text: string): ProtocolMessage | undefined {
  try {
    return JSON.parse(text) as ProtocolMessage;
  } catch {
    return undefined;
  }
}

function greet(connection: Connection, payload: unknown): boolean {
  const token = (payload as { authorization?: unknown } | undefined)?.authorization;
  try {
    connection.serving.verifier.verify(typeof token === 'string' ? token : undefined, '');
  } catch (error) {
    connection.serving.log.warn({ error }, 'a connection that is not of the gateway was refused');
    connection.socket.close(CLOSE.unauthorized, 'Unauthorized');
    return false;
  }
  connection.acknowledged = true;
  connection.socket.send('{"type":"connection_ack"}');
  return true;
}

function subscribe(connection: Connection, id: string, message: FetchMessage): boolean {
  const { serving, streams, socket } = connection;
  const refuse = (error: unknown): void => {
    if (!streams.delete(id)) return;
    socket.send(`{"id":${JSON.stringify(id)},"type":"error","payload":${errorsText(serving, error)}}`);
  };
  if (streams.size >= STREAMS_MAX || streams.has(id)) {
    socket.close(CLOSE.tooMany, 'Too many streams, or the same twice');
    return true;
  }
  const stream: Stream = { events: undefined, open: true };
  streams.set(id, stream);
  try {
    const { viewer } = serving.verifier.verify(message.extensions?.authorization, signedText(message));
    const found = serving.documents.find(message);
    if (found.kind === 'refused') {
      streams.delete(id);
      socket.send(`{"id":${JSON.stringify(id)},"type":"error","payload":${JSON.stringify(found.errors)}}`);
      return true;
    }
    if (found.document.kind !== OperationTypeNode.SUBSCRIPTION) throw new AppError('BAD_USER_INPUT', 'a subscription');
    const part = message.extensions?.part;
    const context = () => ({ ...serving.subgraph.context(viewer), ...(part ? { part } : {}) });
    const { document } = found;
    const most = message.extensions?.most ?? Number.POSITIVE_INFINITY;
    const subject = { id, stream, document, variables: message.variables ?? {}, context, part, most };
    void deliver(connection, subject).catch(refuse);
    return true;
  } catch (error) {
    refuse(error);
    return !(error instanceof AppError && error.code === 'UNAUTHENTICATED');
  }
}

function errorsText({ report }: Serving, error: unknown): string {
  return JSON.stringify([errorMessage(error, report)]);
}

interface Subject {
  readonly id: string;
  readonly stream: Stream;
  readonly document: ServedDocument;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: () => ReturnType<Serving['subgraph']['context']>;
  readonly part: StreamPart | undefined;
  /** Events of a part that ends by itself. */
  readonly most: number;
}

/** Executes events and sends them until either side ends the stream. */
async function deliver(connection: Connection, subject: Subject): Promise<void> {
  const { socket, streams, serving } = connection;
  const { subgraph, report } = serving;
  const { id, stream, document, variables, context, part, most } = subject;
  const events = await document.subscribe(context(), variables);
  if (!stream.open) return release(events);
  stream.events = events;
  const frame = (payload: string) => `{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`;
  const { startCursor: cursor } = events as PlacedEvents;
  socket.send(frame(JSON.stringify({ extensions: { listening: true, cursor } })));
  const waiting: unknown[] = [];
  let failure: { readonly error: unknown } | undefined;
  const failed = (error: unknown): void => {
    failure ??= { error };
    release(events);
  };
  const worker = sender(waiting, failed, async (batch) => {
    const shared = context();
    const isNothing = (event: unknown) => subgraph.resumable && (event as StreamEvent<unknown>).value === NOTHING;
    const run = (event: unknown) => (isNothing(event) ? undefined : ran(() => document.run(event, shared, variables)));
    for (const [index, running] of batch.map(run).entries()) {
      const cursor = subgraph.resumable ? (batch[index] as StreamEvent<unknown>).cursor : undefined;
      const result = await running;
      const text = frame(result ? withCursor(resultText(result, report), cursor) : placeText(cursor));
      if (stream.open) await written(socket, text);
    }
  });
  const ends = part !== undefined && part.kind !== 'live';
  for (let given = 0; !(ends && given >= most); given += 1) {
    // What ends by itself waits for the gateway; what happens does not.
    if (ends && waiting.length >= EVENTS_AT_ONCE_MAX) await worker.idle();
    const next = await events.next();
    if (!stream.open) return;
    if (next.done === true) break;
    waiting.push(next.value);
    if (waiting.length > EVENTS_WAITING_MAX) {
      waiting.shift();
      connection.dropped();
    }
    worker.wake();
  }
  if (ends) release(events);
  await worker.idle();
  if (failure) throw failure.error;
  if (streams.delete(id)) socket.send(`{"id":${JSON.stringify(id)},"type":"complete"}`);
}

/** Sends; waits only while the other end does not take what it was sent. */
function written(socket: WebSocket, text: string): Promise<void> | undefined {
  if (socket.bufferedAmount < BUFFERED_BYTES_MAX) {
    socket.send(text);
    return undefined;
  }
  return new Promise((resolve) => socket.send(text, () => resolve()));
}

/** Works through what waits, the events of one turn of the event loop together. */
function sender(
  waiting: unknown[],
  failed: (error: unknown) => void,
  work: (batch: readonly unknown[]) => Promise<void>,
) {
  let working: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await work(waiting.splice(0, EVENTS_AT_ONCE_MAX));
  };
  return {
    wake(): void {
      working ??= drain()
        .catch(failed)
        .finally(() => {
          working = undefined;
        });
    },
    async idle(): Promise<void> {
      await working;
    },
  };
}

function end(stream: Stream | undefined): void {
  if (!stream) return;
  stream.open = false;
  if (stream.events) release(stream.events);
}

/** Some iterators only listen to `return` once their `next` has been answered, so nobody waits for it. */
function release(events: AsyncIterator<unknown>): void {
  Promise.resolve(events.return?.()).catch(() => undefined);
}
