import { DAY_MS } from '@greencity/air/time';
import { csvRows, valueAt } from './columns.ts';
import type { Endpoint } from './endpoint.ts';

/** The data of an operation's answer. Rejects when there is an error in it: with TooLong when the answer is more than one call gives. */
export type Ask = (variables: Readonly<Record<string, unknown>>) => Promise<unknown>;

export class TooLong extends Error {}

/** The first window of a range; windows grow while answers are small, and shrink where one is too long. */
const FIRST_WINDOW_MS = DAY_MS;
const WINDOW_MS_MIN = 1_000;
/** A window with fewer rows is followed by one of twice the length. */
const ROWS_FEW = 5_000;

/**
 * The rows of a range of any length as CSV, one chunk for each answer: page by page where the operation has pages, and within a page in order of time.
 * @throws TooLong when one second holds more than a call gives
 */
export async function* exported(
  endpoint: Endpoint,
  variables: Readonly<Record<string, unknown>>,
  ask: Ask,
): AsyncGenerator<string> {
  const { result, after } = endpoint;
  let page: Readonly<Record<string, unknown>> = variables;
  for (;;) {
    let info: unknown;
    for await (const { text, data } of windows(endpoint, page, ask)) {
      info = valueAt(data, [...result, 'pageInfo']);
      if (text !== '') yield text;
    }
    const { hasNextPage, endCursor } = (info ?? {}) as { hasNextPage?: unknown; endCursor?: unknown };
    if (!after || hasNextPage !== true || typeof endCursor !== 'string') return;
    page = { ...variables, [after.variable]: endCursor };
  }
}

interface Chunk {
  readonly text: string;
  readonly data: unknown;
}

async function* windows(
  { table, rest: { range } }: Endpoint,
  variables: Readonly<Record<string, unknown>>,
  ask: Ask,
): AsyncGenerator<Chunk> {
  if (!table || !range) throw new Error('expected an endpoint that can be exported');
  const endMs = Date.parse(String(variables[range.to]));
  let fromMs = Date.parse(String(variables[range.from]));
  let windowMs = FIRST_WINDOW_MS;
  while (fromMs < endMs) {
    const toMs = Math.min(endMs, fromMs + windowMs);
    let data: unknown;
    try {
      data = await ask({ ...variables, [range.from]: iso(fromMs), [range.to]: iso(toMs) });
    } catch (error) {
      if (!(error instanceof TooLong) || toMs - fromMs <= WINDOW_MS_MIN) throw error;
      windowMs = Math.max(WINDOW_MS_MIN, Math.floor((toMs - fromMs) / 2));
      continue;
    }
    const rows = [...csvRows(table, data)];
    yield { text: rows.join(''), data };
    if (rows.length < ROWS_FEW) windowMs *= 2;
    fromMs = toMs;
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
