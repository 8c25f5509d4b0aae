/** The native format: one reading or an array of them as JSON (docs/architecture.md). Pure: bytes in, readings and refusals out. */
import { isUtf8 } from 'node:buffer';
import { type AcceptedReading, type ReadingLimits, type Refusal, readReading } from '@greencity/air/reading';
import type { DeadLetterReason } from '@greencity/schema/events/reading';

/** A part of a message that was not taken, as it is kept. */
export interface RefusedPart {
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** Values or readings that this stands for. */
  readonly count: number;
  /** The reading, or the whole message when no reading could be told apart. */
  readonly payload: string;
  readonly encoding: 'utf8' | 'base64';
}

export interface DecodedMessage {
  readonly readings: readonly AcceptedReading[];
  readonly refusals: readonly RefusedPart[];
}

export interface MessageLimits extends ReadingLimits {
  readonly readingsMax: number;
  readonly payloadBytesMax: number;
}

/** A message's bytes, and how many were sent: more than there are when it was cut. */
export interface MessageBytes {
  readonly payload: Uint8Array;
  readonly payloadBytes: number;
}

const NOTHING: readonly never[] = [];
const DETAIL_CHARACTERS_MAX = 500;
/** Lists and objects inside each other; a reading has three. What is deeper takes long to show: `JSON.stringify` looks at each level for each level below it. */
const LEVELS_MAX = 32;
/** `nan` and `inf`, as C prints a number that is none, where JSON wants a value. No lookbehind: it would be slow on long runs of blanks. */
const C_NUMBER = /[-+]?\b(?:nan|inf(?:inity)?)\b(?=\s*[,}\]])/gi;

/** Bytes as text, or as base64 when they are not UTF-8. A character that was cut at the end is left out. */
export function keptPayload({ payload, payloadBytes }: MessageBytes): Pick<RefusedPart, 'payload' | 'encoding'> {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const cutMax = payloadBytes > payload.length ? 3 : 0;
  for (let cut = 0; cut <= Math.min(cutMax, bytes.length); cut += 1) {
    const whole = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(whole)) return { payload: whole.toString('utf8'), encoding: 'utf8' };
  }
  return { payload: bytes.toString('base64'), encoding: 'base64' };
}

/** A refusal of a whole message. */
export function refusedMessage(message: MessageBytes, reason: DeadLetterReason, detail: string): RefusedPart {
  return { reason, detail: detail.slice(0, DETAIL_CHARACTERS_MAX), count: 1, ...keptPayload(message) };
}

/** JSON in a message, or why it is none. Firmware that prints NaN loses that value and not the others. */
export function parseJson(payload: Uint8Array): { readonly value: unknown } | { readonly fault: string } {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (!isUtf8(bytes)) return { fault: 'not UTF-8' };
  const text = bytes.toString('utf8');
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const mended = text.replace(C_NUMBER, 'null');
    if (mended === text) return { fault: (error as Error).message };
    try {
      return { value: JSON.parse(mended) };
    } catch {
      return { fault: (error as Error).message };
    }
  }
}

/** Readings of a message and what of it was refused. Everything that is not in `readings` is in `refusals`. */
export function decodeNative(message: MessageBytes, limits: MessageLimits): DecodedMessage {
  if (message.payloadBytes > limits.payloadBytesMax) {
    return refusal(message, 'TOO_LARGE', `${message.payloadBytes} bytes, ${limits.payloadBytesMax} are allowed`);
  }
  const parsed = parseJson(message.payload);
  if ('fault' in parsed) return refusal(message, 'MALFORMED_JSON', parsed.fault);
  const { value } = parsed;
  if (isDeeperThan(LEVELS_MAX, value)) return refusal(message, 'NOT_A_READING', `more than ${LEVELS_MAX} levels deep`);
  if (!Array.isArray(value)) {
    const { reading, refusals } = readReading(value, limits);
    const parts = refusals.length === 0 ? NOTHING : partsOf(refusals, keptPayload(message));
    return { readings: reading ? [reading] : NOTHING, refusals: parts };
  }
  if (value.length === 0) return refusal(message, 'NOT_A_READING', 'an array without readings');
  if (value.length > limits.readingsMax) {
    const detail = `${value.length} readings, ${limits.readingsMax} are allowed`;
    return refusal(message, 'TOO_MANY_READINGS', detail);
  }
  return decodeArray(value, limits);
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}

function refusal(message: MessageBytes, reason: DeadLetterReason, detail: string): DecodedMessage {
  return { readings: NOTHING, refusals: [refusedMessage(message, reason, detail)] };
}

function decodeArray(items: readonly unknown[], limits: MessageLimits): DecodedMessage {
  const readings: AcceptedReading[] = [];
  const parts: RefusedPart[] = [];
  for (const [index, item] of items.entries()) {
    const { reading, refusals } = readReading(item, limits);
    if (reading) readings.push(reading);
    if (refusals.length === 0) continue;
    const placed = refusals.map(({ reason, detail }) => ({ reason, detail: `[${index}].${detail}` }));
    parts.push(...partsOf(placed, { payload: JSON.stringify(item), encoding: 'utf8' }));
  }
  return { readings, refusals: parts };
}

/** One part for each reason, however many values it befell: a message makes a handful of dead letters at most. */
function partsOf(
  refusals: readonly Refusal[],
  kept: Pick<RefusedPart, 'payload' | 'encoding'>,
): readonly RefusedPart[] {
  const byReason = Map.groupBy(refusals, ({ reason }) => reason);
  return [...byReason].map(([reason, same]) => ({
    reason,
    detail: same
      .map(({ detail }) => detail)
      .join('; ')
      .slice(0, DETAIL_CHARACTERS_MAX),
    count: same.length,
    ...kept,
  }));
}
