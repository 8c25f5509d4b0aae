import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import type { Handler } from './handler.ts';
import { closeWhenIdle } from './idle-connections.ts';
import { openPipelined } from './pipelined.ts';
import { assertHeadsAreTold, ToldResponse } from './told-response.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly handler: Handler;
  /** Takes over a connection that asks for another protocol. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Ends what was upgraded, and streams that would never end by themselves; called first when the server closes. */
  readonly closing?: () => Promise<void>;
  readonly log: Logger;
}

export interface HttpServer extends AsyncDisposable {
  /** The port that was opened. */
  readonly port: number;
  /** Takes no new connection, lets requests end, and closes what is left after a while. */
  close(): Promise<void>;
}

/** Slow senders are cut off, so that they do not hold connections. */
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 30_000;
/** How soon after its time a slow sender is cut off. */
const CHECK_EVERY_MS = 1_000;
/** How long a connection may neither send nor take anything while it is answered: what it does not take is kept here. */
const STALLED_MS = 30_000;
const DRAIN_MS = 5_000;
/** Of the request line and the headers together. */
const HEAD_BYTES_MAX = 64 * 1024;

/** What is no HTTP gets a problem, too, and the connection ends. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, title] = UNREADABLE[error.code ?? ''] ?? ['400 Bad Request', 'The request is no HTTP.'];
  const body = JSON.stringify({ type: 'about:blank', status: Number.parseInt(status, 10), title });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const UNREADABLE: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The address and headers are too long together.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
};

/** Opens the one HTTP port. @throws AppError PORT_IN_USE, or BAD_SETTING for an address that is not this machine's or a port that it may not open */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, handler, upgrade, closing, log } = options;
  assertHeadsAreTold();
  const pipelined = openPipelined();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!pipelined.enters(request, response)) return;
    Promise.resolve(handler(request, response)).catch((error: unknown) => {
      log.error({ error }, 'a request failed unexpectedly');
      response.destroy();
    });
  };
  const server = createServer(
    {
      headersTimeout: HEADERS_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      maxHeaderSize: HEAD_BYTES_MAX,
      ServerResponse: ToldResponse,
    },
    answer,
  );
  server.setTimeout(STALLED_MS);
  closeWhenIdle(server);
  server.on('clientError', refuseUnreadable);
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => log.debug({ error }, 'a connection failed'));
    upgrade(request, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError('PORT_IN_USE', `${port}: set PORT to another port`, { cause: error })
          : new AppError('BAD_SETTING', `HOST ${host}, PORT ${port}: ${error.message}`, { cause: error }),
      );
    });
    server.listen(port, host, resolve);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const end = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await closing?.();
    server.closeIdleConnections();
    const impatience = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, DRAIN_MS);
    await closed;
    clearTimeout(impatience);
  };
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}
