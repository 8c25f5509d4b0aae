/** The newest records of a topic in memory, as the same objects for every consumer. */
import type { LogRecord } from '../port.ts';

/** What a record object weighs beside its text, estimated. */
const RECORD_OVERHEAD_BYTES = 150;

export interface TailLimits {
  /** Kept even when every consumer has read it, so that one that catches up from disk can join. */
  readonly keptBytes: number;
  /** Never more than this: a consumer that is further behind reads from disk. */
  readonly bytesMax: number;
}

interface Group {
  readonly firstOffset: number;
  readonly records: readonly LogRecord[];
  readonly bytes: number;
}

export interface Tail {
  /** Offset from which memory has everything; the topic's end when it has nothing. */
  firstOffset(): number;
  /** Adds a durable group; `slowestOffset` is where the slowest reader of the tail stands. */
  add(records: readonly LogRecord[], slowestOffset: number): void;
  /** Up to `recordsMax` records from an offset that is not before `firstOffset`. */
  from(offset: number, recordsMax: number): readonly LogRecord[];
}

function weigh(records: readonly LogRecord[]): number {
  let bytes = 0;
  for (const record of records) bytes += RECORD_OVERHEAD_BYTES + record.key.length + record.value.length;
  return bytes;
}

/** An empty tail of a topic that ends at `endOffset`. */
export function openTail(endOffset: number, limits: TailLimits): Tail {
  const groups: Group[] = [];
  let bytes = 0;
  let end = endOffset;

  function groupAt(offset: number): number {
    let low = 0;
    let high = groups.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((groups[middle]?.firstOffset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  return {
    firstOffset: () => groups[0]?.firstOffset ?? end,
    add(records, slowestOffset) {
      const first = records[0];
      if (!first) return;
      const group = { firstOffset: first.offset, records, bytes: weigh(records) };
      groups.push(group);
      bytes += group.bytes;
      end = first.offset + records.length;
      for (let oldest = groups[0]; oldest && bytes > limits.keptBytes; oldest = groups[0]) {
        const read = oldest.firstOffset + oldest.records.length <= slowestOffset;
        if (!read && bytes <= limits.bytesMax) break;
        groups.shift();
        bytes -= oldest.bytes;
      }
    },
    from(offset, recordsMax) {
      const found: LogRecord[] = [];
      let at = offset;
      for (let index = groupAt(offset); index < groups.length && found.length < recordsMax; index += 1) {
        const group = groups[index];
        if (!group) break;
        const start = at - group.firstOffset;
        const part = group.records.slice(start, start + recordsMax - found.length);
        for (const record of part) found.push(record);
        at = group.firstOffset + group.records.length;
      }
      return found;
    },
  };
}
