import type { Fault } from './fault.ts';

/** Longest name of a device, zone or region. */
export const NAME_LENGTH_MAX = 200;

/** What the id of a device or zone must be. */
export const ID_REASON = 'must be 1 to 64 letters, digits, `-` or `_`';

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const CONTROL = /\p{Cc}/u;

/** Whether a text may be the id of a device or zone. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Line breaks and the like, which would break a table or a log line. */
export function holdsControlCharacters(text: string): boolean {
  return CONTROL.test(text);
}

/** A name for people: trimmed, one line, 1 to 200 characters. */
export function checkName(text: string, path: string, faults: Fault[]): string {
  const name = text.normalize('NFC').trim();
  if (name.length === 0 || name.length > NAME_LENGTH_MAX) {
    faults.push({ path, reason: `must be 1 to ${NAME_LENGTH_MAX} characters` });
  } else if (CONTROL.test(name)) faults.push({ path, reason: 'must not hold control characters' });
  return name;
}

/** A text as it is compared when upper and lower case are the same. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
