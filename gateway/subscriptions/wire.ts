import type { Duplex } from 'node:stream';

/**
 * What lies below a WebSocket, where nothing is compressed and no message is sent in pieces, so that a whole frame may be written past `ws`. While nothing
 * waits, a frame is handed to the kernel at once, past Node's streams as well: for thousands of clients of one event these cost more than the kernel does.
 * Plain state and functions over it: each object less that a delivery touches is a cache miss less.
 */
export interface Wire {
  /** Whether a frame would go out at once. */
  isClear: boolean;
  /** Whether a frame has been written since this was last made false. */
  hasWritten: boolean;
  /** Undefined where Node's streams are all there is, and when the connection is closing. */
  handle: Handle | undefined;
  readonly connection: Duplex;
  /** Bytes handed to the kernel past the stream that it has not taken yet. */
  unsentBytes: number;
  readonly waiting: (() => void)[];
}

/** The parts of Node's own handle of a TCP connection that are used. */
interface Handle {
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number;
  /** Writes at once what the kernel takes, and the rest in the name of the request. Gives 0, or the number of an error. */
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
}

/** What Node asks for with each write; used up only when the kernel does not take everything at once. */
interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** Keeps the bytes while the kernel has not taken them. */
  bytes?: Buffer;
}

const Request = writeRequest();
let spare = Request && new Request();

/** Node has no public name for it. Without one, frames take the way of streams. */
function writeRequest(): (new () => WriteRequest) | undefined {
  try {
    const { binding } = process as unknown as { binding(name: string): { WriteWrap?: new () => WriteRequest } };
    return binding('stream_wrap').WriteWrap;
  } catch {
    return undefined;
  }
}

function handleOf(connection: Duplex): Handle | undefined {
  const { _handle: handle } = connection as { readonly _handle?: Partial<Handle> };
  const isKnown = typeof handle?.writeBuffer === 'function' && typeof handle.writeQueueSize === 'number';
  return spare && isKnown ? (handle as Handle) : undefined;
}

/** The wire of a connection of which nobody has written anything that still waits. */
export function openWire(connection: Duplex): Wire {
  const handle = handleOf(connection);
  const isClear = handle !== undefined;
  return { isClear, hasWritten: false, handle, connection, unsentBytes: 0, waiting: [] };
}

/** Writes a whole frame behind everything that was written before. */
export function writeFrame(wire: Wire, frame: Buffer): void {
  wire.hasWritten = true;
  const { handle } = wire;
  if (!wire.isClear || !handle || !spare) {
    wire.connection.write(frame);
    lookAgain(wire);
  } else if (handle.writeBuffer(spare, frame) !== 0) {
    giveUp(wire);
  } else if (handle.writeQueueSize > 0) keepRest(wire, frame, handle.writeQueueSize);
}

/** To be called when something was written to the connection that a later frame must not overtake. */
export function lookAgain(wire: Wire): void {
  wire.isClear = wire.handle !== undefined && bufferedBytes(wire) === 0;
}

/** Bytes written that the client has not taken. */
export function bufferedBytes({ connection, unsentBytes }: Wire): number {
  return connection.writableLength + unsentBytes;
}

/** Calls back, once, when the client has taken what was written, or soon when that is little. */
export function onceTaken(wire: Wire, taken: () => void): void {
  const { connection, unsentBytes, waiting } = wire;
  if (unsentBytes > 0) waiting.push(taken);
  else if (connection.writableNeedDrain) connection.once('drain', taken);
  else setImmediate(taken);
}

/** The connection is closing: from now on only `ws` writes to it. */
export function closeWire(wire: Wire): void {
  wire.isClear = false;
  wire.handle = undefined;
}

function giveUp(wire: Wire): void {
  closeWire(wire);
  wire.connection.destroy();
}

/** The kernel has not taken all of a frame: the request is used up. */
function keepRest(wire: Wire, frame: Buffer, unsentBytes: number): void {
  if (!spare || !Request) return;
  wire.isClear = false;
  wire.unsentBytes = unsentBytes;
  spare.bytes = frame;
  spare.oncomplete = (status) => {
    wire.unsentBytes = 0;
    if (status < 0) giveUp(wire);
    for (const taken of wire.waiting.splice(0)) taken();
  };
  spare = new Request();
}
