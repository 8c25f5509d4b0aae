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
  /** Takes bytes as they come. Returns a fault after which nothing more can be read. */
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

/** A reader at the start of a stream. */
export function frameReader(options: FrameOptions): FrameReader {
  const frame: { -readonly [K in keyof Frame]: Frame[K] } = {
    header: 0,
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    bodyBytes: 0,
  };
  let rest: Buffer | undefined;
  let skipBytes = 0;
  let stopped = false;

  /** Sets `frame` to the packet at `at`: false when it is not whole yet. */
  function find(bytes: Buffer, at: number): boolean | FrameFault {
    let length = 0;
    let start = at + 1;
    for (let shift = 0; ; shift += 7) {
      if (shift === LENGTH_BYTES_MAX * 7) return 'BAD_LENGTH';
      const byte = bytes[start];
      if (byte === undefined) return false;
      length |= (byte & 127) << shift;
      start += 1;
      if (byte < 128) break;
    }
    if (length > options.packetBytesMax) return 'PACKET_TOO_LARGE';
    const end = start + Math.min(length, options.keptBytesMax);
    if (end > bytes.length) return false;
    frame.header = bytes[at] ?? 0;
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.bodyBytes = length;
    return true;
  }

  function read(bytes: Buffer): FrameFault | undefined {
    let at = 0;
    while (at < bytes.length && !stopped) {
      if (skipBytes > 0) {
        const skipped = Math.min(skipBytes, bytes.length - at);
        skipBytes -= skipped;
        at += skipped;
        continue;
      }
      const found = find(bytes, at);
      if (found === false) break;
      if (found !== true) return found;
      at = frame.end;
      skipBytes = frame.bodyBytes - (frame.end - frame.start);
      stopped = !options.onFrame(frame);
    }
    rest = at < bytes.length ? bytes.subarray(at) : undefined;
    return undefined;
  }

  return {
    push(chunk) {
      const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
      if (stopped) {
        rest = bytes;
        return undefined;
      }
      return read(bytes);
    },
    resume() {
      stopped = false;
      return rest ? read(rest) : undefined;
    },
  };
}
