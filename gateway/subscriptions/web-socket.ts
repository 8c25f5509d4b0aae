import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Authenticate } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import WebSocket, { WebSocketServer } from 'ws';
import { type Identity, identify, tokenEnded } from '../bearer.ts';
import { clientAddress } from '../http/client-address.ts';
import { isTooDeep } from '../http/json.ts';
import { clientCounts } from './client-counts.ts';
import { messagePace } from './message-pace.ts';
import { type Outbox, type Outboxes, outboxes } from './outbox.ts';
import { type SocketMessage, sharedFrame } from './socket-frames.ts';
import { type SocketClient, type SocketDependencies, socketOperations } from './socket-operations.ts';

const { OPEN } = WebSocket;

/** Close codes of our own, beside those of the graphql-transport-ws protocol. */
export const CLOSE = { goingAway: 1001, forbidden: 4403, tooSlow: 4429 } as const;

export interface WebSocketDependencies extends SocketDependencies {
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Pieces that a message, and a piece, may come in. Each is kept until the last is there, and takes more memory than what is in it. */
const FRAGMENTS_MAX = 128;
const CHUNKS_MAX = 1_024;

/** GraphQL over WebSocket, by the graphql-transport-ws protocol. */
export interface WebSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Looks after slow clients; to be called now and then. */
  check(nowMs: number): void;
  /** Tells each client that it should connect elsewhere, and waits until they are gone. */
  close(): Promise<void>;
}

export function openWebSockets(dependencies: WebSocketDependencies): WebSockets {
  const { limits, clock, log, metrics } = dependencies;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytesMax,
    maxFragments: FRAGMENTS_MAX,
    maxBufferedChunks: CHUNKS_MAX,
    perMessageDeflate: false,
    clientTracking: true,
    autoPong: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const conflated = metrics.counter('gateway_conflated_total', 'Messages that a newer one replaced for a slow client.');
  const slow = metrics.counter('gateway_slow_clients_total', 'Clients closed because they took nothing.');
  metrics.gauge('gateway_web_sockets', 'Open WebSocket connections.', () => server.clients.size);
  const outgoing = outboxes<SocketMessage>(limits, () => conflated.add());
  const protocol = makeServer<Record<string, unknown>, SocketClient>({
    connectionInitWaitTimeout: limits.connectionInitMs,
    ...socketOperations(dependencies),
    onConnect: ({ connectionParams, extra }) => connect(dependencies, connectionParams ?? {}, extra),
  });
  const accept = (socket: WebSocket, request: IncomingMessage): void => {
    const client = openClient({ socket, connection: request.socket, outgoing }, () => slow.add());
    const from = clientAddress(request);
    if (from !== undefined) client.viewer = { kind: 'anonymous', from };
    const pace = messagePace(limits, clock);
    const taken = (): boolean => {
      if (pace.allows()) return true;
      closeFirmly(socket, CLOSE.tooSlow, 'Too many messages');
      return false;
    };
    const closed = protocol.opened(connectionOf(socket, { outbox: client.outbox, taken, log }), client);
    // A client that takes nothing is not answered: pongs would pile up.
    socket.on('ping', (data) => taken() && client.outbox.isClear() && socket.pong(data));
    socket.once('close', (code, reason) => {
      client.outbox.close();
      client.ended.abort();
      alive.delete(socket);
      Promise.resolve(closed(code, String(reason))).catch((error: unknown) =>
        log.error({ error }, 'closing a WebSocket failed'),
      );
    });
    socket.on('error', (error) => log.debug({ error }, 'a WebSocket failed'));
    socket.on('pong', () => alive.add(socket));
    alive.add(socket);
  };
  const counts = clientCounts(limits.connectionsPerClientMax);
  const alive = new Set<WebSocket>();
  const pinging = clock.every(limits.pingEveryMs, () => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  });
  return {
    upgrade(request, socket, head) {
      if (request.url?.split('?', 1)[0] !== '/graphql') return refuse(socket, '404 Not Found');
      if (server.clients.size >= limits.connectionsMax) return refuse(socket, '503 Service Unavailable');
      const leave = counts.enter(clientAddress(request));
      if (!leave) return refuse(socket, '429 Too Many Requests');
      socket.once('close', leave);
      server.handleUpgrade(request, socket, head, accept);
    },
    check: (nowMs) => outgoing.check(nowMs),
    async close() {
      pinging[Symbol.dispose]();
      for (const socket of server.clients) socket.close(CLOSE.goingAway, 'Going away');
      await drained(server.clients, clock);
      server.close();
    },
  };
}

