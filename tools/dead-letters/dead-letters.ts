/** Readings that were refused: shown, and sent through validation again. */
import type { Api } from '../operator/api.ts';

/** Most that one query gives. */
export const LETTERS_MAX = 1_000;
/** Letters of one mutation. */
const REPLAY_AT_ONCE = 100;
const PAYLOAD_SHOWN = 120;

export interface DeadLetter {
  readonly offset: string;
  readonly receivedAt: string;
  readonly deviceId: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly payload: string;
}

const DEAD_LETTERS = `query DeadLetters($first: Int!, $reason: String) {
  deadLetters(first: $first, reason: $reason) { offset receivedAt deviceId reason detail payload }
}`;
const REPLAY = `mutation ReplayDeadLetters($offsets: [ID!]!) {
  replayDeadLetters(offsets: $offsets) { replayed refused { offset reason } }
}`;

/** Newest first. @throws ApiError */
export async function listDeadLetters(
  api: Api,
  first: number,
  reason: string | undefined,
): Promise<readonly DeadLetter[]> {
  const { deadLetters } = await api.call<{ deadLetters: readonly DeadLetter[] }>(DEAD_LETTERS, {
    first,
    reason: reason ?? null,
  });
  return deadLetters;
}

export interface ReplayOutcome {
  readonly replayed: number;
  /** How many were refused again, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Sends letters through validation again, oldest first, as they came. @throws ApiError */
export async function replayDeadLetters(api: Api, letters: readonly DeadLetter[]): Promise<ReplayOutcome> {
  const offsets = letters.map(({ offset }) => offset).toReversed();
  const refused = new Map<string, number>();
  let replayed = 0;
  for (let from = 0; from < offsets.length; from += REPLAY_AT_ONCE) {
    const answer = await api.call<Answer>(REPLAY, { offsets: offsets.slice(from, from + REPLAY_AT_ONCE) });
    replayed += answer.replayDeadLetters.replayed;
    for (const { reason } of answer.replayDeadLetters.refused) refused.set(reason, (refused.get(reason) ?? 0) + 1);
  }
  return { replayed, refused };
}

interface Answer {
  readonly replayDeadLetters: {
    readonly replayed: number;
    readonly refused: readonly { readonly offset: string; readonly reason: string }[];
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** Text of a stranger, safe to print: no control characters that a terminal would obey. */
function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Two lines for a letter: what, and the message itself. */
export function letterText({ offset, receivedAt, deviceId, reason, detail, payload }: DeadLetter): string {
  const shown = printable(payload.slice(0, PAYLOAD_SHOWN));
  const more = payload.length > PAYLOAD_SHOWN ? ` ... (${payload.length} characters)` : '';
  return `${offset}  ${receivedAt}  ${printable(deviceId ?? 'unknown')}  ${reason}: ${printable(detail)}\n    ${shown}${more}`;
}
