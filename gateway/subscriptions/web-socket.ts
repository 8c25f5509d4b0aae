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
import type { Turns } from '../turns.ts';
import { type Arriving, openArriving } from './arriving.ts';
import { clientCounts } from './client-counts.ts';
import { type Outbox, type Outboxes, outboxes } from './outbox.ts';
import { openPings, type Pinged } from './pings.ts';
import { type SocketMessage, sharedFrame } from './socket-frames.ts';
import { type SocketClient, type SocketDependencies, socketOperations } from './socket-operations.ts';
import { bufferedBytes, closeWire, lookAgain, onceTaken, openWire, writeFrame } from './wire.ts';

const { OPEN } = WebSocket;

/** Close codes of our own, beside those of the graphql-transport-ws protocol. */
export const CLOSE = { goingAway: 1001, forbidden: 4403, tooSlow: 4429 } as const;

export interface WebSocketDependencies extends SocketDependencies {
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly turns: Turns;
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
  const { limits, clock, log, metrics, turns } = dependencies;
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
  const failed = (error: unknown): void => log.error({ error }, 'closing a WebSocket failed');
  const pings = openPings(clock, limits.pingEveryMs);
  const accept = (socket: WebSocket, request: IncomingMessage): void => {
    const giveUp = (): void => {
      slow.add();
      closeFirmly(socket, CLOSE.tooSlow, TOO_SLOW);
      gone(CLOSE.tooSlow, TOO_SLOW);
    };
    const client = openClient({ socket, connection: request.socket, outgoing, giveUp });
    const from = clientAddress(request);
    if (from !== undefined) client.viewer = { kind: 'anonymous', from };
    const tooMuch = (): void => closeFirmly(socket, CLOSE.tooSlow, 'Too many messages');
    const arriving = openArriving({ limits, clock, turns, from, tooMuch });
    const closed = protocol.opened(connectionOf(socket, { outbox: client.outbox, arriving, log }), client);
    const watched = pings.watch(pinged(socket, client));
    const gone = once((code: number, reason: string): void => {
      closeWire(client.wire);
      client.outbox.close();
      client.ended.abort();
      watched.leave();
      Promise.resolve(closed(code, reason)).catch(failed);
    });
    // A client that takes nothing is not answered: pongs would pile up.
    socket.on('ping', (data) => arriving.taken(data.length) && client.outbox.isClear() && socket.pong(data));
    socket.once('close', (code, reason) => gone(code, String(reason)));
    socket.on('error', (error) => log.debug({ error }, 'a WebSocket failed'));
    socket.on('pong', watched.heard);
  };
  const counts = clientCounts(limits.connectionsPerClientMax, limits.limitLocal);
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
      pings[Symbol.dispose]();
      for (const socket of server.clients) socket.close(CLOSE.goingAway, 'Going away');
      await drained(server.clients, clock);
      server.close();
    },
  };
}

/** How long clients may take to answer a goodbye. */
const GOODBYE_MS = 2_000;

const TOO_SLOW = 'Messages were not taken in time';

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
  if (socket.readyState !== OPEN) return;
  socket.close(code, reason);
  socket.pause();
  const impatience = setTimeout(() => socket.terminate(), LAST_WORD_MS).unref();
  socket.once('close', () => clearTimeout(impatience));
}

interface Connected {
  readonly socket: WebSocket;
  readonly connection: Duplex;
  readonly outgoing: Outboxes<SocketMessage>;
  /** The client takes nothing. */
  readonly giveUp: () => void;
}

function openClient({ socket, connection, outgoing, giveUp }: Connected): SocketClient {
  const wire = openWire(connection);
  const close = socket.close.bind(socket);
  // `ws` calls it as well, when the client says goodbye. No frame may follow that of closing.
  socket.close = (code, reason) => {
    closeWire(wire);
    close(code, reason);
  };
  const write = (message: SocketMessage): void => {
    if (socket.readyState !== OPEN) return;
    if (message.kind === 'shared') writeFrame(wire, sharedFrame(message.head, message.delivery));
    else {
      socket.send(message.text);
      lookAgain(wire);
    }
  };
  return {
    viewer: { kind: 'anonymous' },
    ended: new AbortController(),
    close: (code, reason) => socket.close(code, reason),
    wire,
    outbox: outgoing.open({
      bufferedBytes: () => bufferedBytes(wire),
      write,
      onDrain: (drained) => onceTaken(wire, drained),
      giveUp,
    }),
  };
}

function pinged(socket: WebSocket, { wire, outbox }: SocketClient): Pinged {
  return {
    wasWrittenTo() {
      const { hasWritten } = wire;
      wire.hasWritten = false;
      return hasWritten;
    },
    ping: () => socket.ping(),
    unanswered() {
      // The answer of a client that is slow may be behind all that it has not taken: that is for its outbox to judge.
      if (!outbox.isWaiting()) socket.terminate();
    },
  };
}

function once<Arguments extends readonly unknown[]>(run: (...given: Arguments) => void): (...given: Arguments) => void {
  let ran = false;
  return (...given) => {
    if (ran) return;
    ran = true;
    run(...given);
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
  readonly arriving: Arriving;
  readonly log: Logger;
}

/** `graphql-ws` takes it for our mistake when a client says what only servers say. */
function isOfServers(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type');
}

function connectionOf(socket: WebSocket, { outbox, arriving, log }: Messages) {
  const unreadable = (): void => socket.close(CloseCode.BadRequest, 'Invalid message received');
  return {
    protocol: socket.protocol,
    send: (text: string) => outbox.send({ kind: 'text', text, length: text.length }),
    close: (code?: number, reason?: string) => socket.close(code, reason),
    onMessage: (listener: (message: string) => Promise<void>) => {
      const read = (text: string): void => {
        if (socket.readyState !== OPEN) return;
        if (isTooDeep(text)) unreadable();
        else
          listener(text).catch((error: unknown) => {
            if (isOfServers(error)) return unreadable();
            log.error({ error }, 'a message over WebSocket failed unexpectedly');
            socket.close(CloseCode.InternalServerError, 'Internal server error');
          });
      };
      socket.on('message', (message: Buffer) => {
        if (socket.readyState === OPEN && arriving.taken(message.length)) arriving.inTurn(String(message), read);
      });
    },
  };
}
