import type { Server, Socket } from 'node:net';

/**
 * Closes connections whose time without a request, or without taking anything, is over; but first looks at what has come meanwhile. After a turn
 * of the event loop that took long, timers come before what waits to be read: a request would be answered by a reset of its connection.
 */
export function closeWhenIdle(server: Server): void {
  server.on('timeout', (socket: Socket) => {
    const { bytesRead } = socket;
    // What waits is read between timers and this.
    setImmediate(() => {
      if (socket.bytesRead === bytesRead) socket.destroy();
    });
  });
}
