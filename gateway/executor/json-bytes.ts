/**
 * JSON in UTF-8, written piece by piece into one block of memory that all answers use, one after another: an answer is copied out of it when it is whole.
 * Pieces of text joined by the language are a tree of its strings instead, two for each field, which is walked once more and converted in the end.
 */
import { isPlain } from './leaves.ts';

/** Most answers fit; the block grows for one that does not. */
const BLOCK_BYTES = 65_536;
/** A block that grew beyond it is not kept for the next answer. */
const KEPT_BLOCK_BYTES_MAX = 1_048_576;
/** Longer strings are converted by the engine, which costs as much as copying some twenty characters one by one. */
const COPIED_LENGTH_MAX = 24;
/** A UTF-16 unit takes no more bytes than this. */
const BYTES_PER_UNIT_MAX = 3;

const [QUOTE, BACKSLASH, FIRST_PRINTABLE] = [0x22, 0x5c, 0x20];
/** What UTF-8 writes in one byte, and in two, ends before these. */
const [TWO_BYTES, THREE_BYTES] = [0x80, 0x800];

let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
let at = 0;

/** Begins anew: whatever stands in the block is dropped. */
export function beginJson(): void {
  at = 0;
  if (block.length > KEPT_BLOCK_BYTES_MAX) block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

/** Bytes in front of the next piece, for `writtenSince`. */
export function writtenBytes(): number {
  return at;
}

/** A copy of what was written since then, to be given away. */
export function writtenSince(start: number): Buffer {
  return copied(start, Buffer.allocUnsafe(at - start));
}

/** The same, to be kept: it shares its memory with nothing else. */
export function keptSince(start: number): Buffer {
  return copied(start, Buffer.allocUnsafeSlow(at - start));
}

function copied(start: number, into: Buffer): Buffer {
  block.copy(into, 0, start, at);
  return into;
}

/** Appends bytes of JSON. */
export function putBytes(bytes: Uint8Array): void {
  const { length } = bytes;
  const end = at + length;
  if (end > block.length) makeRoom(end);
  const into = block;
  for (let index = 0, to = at; index < length; index += 1, to += 1) into[to] = bytes[index] as number;
  at = end;
}

/** Appends JSON text. */
export function putJson(text: string): void {
  if (text.length > COPIED_LENGTH_MAX || !putAscii(text)) putConverted(text);
}

/** Appends what stands between the quotes of a string. What has to be is escaped; of it, half of a surrogate pair, which UTF-8 does not have. */
export function putInner(text: string): void {
  if (text.length <= COPIED_LENGTH_MAX && putPlain(text)) return;
  putConverted(isPlain(text) ? text : JSON.stringify(text).slice(1, -1));
}

/** Appends text unless something of it is not ASCII. */
function putAscii(text: string): boolean {
  const end = at + text.length;
  if (end > block.length) makeRoom(end);
  const into = block;
  for (let index = 0, to = at; to < end; index += 1, to += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= TWO_BYTES) return false;
    into[to] = unit;
  }
  at = end;
  return true;
}

/** Appends text unless something of it has to be escaped or takes more than two bytes. */
function putPlain(text: string): boolean {
  const { length } = text;
  const most = at + 2 * length;
  if (most > block.length) makeRoom(most);
  const into = block;
  let to = at;
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < TWO_BYTES) {
      if (unit < FIRST_PRINTABLE || unit === QUOTE || unit === BACKSLASH) return false;
      into[to] = unit;
      to += 1;
    } else {
      if (unit >= THREE_BYTES) return false;
      into[to] = 0xc0 | (unit >> 6);
      into[to + 1] = 0x80 | (unit & 0x3f);
      to += 2;
    }
  }
  at = to;
  return true;
}

function putConverted(text: string): void {
  const most = at + BYTES_PER_UNIT_MAX * text.length;
  if (most > block.length) makeRoom(most);
  at += block.write(text, at);
}

function makeRoom(bytes: number): void {
  let size = block.length;
  while (size < bytes) size *= 2;
  const larger = Buffer.allocUnsafeSlow(size);
  block.copy(larger, 0, 0, at);
  block = larger;
}
