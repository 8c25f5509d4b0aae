/** Makes attributes fit for a line of the log: secrets out, errors readable, size and depth bounded. */

const SECRET_KEY = /pass(word|phrase)|secret|token|authorization|credential|cookie|api[-_]?key|private[-_]?key/i;
const DEPTH_MAX = 6;
const ENTRIES_MAX = 100;
const TEXT_LENGTH_MAX = 8_192;

/** The attributes as plain JSON values. */
export function printable(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return fields(attributes, 0);
}

function fields(record: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record).slice(0, ENTRIES_MAX)) {
    if (value !== undefined) shown[key] = SECRET_KEY.test(key) ? '[redacted]' : shownValue(value, depth + 1);
  }
  return shown;
}

function shownValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cut(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : shownObject(value, depth);
    case 'undefined':
      return null;
    default:
      return String(value);
  }
}

function shownObject(value: object, depth: number): unknown {
  if (depth > DEPTH_MAX) return '[deeper]';
  if (value instanceof Error) return shownError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return fields(Object.fromEntries(value), depth);
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].slice(0, ENTRIES_MAX).map((item) => shownValue(item, depth + 1));
  }
  return fields(value, depth);
}

function shownError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...rest } = error;
  return {
    name: error.name ?? name,
    message: cut(error.message ?? message),
    ...fields(rest, depth),
    ...((error.stack ?? stack) && { stack: cut(error.stack ?? '') }),
    ...((error.cause ?? cause) !== undefined && { cause: shownValue(error.cause, depth + 1) }),
  };
}

function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}
