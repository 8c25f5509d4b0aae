/** Bytes that grow while they are written, and the small integers that the store's formats are made of. */

/** A buffer and the place of the next byte in it; for writing it grows, for reading `at` moves along. */
export interface Bytes {
  buffer: Uint8Array;
  at: number;
}

const TWO_31 = 2_147_483_648;

/** An empty buffer to write to. */
export function emptyBytes(capacity = 256): Bytes {
  return { buffer: new Uint8Array(capacity), at: 0 };
}

/** Makes room for `more` bytes behind `at`. */
export function reserve(bytes: Bytes, more: number): void {
  const needed = bytes.at + more;
  if (needed <= bytes.buffer.length) return;
  const grown = new Uint8Array(Math.max(needed, bytes.buffer.length * 2));
  grown.set(bytes.buffer.subarray(0, bytes.at));
  bytes.buffer = grown;
}

/** What was written so far; a view, valid until the next write. */
export function written(bytes: Bytes): Uint8Array {
  return bytes.buffer.subarray(0, bytes.at);
}

/** Writes a whole number from 0 to 2^53 - 1, seven bits a byte, lowest first. */
export function putVarint(bytes: Bytes, value: number): void {
  reserve(bytes, 8);
  const { buffer } = bytes;
  let { at } = bytes;
  let rest = value;
  while (rest >= TWO_31) {
    buffer[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    buffer[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  bytes.at = at;
}

/** Reads what `putVarint` wrote. */
export function getVarint(bytes: Bytes): number {
  const { buffer } = bytes;
  let byte = buffer[bytes.at++] as number;
  if (byte < 128) return byte;
  let value = byte & 127;
  let scale = 128;
  do {
    byte = buffer[bytes.at++] as number;
    value += (byte & 127) * scale;
    scale *= 128;
  } while (byte >= 128);
  return value;
}

/** Writes a whole number of either sign, |value| < 2^52, so that small ones are short. */
export function putSigned(bytes: Bytes, value: number): void {
  putVarint(bytes, value < 0 ? -2 * value - 1 : 2 * value);
}

/** Reads what `putSigned` wrote. */
export function getSigned(bytes: Bytes): number {
  const folded = getVarint(bytes);
  return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
}

/** Writes a double, eight bytes, little endian. */
export function putDouble(bytes: Bytes, value: number): void {
  reserve(bytes, 8);
  new DataView(bytes.buffer.buffer, bytes.buffer.byteOffset).setFloat64(bytes.at, value, true);
  bytes.at += 8;
}

/** Reads what `putDouble` wrote. */
export function getDouble(bytes: Bytes): number {
  const value = new DataView(bytes.buffer.buffer, bytes.buffer.byteOffset).getFloat64(bytes.at, true);
  bytes.at += 8;
  return value;
}

/** Writes a text with its length before it. */
export function putText(bytes: Bytes, text: string): void {
  const encoded = Buffer.from(text, 'utf8');
  putVarint(bytes, encoded.length);
  reserve(bytes, encoded.length);
  bytes.buffer.set(encoded, bytes.at);
  bytes.at += encoded.length;
}

/** Reads what `putText` wrote. */
export function getText(bytes: Bytes): string {
  const length = getVarint(bytes);
  const { buffer, byteOffset } = bytes.buffer;
  const text = Buffer.from(buffer, byteOffset + bytes.at, length).toString('utf8');
  bytes.at += length;
  return text;
}
