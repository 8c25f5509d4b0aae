/** Cuts a stream of bytes into MQTT packets without copying whole ones, and without ever holding more of one than the limit. */

/** One packet: its body lies in `bytes` from `start` to `end`. The object is used again for the next packet. */
export interface Frame {
  /** First byte: type and flags. */
  readonly header: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Length of the body as sent; more than `end - start` when the rest of it is passed over. */
  readonly bodyBytes: number;
}

export type FrameFault = 'BAD_LENGTH' | 'PACKET_TOO_LARGE';

export interface FrameReader {
  /** Takes bytes as they come; the caller may write over them afterwards. Returns a fault after which nothing more can be read. */
  push(chunk: Buffer): FrameFault | undefined;
  /** Goes on after `onFrame` had asked to stop. */
  resume(): FrameFault | undefined;
}

export interface FrameOptions {
  /** Of a longer body the rest is counted and passed over, not kept. */
  readonly keptBytesMax: number;
  /** A longer body is a fault. */
  readonly packetBytesMax: number;
  /** Handles a packet; false stops reading until `resume`. */
  readonly onFrame: (frame: Frame) => boolean;
}

const LENGTH_BYTES_MAX = 4;

type Found = { -readonly [K in keyof Frame]: Frame[K] };

/** Sets the frame to the packet that begins in its bytes at its start. Returns 0, or how many bytes of it are missing, as far as can be told. */
function find(frame: Found, { keptBytesMax, packetBytesMax }: FrameOptions): number | FrameFault {
  const { bytes, start: at } = frame;
  let length = 0;
  let start = at + 1;
  for (let shift = 0; ; shift += 7) {
    if (shift === LENGTH_BYTES_MAX * 7) return 'BAD_LENGTH';
    const byte = bytes[start];
    if (byte === undefined) return 1;
    length |= (byte & 127) << shift;
    start += 1;
    if (byte < 128) break;
  }
  if (length > packetBytesMax) return 'PACKET_TOO_LARGE';
  const end = start + Math.min(length, keptBytesMax);
  if (end > bytes.length) return end - bytes.length;
  frame.header = bytes[at] ?? 0;
  frame.start = start;
  frame.end = end;
  frame.bodyBytes = length;
  return 0;
}

/** A reader at the start of a stream. */
export function frameReader(options: FrameOptions): FrameReader {
  const frame: Found = { header: 0, bytes: Buffer.alloc(0), start: 0, end: 0, bodyBytes: 0 };
  /** While reading goes on, the beginning of one packet; else all that has come since it stopped. Memory of its own. */
  let rest: Buffer | undefined;
  /** Bytes that the packet which was not whole waits for, as far as can be told. */
  let missingBytes = 0;
  let skipBytes = 0;
  let stopped = false;

  function read(bytes: Buffer): FrameFault | undefined {
    let at = 0;
    while (at < bytes.length && !stopped) {
      if (skipBytes > 0) {
        const skipped = Math.min(skipBytes, bytes.length - at);
        skipBytes -= skipped;
        at += skipped;
        continue;
      }
      frame.bytes = bytes;
      frame.start = at;
      const missing = find(frame, options);
      if (typeof missing === 'string') return missing;
      missingBytes = missing;
      if (missing > 0) break;
      at = frame.end;
      skipBytes = frame.bodyBytes - (frame.end - frame.start);
      stopped = !options.onFrame(frame);
    }
    rest = at < bytes.length ? bytes.subarray(at) : undefined;
    return undefined;
  }

  /** Puts the packet that earlier bytes began together with what the chunk has of it, and reads it. Returns where the chunk goes on. */
  function finishBegun(begun: Buffer, chunk: Buffer): number | FrameFault {
    let at = 0;
    for (let before: Buffer | undefined = begun; before && at < chunk.length && !stopped; before = rest) {
      const end = Math.min(at + missingBytes, chunk.length);
      const fault = read(Buffer.concat([before, chunk.subarray(at, end)]));
      if (fault) return fault;
      at = end;
    }
    return at;
  }

  function keep(bytes: Buffer): void {
    if (bytes.length > 0) rest = rest ? Buffer.concat([rest, bytes]) : Buffer.from(bytes);
  }

  return {
    push(chunk) {
      const at = rest && !stopped ? finishBegun(rest, chunk) : 0;
      if (typeof at === 'string') return at;
      const bytes = at === 0 ? chunk : chunk.subarray(at);
      if (stopped || rest) {
        keep(bytes);
        return undefined;
      }
      const fault = read(bytes);
      if (rest) rest = Buffer.from(rest);
      return fault;
    },
    resume() {
      stopped = false;
      return rest ? read(rest) : undefined;
    },
  };
}
