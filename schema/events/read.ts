import type { z } from 'zod';

/** The outcome of reading a record: the event, or why it is none. */
export type ReadEvent<T> =
  | { readonly kind: 'event'; readonly event: T }
  | { readonly kind: 'unreadable'; readonly detail: string };

const kept = new WeakMap<object, ReadEvent<unknown>>();

/**
 * The event in a log record's JSON text, checked against its format. Kept beside the record object, so that several consumers of one process
 * parse it once. Each topic has one format; ask for a record always with the same one.
 */
export function readEvent<T>(record: { readonly value: string }, format: z.ZodType<T>): ReadEvent<T> {
  const known = kept.get(record);
  if (known) return known as ReadEvent<T>;
  const read = parse(record.value, format);
  kept.set(record, read);
  return read;
}

function parse<T>(text: string, format: z.ZodType<T>): ReadEvent<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { kind: 'unreadable', detail: `not JSON: ${(cause as Error).message}` };
  }
  const checked = format.safeParse(value);
  if (checked.success) return { kind: 'event', event: checked.data };
  const [issue] = checked.error.issues;
  return { kind: 'unreadable', detail: `${issue?.path.join('.') || 'event'}: ${issue?.message ?? 'wrong'}` };
}
