/** Moments and lengths of time: Unix milliseconds inside, RFC 3339 and ISO 8601 outside. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;
const WEEK_MS = 7 * DAY_MS;

/** Weeks stand alone in ISO 8601; years and months are left out on purpose, having no fixed length. */
const DURATION = /^P(?:(\d+)W|(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?)$/;

/** Milliseconds of an ISO 8601 duration such as PT1H or P1D; undefined for anything else, years and months included. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const [, weeks, days, hours, minutes, seconds] = match;
  const ms =
    Number(weeks ?? 0) * WEEK_MS +
    Number(days ?? 0) * DAY_MS +
    Number(hours ?? 0) * HOUR_MS +
    Number(minutes ?? 0) * MINUTE_MS +
    Math.round(Number(seconds ?? 0) * SECOND_MS);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** ISO 8601 duration of a non-negative number of milliseconds: whole days as P1D, else hours, minutes and seconds as PT36H or PT1M30S. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms % DAY_MS === 0) return `P${ms / DAY_MS}D`;
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const seconds = (ms % MINUTE_MS) / SECOND_MS;
  const text = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  return `PT${text || '0S'}`;
}

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** The years that four digits can say, in UTC. */
const [YEAR_0_MS, YEAR_10000_MS] = [-62_167_219_200_000, 253_402_300_800_000];

/** Unix ms of an RFC 3339 time with `Z` or an offset, of the years 0 to 9999 in UTC, cut to whole milliseconds; undefined for anything else, such as 30 February. A leap second counts as the second after it. */
export function parseInstantMs(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  // `Date.UTC` takes a year below 100 for one of the twentieth century.
  const date = new Date(0);
  const midnightMs = date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const offsetMs = (Number(offsetHours) * HOUR_MS + Number(offsetMinutes) * MINUTE_MS) * (sign === '-' ? -1 : 1);
  const fractionMs = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const clockMs = Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS + Number(second) * SECOND_MS + fractionMs;
  const ms = midnightMs + clockMs - offsetMs;
  return ms >= YEAR_0_MS && ms < YEAR_10000_MS ? ms : undefined;
}

/** Start of the bucket that a moment lies in. Buckets are aligned to the Unix epoch, so that hours and days are those of UTC. */
export function bucketStart(timeMs: number, intervalMs: number): number {
  return Math.floor(timeMs / intervalMs) * intervalMs;
}
