import { AppError } from '@greencity/platform/errors';
import type { EventLog, LogRecord } from '@greencity/platform/event-log/port';
import { readEvent } from '@greencity/schema/events/read';
import { type DeadLetter, deadLetterFormat } from '@greencity/schema/events/reading';

const TOPIC = 'raw.measurements.dlq';
/** Letters of one answer, and of one replay. */
export const LETTERS_MAX = 1_000;
/** Letters of each partition that one search looks through for a reason. */
const SEARCHED_MAX = 100_000;
const STEP = 1_000;

/** A dead letter with its place in the log. */
export interface FiledLetter {
  /** Its offset, behind its partition where that is not the first: `17`, `3-17`. */
  readonly offset: string;
  readonly letter: DeadLetter;
}

interface Place {
  readonly partition: number;
  readonly offset: number;
}

function nameOf({ partition, offset }: Place): string {
  return partition === 0 ? String(offset) : `${partition}-${offset}`;
}

function placeOf(name: string): Place | undefined {
  const match = /^(?:(\d{1,6})-)?(\d{1,15})$/.exec(name);
  return match ? { partition: Number(match[1] ?? 0), offset: Number(match[2]) } : undefined;
}

/** What validation makes of a dead letter that is sent again. */
export type Redeliver = (
  letter: DeadLetter,
) => Promise<{ readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly reason: string }>;

export interface Replayed {
  readonly replayed: number;
  readonly refused: readonly { readonly offset: string; readonly reason: string }[];
}

/** What was refused, and the way to send it again. */
export interface DeadLetterBox {
  /** Newest first; with a reason, among the newest 100,000 letters of each partition. @throws AppError BAD_USER_INPUT beyond 1,000 */
  newest(first: number, reason: string | undefined): Promise<readonly FiledLetter[]>;
  /** One after the other, in the order given. @throws AppError BAD_USER_INPUT beyond 1,000 */
  replay(offsets: readonly string[]): Promise<Replayed>;
}

/** The box over the topic of dead letters. */
export function createDeadLetterBox(eventLog: EventLog, redeliver: Redeliver): DeadLetterBox {
  async function replayOne(name: string): Promise<string | undefined> {
    const place = placeOf(name);
    if (!place || place.partition >= eventLog.partitions(TOPIC)) return 'NOT_FOUND: not the offset of a dead letter';
    const [record] = await eventLog.read(TOPIC, place.partition, place.offset, 1);
    if (record?.offset !== place.offset) return 'NOT_FOUND: there is no dead letter at this offset, or no longer';
    const filed = filedIn(record);
    if (!filed) return 'UNREADABLE_RECORD: the letter itself cannot be read';
    const outcome = await redeliver(filed.letter);
    return outcome.kind === 'accepted' ? undefined : outcome.reason;
  }

  /** Newest first, of one partition. */
  async function newestOf(partition: number, first: number, reason: string | undefined): Promise<readonly Found[]> {
    const found: Found[] = [];
    const endOffset = await eventLog.endOffset(TOPIC, partition);
    const startOffset = Math.max(0, endOffset - SEARCHED_MAX);
    for (let end = endOffset; end > startOffset && found.length < first; end -= STEP) {
      const from = Math.max(startOffset, end - STEP);
      const records = await eventLog.read(TOPIC, partition, from, end - from);
      for (const record of records.toReversed()) {
        const filed = record.offset < end ? filedIn(record) : undefined;
        if (filed && (reason === undefined || filed.letter.reason === reason)) found.push({ record, filed });
      }
      // Retention took what lies before.
      if ((records[0]?.offset ?? end) > from) break;
    }
    return found;
  }

  return {
    async newest(first, reason) {
      if (first < 0 || first > LETTERS_MAX) throw new AppError('BAD_USER_INPUT', 'first: must be 0 to 1,000');
      const partitions = Array.from({ length: eventLog.partitions(TOPIC) }, (_, partition) => partition);
      const found = await Promise.all(partitions.map((partition) => newestOf(partition, first, reason)));
      // Stable: within a partition the order of the log stays.
      const newest = found.flat().sort((one, other) => other.record.appendedAtMs - one.record.appendedAtMs);
      return newest.slice(0, first).map(({ filed }) => filed);
    },
    async replay(offsets) {
      if (offsets.length > LETTERS_MAX) throw new AppError('BAD_USER_INPUT', 'offsets: at most 1,000 a call');
      const refused: { offset: string; reason: string }[] = [];
      for (const offset of offsets) {
        const reason = await replayOne(offset);
        if (reason !== undefined) refused.push({ offset, reason });
      }
      return { replayed: offsets.length - refused.length, refused };
    },
  };
}

interface Found {
  readonly record: LogRecord;
  readonly filed: FiledLetter;
}

function filedIn(record: LogRecord): FiledLetter | undefined {
  const read = readEvent(record, deadLetterFormat);
  return read.kind === 'event' ? { offset: nameOf(record), letter: read.event as DeadLetter } : undefined;
}
