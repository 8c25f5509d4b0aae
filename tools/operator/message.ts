/** Readings as a device sends them, packed into messages. */

/** One reading in the native format; values by message key, as `pm2_5`. */
export interface Reading {
  readonly timeMs: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Longest message that the platform takes. */
export const MESSAGE_BYTES_MAX = 8 * 1024;
const READINGS_MAX = 500;

/** Topic of a device's measurements. */
export function measurementsTopic(deviceId: string): string {
  return `greencity/v1/${deviceId}/measurements`;
}

/** A reading as JSON text, plain ASCII. */
export function readingText({ timeMs, values }: Reading): string {
  return JSON.stringify({ time: new Date(timeMs).toISOString(), values });
}

export interface Message {
  readonly payload: string;
  readonly readings: number;
}

/** Packs readings into as few messages as their length allows: one alone as an object, several as an array. */
export function* packMessages(readings: Iterable<Reading>): Generator<Message> {
  let texts: string[] = [];
  let bytes = 2;
  for (const reading of readings) {
    const text = readingText(reading);
    if (texts.length > 0 && (bytes + text.length + 1 > MESSAGE_BYTES_MAX || texts.length >= READINGS_MAX)) {
      yield pack(texts);
      texts = [];
      bytes = 2;
    }
    texts.push(text);
    bytes += text.length + 1;
  }
  if (texts.length > 0) yield pack(texts);
}

function pack(texts: readonly string[]): Message {
  return { payload: texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`, readings: texts.length };
}
