/**
 * The short way of a message: one reading in ASCII without a fault, as nearly all are, read from its bytes in one pass. Whatever is not surely such a
 * reading is left to `native.ts`, which decides; for what is taken here it would have taken the same.
 */
import { METRICS, metricDefinition } from '@greencity/air/metric';
import { type ReadingLimits, timeFault } from '@greencity/air/reading';

/** A reading, its values still in the sender's own words. */
export interface PlainReading {
  readonly timeMs: number;
  readonly timeSource: 'device' | 'server';
  readonly bootId: number | undefined;
  readonly seq: number | undefined;
  /** JSON text of the object: known metrics, each once, all of them numbers that are possible. */
  readonly valuesText: string;
}

const [QUOTE, COMMA, MINUS, POINT, ZERO, NINE, COLON] = [0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39, 0x3a];
const [OPEN, CLOSE, SPACE] = [0x7b, 0x7d, 0x20];
const NONE = -1;
/** So many digits are a whole number that is exact, and so is its quotient by a power of ten, rounded once. */
const DIGITS_MAX = 15;
const POWERS_OF_TEN = Array.from({ length: DIGITS_MAX + 1 }, (_, digits) => 10 ** digits);

/** Where the reading of the present message stands. One message is read at a time, to its end, in one turn. */
const cursor: { bytes: Buffer; at: number; end: number } = { bytes: Buffer.alloc(0), at: 0, end: 0 };

interface Name {
  readonly bytes: Buffer;
  /** Its bit among those of the same object. */
  readonly bit: number;
}

interface MetricName extends Name {
  readonly low: number;
  readonly high: number;
}

/** By the sum of a name (`sumOf`): no two of one object have the same, which `byName` makes sure of. */
type Names<N extends Name> = ReadonlyMap<number, N>;

const FIELDS = byName(['time', 'bootId', 'seq', 'values'].map((name, index) => ({ ...nameOf(name, index), name })));
const VALUES = byName(
  METRICS.map((metric, index): MetricName => {
    const { key, possible } = metricDefinition(metric);
    return { ...nameOf(key, index), low: possible[0], high: possible[1] };
  }),
);

function nameOf(name: string, index: number): Name {
  return { bytes: Buffer.from(name), bit: 1 << index };
}

function byName<N extends Name>(names: readonly N[]): Names<N> {
  const found = new Map(names.map((name) => [sumOf(name.bytes, 0, name.bytes.length), name]));
  if (found.size !== names.length) throw new Error('two names have the same sum');
  return found;
}

function sumOf(bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 1) sum = (Math.imul(sum, 31) + (bytes[at] ?? 0)) | 0;
  return sum;
}

/** The reading that these bytes are, or undefined when that takes more to say. */
export function plainReading(payload: Uint8Array, limits: ReadingLimits): PlainReading | undefined {
  cursor.bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  cursor.at = 0;
  cursor.end = payload.length;
  if (!passes(OPEN)) return undefined;
  let timeMs = limits.receivedAtMs;
  let timeSource: PlainReading['timeSource'] = 'server';
  let bootId: number | undefined;
  let seq: number | undefined;
  let valuesText: string | undefined;
  let seen = 0;
  do {
    const field = name(FIELDS);
    if (!field || (seen & field.bit) !== 0) return undefined;
    seen |= field.bit;
    switch (field.name) {
      case 'time':
        timeMs = time();
        timeSource = 'device';
        if (Number.isNaN(timeMs)) return undefined;
        break;
      case 'values':
        valuesText = values();
        if (valuesText === undefined) return undefined;
        break;
      default: {
        const count = wholeNumber();
        if (count === undefined) return undefined;
        if (field.name === 'seq') seq = count;
        else bootId = count;
      }
    }
  } while (passes(COMMA));
  if (!passes(CLOSE) || next() !== NONE || valuesText === undefined || timeFault(timeMs, limits)) return undefined;
  return { timeMs, timeSource, bootId, seq, valuesText };
}

/** The byte that comes next behind blanks, without passing it; NONE at the end. */
function next(): number {
  const { bytes, end } = cursor;
  while (cursor.at < end) {
    const byte = bytes[cursor.at] ?? NONE;
    if (byte !== SPACE) return byte;
    cursor.at += 1;
  }
  return NONE;
}

function passes(byte: number): boolean {
  if (next() !== byte) return false;
  cursor.at += 1;
  return true;
}

/** One of the names, and passes it and the colon behind it. */
function name<N extends Name>(names: Names<N>): N | undefined {
  if (!passes(QUOTE)) return undefined;
  const { bytes, at: start, end } = cursor;
  let at = start;
  let sum = 0;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? NONE;
    if (byte === QUOTE) break;
    sum = (Math.imul(sum, 31) + byte) | 0;
  }
  const found = names.get(sum);
  if (!found || found.bytes.length !== at - start) return undefined;
  for (let index = 0; index < found.bytes.length; index += 1)
    if (bytes[start + index] !== found.bytes[index]) return undefined;
  cursor.at = at + 1;
  return passes(COLON) ? found : undefined;
}

