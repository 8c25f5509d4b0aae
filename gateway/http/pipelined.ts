import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection under way. Browsers have one at a time; programs that pipeline have few. */
export const PIPELINED_MAX = 16;

/** What Node's reader of requests is told by whoever a request comes to: what follows is another protocol, so that it reads no further. */
const NO_FURTHER = 2;

/** Counts the requests of each connection that are under way. */
export interface Pipelined {
  /** False for one too many: its connection is ended, with what else was sent over it. */
  enters(request: IncomingMessage, response: ServerResponse): boolean;
}

export function openPipelined(): Pipelined {
  const underWay = new WeakMap<Socket, number>();
  return {
    enters({ socket }, response) {
      const others = underWay.get(socket) ?? 0;
      if (socket.destroyed) return false;
      if (others >= PIPELINED_MAX) {
        hangUp(socket);
        return false;
      }
      underWay.set(socket, others + 1);
      response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
      return true;
    },
  };
}

/** A connection in Node's hands. Of its reader nothing is documented; where it is another one, it reads to the end of what has come. */
interface Read {
  readonly parser?: { onIncoming?: () => number } | null;
}

/** Ends a connection in the midst of what it sent. Node would first read all that came at once, some 500 requests in 64 KiB, and make an error for each when the connection closes. */
function hangUp(socket: Socket): void {
  const { parser } = socket as Read;
  if (parser?.onIncoming) parser.onIncoming = () => NO_FURTHER;
  socket.destroy();
}
