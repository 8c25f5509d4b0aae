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
import { clientCounts } from './client-counts.ts';
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
    perMessageDeflate: false,
    clientTracking: true,
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
    const closed = protocol.opened(connectionOf(socket, client.outbox, log), client);
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
        socket.close(CLOSE.tooSlow, 'Messages were not taken in time');
        socket.terminate();
      },
    }),
  };
}

async function connect(
  { authenticate, clock }: WebSocketDependencies,
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
    if (error instanceof AppError) return false;
    throw error;
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

function connectionOf(socket: WebSocket, outbox: Outbox<SocketMessage>, log: Logger) {
  return {
    protocol: socket.protocol,
    send: (text: string) => outbox.send({ kind: 'text', text, length: text.length }),
    close: (code?: number, reason?: string) => socket.close(code, reason),
    onMessage: (listener: (message: string) => Promise<void>) => {
      socket.on('message', (message) => {
        listener(String(message)).catch((error: unknown) => {
          log.error({ error }, 'a message over WebSocket failed unexpectedly');
          socket.close(CloseCode.InternalServerError, 'Internal server error');
        });
      });
    },
  };
}
