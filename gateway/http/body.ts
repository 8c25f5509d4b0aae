import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@greencity/platform/errors';
import type { Turns } from '../turns.ts';
import { clientAddress } from './client-address.ts';

/** A request's body, or why there is none. */
export type Body =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'refused'; readonly error: AppError }
  /** Not in UTF-8: what stood in the place of the wrong bytes would be kept in the place of what was meant. */
  | { readonly kind: 'no-text' }
  | { readonly kind: 'broken' };

export interface BodyReading {
  readonly bytesMax: number;
  /** Whose turn it is to have a long body made sense of; without it everybody's. */
  readonly turns?: Turns;
}

/** Pieces that a body comes in: the smallest chunk is worth as much work as one of 64 KiB. */
const PIECES_MAX = 2_048;

/** What a body may be, for those whose is too large. */
export function bodyLimit({ bytesMax }: BodyReading): string {
  return `At most ${bytesMax} bytes, in ${PIECES_MAX} pieces.`;
}

/** Making sense of a longer text takes as long as many an operation: it is done in its client's turn. */
const UNHURRIED_BYTES = 16 * 1024;

export function isUnhurried(bytes: number): boolean {
  return bytes > UNHURRIED_BYTES;
}

/** Waits until it is the client's turn to have a text of so many bytes made sense of; gives why it is refused where too much of this client waits. */
export async function turnToRead(
  request: IncomingMessage,
  bytes: number,
  turns: Turns | undefined,
): Promise<AppError | undefined> {
  if (!isUnhurried(bytes)) return undefined;
  try {
    await turns?.take(clientAddress(request));
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** Reads a body of at most so many bytes and pieces, and stops reading beyond it. A long one is there when it is its client's turn. */
export async function readBody(request: IncomingMessage, { bytesMax, turns }: BodyReading): Promise<Body> {
  const read = await readChunks(request, bytesMax);
  if (!Array.isArray(read)) return read;
  const bytes = read.reduce((sum, chunk) => sum + chunk.length, 0);
  const error = await turnToRead(request, bytes, turns);
  return error ? { kind: 'refused', error } : textOf(read);
}

/** Listens itself: an iterator over the request costs more than the body. */
function readChunks(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Buffer[] | Extract<Body, { kind: 'too-large' | 'broken' }>> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.resolve({ kind: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax && chunks.length < PIECES_MAX) {
        chunks.push(chunk);
        return;
      }
      stopReading(request);
      resolve({ kind: 'too-large' });
    });
    request.on('end', () => resolve(chunks));
    request.on('error', () => resolve({ kind: 'broken' }));
    request.on('close', () => resolve({ kind: 'broken' }));
  });
}

/** Of Node's, not in its documents: what comes of the body is let go as it is read. */
interface Dumped {
  _dumped: boolean;
}

/** Reads no more of a connection. What has come already, thousands of chunks in 64 KiB, Node goes through to its end: each is let go there, where it would be kept for a reader. */
function stopReading(request: IncomingMessage): void {
  request.removeAllListeners('data');
  (request as IncomingMessage & Dumped)._dumped = true;
  request.pause();
  request.socket.pause();
}

function textOf(chunks: readonly Buffer[]): Body {
  const [first] = chunks;
  const bytes = first && chunks.length === 1 ? first : Buffer.concat(chunks);
  return isUtf8(bytes) ? { kind: 'text', text: bytes.toString('utf8') } : { kind: 'no-text' };
}