/** How long clients may take to answer a goodbye. */
const GOODBYE_MS = 2_000;

async function drained(clients: ReadonlySet<WebSocket>, clock: Clock): Promise<void> {
  const stop = new AbortController();
  const gone = [...clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await Promise.race([Promise.all(gone), clock.sleep(GOODBYE_MS, stop.signal)]);
  stop.abort();
  for (const socket of clients) socket.terminate();
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** How long a client may take to learn why it is closed. */
const LAST_WORD_MS = 5_000;

/** Says why, reads nothing more, and hangs up in a while: a client that is slow learns the reason behind what it still has to take. */
function closeFirmly(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  socket.pause();
  const impatience = setTimeout(() => socket.terminate(), LAST_WORD_MS).unref();
  socket.once('close', () => clearTimeout(impatience));
}

interface Connected {
  readonly socket: WebSocket;
  /** What lies below the WebSocket, where nothing is compressed and no message is sent in pieces: a whole frame may be written past it. */
  readonly connection: Duplex;
  readonly outgoing: Outboxes<SocketMessage>;
}

function openClient({ socket, connection, outgoing }: Connected, slow: () => void): SocketClient {
  const writeFrame = (frame: Buffer): void => {
    if (socket.readyState === OPEN) connection.write(frame);
  };
  const write = (message: SocketMessage): void => {
    if (message.kind === 'text') socket.send(message.text);
    else writeFrame(sharedFrame(message.head, message.delivery));
  };
  return {
    viewer: { kind: 'anonymous' },
    ended: new AbortController(),
    close: (code, reason) => socket.close(code, reason),
    writeFrame,
    outbox: outgoing.open({
      bufferedBytes: () => connection.writableLength,
      write,
      onDrain: (drained) => {
        if (connection.writableNeedDrain) connection.once('drain', drained);
        else setImmediate(drained);
      },
      giveUp: () => {
        slow();
        closeFirmly(socket, CLOSE.tooSlow, 'Messages were not taken in time');
      },
    }),
  };
}

async function connect(
  { authenticate, budgets, clock }: WebSocketDependencies,
  parameters: Readonly<Record<string, unknown>>,
  client: SocketClient,
): Promise<boolean> {
  try {
    const identity = await identify(
      authenticate,
      parameters['authorization'] ?? parameters['Authorization'],
      client.viewer.from,
    );
    client.viewer = identity.viewer;
    if (identity.token !== undefined) endWithToken(client, identity, { authenticate, clock });
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await budgets.fine(client.viewer.from ?? '');
    return false;
  }
}

function endWithToken(
  client: SocketClient,
  identity: Identity,
  { authenticate, clock }: Pick<WebSocketDependencies, 'authenticate' | 'clock'>,
): void {
  const { signal } = client.ended;
  void tokenEnded(identity, { authenticate, clock, signal }).then(() => {
    if (!signal.aborted) client.close(CLOSE.forbidden, 'The token has ended');
  });
}

interface Messages {
  readonly outbox: Outbox<SocketMessage>;
  /** Whether a message that came is to be read. */
  readonly taken: () => boolean;
  readonly log: Logger;
}

function connectionOf(socket: WebSocket, { outbox, taken, log }: Messages) {
  return {
    protocol: socket.protocol,
    send: (text: string) => outbox.send({ kind: 'text', text, length: text.length }),
    close: (code?: number, reason?: string) => socket.close(code, reason),
    onMessage: (listener: (message: string) => Promise<void>) => {
      socket.on('message', (message) => {
        if (socket.readyState !== OPEN || !taken()) return;
        const text = String(message);
        if (isTooDeep(text)) return socket.close(CloseCode.BadRequest, 'Invalid message received');
        listener(text).catch((error: unknown) => {
          log.error({ error }, 'a message over WebSocket failed unexpectedly');
          socket.close(CloseCode.InternalServerError, 'Internal server error');
        });
      });
    },
  };
}