/** The text of an object of possible values, and passes it. */
function values(): string | undefined {
  if (!passes(OPEN)) return undefined;
  const start = cursor.at - 1;
  let seen = 0;
  do {
    const metric = name(VALUES);
    if (!metric || (seen & metric.bit) !== 0) return undefined;
    seen |= metric.bit;
    const value = number();
    if (!(value >= metric.low && value <= metric.high)) return undefined;
  } while (passes(COMMA));
  return passes(CLOSE) ? cursor.bytes.toString('latin1', start, cursor.at) : undefined;
}

/** A number without an exponent that is exact to its last digit, and passes it; NaN for any other. A negative zero is another: it is written without its sign. */
function number(): number {
  const negative = passes(MINUS);
  const start = cursor.at;
  const whole = digits(0);
  const wholeDigits = cursor.at - start;
  if (wholeDigits === 0 || (wholeDigits > 1 && cursor.bytes[start] === ZERO)) return Number.NaN;
  let mantissa = whole;
  let places = 0;
  if (cursor.bytes[cursor.at] === POINT && cursor.at < cursor.end) {
    cursor.at += 1;
    const pointAt = cursor.at;
    mantissa = digits(whole);
    places = cursor.at - pointAt;
    if (places === 0) return Number.NaN;
  }
  if (wholeDigits + places > DIGITS_MAX || (negative && mantissa === 0)) return Number.NaN;
  const value = mantissa / (POWERS_OF_TEN[places] ?? Number.NaN);
  return negative ? -value : value;
}

/** Goes on with a whole number by the digits that follow, and passes them. */
function digits(before: number): number {
  const { bytes, end } = cursor;
  let value = before;
  let at = cursor.at;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? NONE;
    if (byte < ZERO || byte > NINE) break;
    value = value * 10 + (byte - ZERO);
  }
  cursor.at = at;
  return value;
}

function wholeNumber(): number | undefined {
  if (next() === MINUS) return undefined;
  const start = cursor.at;
  const count = number();
  // A point may stand in what is a whole number all the same; that is for others to say.
  for (let at = start; at < cursor.at; at += 1) if (cursor.bytes[at] === POINT) return undefined;
  return Number.isNaN(count) ? undefined : count;
}

const DATE_TIME = Buffer.from('0000-00-00T00:00:00');
const [DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS] = [86_400_000, 3_600_000, 60_000, 1_000];
const ZULU = 0x5a;
const FRACTION_DIGITS_MAX = 9;
const FIRST_YEAR = 1970;

/** Unix ms of an RFC 3339 time in UTC, cut to whole milliseconds, and passes it; NaN for any other. */
function time(): number {
  if (!passes(QUOTE)) return Number.NaN;
  const { bytes, at: start, end } = cursor;
  if (end - start < DATE_TIME.length + 2) return Number.NaN;
  for (let index = 0; index < DATE_TIME.length; index += 1) {
    const byte = bytes[start + index] ?? NONE;
    if (DATE_TIME[index] === ZERO ? byte < ZERO || byte > NINE : byte !== DATE_TIME[index]) return Number.NaN;
  }
  const dayMs = midnightMs(two(start) * 100 + two(start + 2), two(start + 5), two(start + 8));
  const [hour, minute, second] = [two(start + 11), two(start + 14), two(start + 17)];
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  cursor.at = start + DATE_TIME.length;
  const ms = fraction();
  if (bytes[cursor.at] !== ZULU) return Number.NaN;
  cursor.at += 1;
  if (cursor.at >= end || bytes[cursor.at] !== QUOTE) return Number.NaN;
  cursor.at += 1;
  return dayMs + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + ms;
}

/** The two digits at a place. */
function two(at: number): number {
  return ((cursor.bytes[at] ?? ZERO) - ZERO) * 10 + ((cursor.bytes[at + 1] ?? ZERO) - ZERO);
}

/** Whole milliseconds of a fraction of a second, where one follows, and passes it. */
function fraction(): number {
  if (cursor.bytes[cursor.at] !== POINT) return 0;
  cursor.at += 1;
  const start = cursor.at;
  const value = digits(0);
  const places = cursor.at - start;
  if (places === 0 || places > FRACTION_DIGITS_MAX) return Number.NaN;
  return places === 3 ? value : Math.floor((value * SECOND_MS) / (POWERS_OF_TEN[places] ?? Number.NaN));
}

/** Unix ms of the start of a day; NaN for one that is in no calendar, or before 1970. */
function midnightMs(year: number, month: number, day: number): number {
  if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return Number.NaN;
  // Years that begin in March have their odd day at the end: 153 days are five months of them.
  const fromMarch = month > 2 ? month - 3 : month + 9;
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return (years * 365 + leapDays + Math.floor((153 * fromMarch + 2) / 5) + day - DAYS_BEFORE_1970) * DAY_MS;
}

/** From 1 March of the year 0 to 1 January 1970, counted from 1. */
const DAYS_BEFORE_1970 = 719_469;

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
