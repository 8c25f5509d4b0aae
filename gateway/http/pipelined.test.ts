import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { afterEach, describe, expect, it } from 'vitest';
import type { Handler } from './handler.ts';
import { PIPELINED_MAX } from './pipelined.ts';
import { type HttpServer, openHttpServer } from './server.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

let server: HttpServer;
afterEach(async () => await server.close());

async function open(handler: Handler): Promise<void> {
  server = await openHttpServer({
    ...{ host: '127.0.0.1', port: 0, log: memoryLog(), handler },
    upgrade: (_, socket) => socket.destroy(),
  });
}

/** Sends so many requests in one write, and again as soon as all of these have been answered; gives how many answers came until the connection was closed, or all of them have. */
function sent(requests: number, writes = 1): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    const came = () => text.split('HTTP/1.1 200').length - 1;
    socket.on('data', (bytes) => {
      text += String(bytes);
      if (came() >= requests * writes) socket.destroy();
      else if (came() === requests * written) write();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(came()));
    let written = 0;
    const write = (): void => {
      written += 1;
      socket.write(REQUEST.repeat(requests));
    };
    write();
  });
}

describe('requests of one connection', () => {
  it('are all answered when as many are under way as may be', async () => {
    await open((_, response) => void setImmediate(() => response.end('x')));
    expect(await sent(PIPELINED_MAX)).toBe(PIPELINED_MAX);
  });

  it('are answered on and on as long as those before have been', async () => {
    await open((_, response) => void response.end('x'));
    expect(await sent(PIPELINED_MAX, 3)).toBe(3 * PIPELINED_MAX);
  });

  it('are ended with the connection when one more is under way, and what was sent behind it is not even read', async () => {
    const handled: unknown[] = [];
    await open((request) => void handled.push(request));
    let read = 0;
    const count = (message: unknown) => {
      const { port } = (message as { server: Server }).server.address() as { port: number };
      if (port === server.port) read += 1;
    };
    subscribe('http.server.request.start', count);
    expect(await sent(1_000)).toBe(0);
    unsubscribe('http.server.request.start', count);
    expect(handled).toHaveLength(PIPELINED_MAX);
    expect(read).toBe(PIPELINED_MAX + 1);
  });

  it('can be read from another connection at once', async () => {
    await open((_, response) => void setImmediate(() => response.end('x')));
    await sent(1_000);
    expect(await sent(PIPELINED_MAX)).toBe(PIPELINED_MAX);
  });
});
