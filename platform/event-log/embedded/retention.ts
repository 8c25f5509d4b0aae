/** Removes whole segments that are too old or too much. Retention wins over slow consumer groups: they are told how much they missed. */
import type { Retention } from '../port.ts';
import { removeSegment, type Segment } from './segment.ts';

/** The newest segment is closed once its first record is this part of the age limit old, so that a quiet topic expires too. */
const AGE_PARTS = 8;

export interface ExpireOptions {
  /** In order; expired ones are taken out. */
  readonly segments: Segment[];
  readonly retention: Extract<Retention, { kind: 'expire' }>;
  readonly nowMs: number;
  readonly roll: () => Promise<void>;
  readonly onExpired: (segment: Segment) => void;
}

/** A segment goes when its newest record is past the age, or while all of them together are too large. The newest segment stays, without records if need be. */
export async function expireSegments(options: ExpireOptions): Promise<void> {
  await removeExpired(options);
  // Only now, because it needs space, and what was just removed may have made some.
  const begunMs = options.segments.at(-1)?.firstAppendedAtMs;
  if (begunMs === undefined || begunMs >= options.nowMs - options.retention.ageMs / AGE_PARTS) return;
  await options.roll();
  await removeExpired(options);
}

async function removeExpired({ segments, retention, nowMs, onExpired }: ExpireOptions): Promise<void> {
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  for (let oldest = segments[0]; oldest && segments.length > 1; oldest = segments[0]) {
    const tooOld = (oldest.lastAppendedAtMs ?? 0) < nowMs - retention.ageMs;
    if (!tooOld && bytes <= retention.bytesMax) break;
    segments.shift();
    bytes -= oldest.bytes;
    await removeSegment(oldest);
    onExpired(oldest);
  }
}
